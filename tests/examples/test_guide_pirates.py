"""The guide's pirates and the suicidal snail: what they do when things go wrong."""

ANY_PORT = "tcp://127.0.0.1:*"


def test_lpclient_tries_again_and_at_last_gives_up(start):
    server = start("lpserver.py", ANY_PORT, "0.4")
    lines = start("lpclient.py", server.endpoint(), "250").finish()
    for number in range(1, 6):
        assert f"Request {number}: reply {number}" in lines
    assert "Request 5: no reply, trying again" in lines
    assert lines[-4:] == [*[lines[-2]] * 3, "The server seems to be gone: giving up"]
    assert lines[-2].endswith(": no reply, trying again")
    assert server.finish()[-1] == "Pretending to crash"


def test_lpclient_goes_on_with_a_server_that_comes_back(start):
    server = start("lpserver.py", ANY_PORT, "0")
    address = server.endpoint()
    client = start("lpclient.py", address, "1000", "15")
    server.finish()
    start("lpserver.py", address, "0")
    assert client.finish()[-1] == "Request 15: reply 15"


def test_spqueue_survives_the_death_of_a_worker(start):
    queue = start("spqueue.py", ANY_PORT, ANY_PORT)
    frontend, backend = queue.endpoint(), queue.endpoint()
    mortal = start("spworker.py", backend, "2")
    start("spworker.py", backend, "0").wait_for("Working for")
    lines = start("lpclient.py", frontend, "800", "8").finish()
    assert [f"Request {number}: reply {number}" in lines for number in range(1, 9)] == [True] * 8
    assert mortal.finish()[-1] == "Pretending to crash"
    queue.stop()


def test_ppworker_reports_to_a_ppqueue_that_was_started_anew(start):
    queue = start("ppqueue.py", ANY_PORT, ANY_PORT, "0.1")
    frontend, backend = queue.endpoint(), queue.endpoint()
    worker = start("ppworker.py", backend, "0.1")
    queue.wait_for("is ready")
    queue.kill()
    worker.wait_for("The queue is silent")
    queue = start("ppqueue.py", frontend, backend, "0.1")
    assert start("lpclient.py", frontend, "2000", "5").finish()[-1] == "Request 5: reply 5"
    worker.stop()
    queue.stop()


def test_ppqueue_gives_no_work_to_a_worker_that_died(start):
    queue = start("ppqueue.py", ANY_PORT, ANY_PORT, "0.1")
    frontend, backend = queue.endpoint(), queue.endpoint()
    worker = start("ppworker.py", backend, "0.1")
    queue.wait_for("is ready")
    worker.kill()
    queue.wait_for("is silent: gone")
    start("ppworker.py", backend, "0.1")
    queue.wait_for("is ready")
    replies = start("lpclient.py", frontend, "5000", "3").finish()[1:]
    assert replies == [f"Request {n}: reply {n}" for n in (1, 2, 3)]


def test_suisnail_leaves_when_it_is_too_late(start):
    lines = start("suisnail.py", "100").finish()
    assert lines[-1].endswith("what I would say now is wrong, so I say nothing and leave")
    assert any(line.endswith(" ms behind") for line in lines)
