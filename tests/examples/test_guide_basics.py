"""The guide's chapters 1 and 2: every program runs, and prints what it should."""

import signal

import pytest

ANY_PORT = "tcp://127.0.0.1:*"


def test_version_says_what_is_at_work(start):
    versions, verdict = start("version.py").finish()
    assert versions.startswith("ZeroMQ 4.3.5 behaviour, PyZMQ 27.3.0 API")
    assert verdict == "New enough for everything in this folder"


def test_hwclient_gets_ten_replies_from_hwserver(start):
    server = start("hwserver.py", ANY_PORT)
    client = start("hwclient.py", server.endpoint())
    assert client.finish()[1:] == [f"{number:2}. Hello World" for number in range(1, 11)]
    assert server.stop()[1:] == ["Received Hello"] * 10 + ["Stopped"]


def test_wuclient_collects_its_zip_code_from_wuserver(start):
    server = start("wuserver.py", ANY_PORT)
    updates = start("wuclient.py", "10003", "3", server.endpoint()).finish()
    assert [line.partition(":")[0] for line in updates[1:-1]] == ["10003"] * 3
    assert updates[-1].startswith("Mean temperature at 10003: ")
    server.stop()


def test_taskvent_taskwork_and_tasksink_share_a_batch(start):
    sink = start("tasksink.py", ANY_PORT)
    results = sink.endpoint()
    ventilator = start("taskvent.py", ANY_PORT, results, "10")
    tasks = ventilator.endpoint()
    workers = [start("taskwork.py", tasks, results) for _ in range(2)]
    for worker in workers:
        worker.wait_for("Ready for tasks")
    ventilator.enter()
    assert sink.finish()[-1].startswith("Collected 10 results in ")
    assert "Dealt 10 tasks: " in ventilator.finish()[-1]
    assert sum(line.startswith("Worked for ") for worker in workers for line in worker.stop()) == 10


def test_tasksink2_sends_taskwork2_home(start):
    sink = start("tasksink2.py", ANY_PORT, ANY_PORT)
    results, orders = sink.endpoint(), sink.endpoint()
    ventilator = start("taskvent.py", ANY_PORT, results, "10")
    tasks = ventilator.endpoint()
    workers = [start("taskwork2.py", tasks, results, orders) for _ in range(2)]
    for worker in workers:
        worker.wait_for("Ready for tasks")
    ventilator.enter()
    assert sink.finish()[-1] == "Collected 10 results: all workers may go home"
    for worker in workers:
        assert worker.finish()[-1] == "Told to stop"


@pytest.mark.parametrize("reader", ["msreader.py", "mspoller.py"])
def test_readers_of_two_sockets_read_both(start, reader):
    weather = start("wuserver.py", ANY_PORT)
    sink = start("tasksink.py", ANY_PORT)
    ventilator = start("taskvent.py", ANY_PORT, sink.endpoint(), "3")
    program = start(reader, ventilator.endpoint(), weather.endpoint())
    program.wait_for("weather: 10001 ")
    ventilator.enter()
    program.wait_for("task: ")
    program.stop()
    weather.stop()


@pytest.mark.parametrize("broker", ["rrbroker.py", "msgqueue.py"])
def test_rrclients_reach_rrworkers_through_a_broker(start, broker):
    middle = start(broker, ANY_PORT, ANY_PORT)
    frontend, backend = middle.endpoint(), middle.endpoint()
    workers = [start("rrworker.py", backend) for _ in range(2)]
    clients = [start("rrclient.py", frontend) for _ in range(2)]
    for client in clients:
        assert client.finish()[1:] == [f"Received World {number}" for number in range(1, 11)]
    assert sum(line.startswith("Received Hello") for worker in workers for line in worker.stop()) == 20
    middle.stop()


def test_wuproxy_passes_on_updates_and_subscriptions(start):
    server = start("wuserver.py", ANY_PORT)
    proxy = start("wuproxy.py", server.endpoint(), ANY_PORT)
    client = start("wuclient.py", "10005", "2", proxy.endpoint())
    assert client.finish()[-1].startswith("Mean temperature at 10005: ")
    proxy.stop()


def test_mtserver_answers_from_several_threads(start):
    server = start("mtserver.py", ANY_PORT, "3")
    address = server.endpoint()
    clients = [start("hwclient.py", address) for _ in range(2)]
    for client in clients:
        assert client.finish()[-1] == "10. Hello World"
    lines = server.stop()
    assert len({line.split()[1] for line in lines if line.startswith("Thread ")}) == 3
    assert sum(line.endswith("received Hello") for line in lines) == 20


def test_mtrelay_passes_the_signal_through_its_steps(start):
    assert [line.partition(":")[0] for line in start("mtrelay.py").finish()] == ["Step 1", "Step 2", "Step 3"]


def test_syncpub_waits_for_its_syncsubs_and_they_miss_nothing(start):
    publisher = start("syncpub.py", "2", "2000", ANY_PORT, ANY_PORT)
    endpoints = publisher.endpoint(), publisher.endpoint()
    subscribers = [start("syncsub.py", *endpoints) for _ in range(2)]
    for subscriber in subscribers:
        assert subscriber.finish()[-1] == "Received 2000 updates"
    assert publisher.finish()[-1] == "Published 2000 updates"


def test_psenvsub_receives_only_its_envelope(start):
    publisher = start("psenvpub.py", ANY_PORT)
    subscriber = start("psenvsub.py", "B", publisher.endpoint())
    for _ in range(2):
        subscriber.wait_for("[")
    assert set(subscriber.stop()[1:-1]) == {"[B] We would like to see this"}
    publisher.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_cleanly_on_a_signal(start, number):
    server = start("interrupt.py", ANY_PORT)
    start("hwclient.py", server.endpoint()).finish()
    assert server.interrupt(number)[1:] == [
        "Interrupted after 10 requests: here is the place to clean up",
        "Socket and context are closed",
    ]


def test_the_programs_run_over_the_side_they_are_said_to(start, tmp_path, request):
    program = tmp_path / "which.py"
    program.write_text("import purezmq.asyncio\nprint(purezmq.asyncio.Context.__module__)")
    side = "zmq" if "theirs" in request.node.name else "purezmq"
    assert start(program).finish() == [f"{side}.asyncio"]
