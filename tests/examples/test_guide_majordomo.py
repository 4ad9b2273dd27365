"""The guide's Majordomo and Titanic: services by name, and requests that survive."""

import pytest

ANY_PORT = "tcp://127.0.0.1:*"
BEAT = "0.2"  # seconds: workers and broker must agree about it


@pytest.fixture
def broker(start):
    return start("mdbroker.py", ANY_PORT, BEAT)


def test_mdp_shows_a_request_and_its_reply(start):
    lines = start("mdp.py").finish()
    assert lines[0].endswith(r"[b'', b'MDPW01', b'\x01', b'echo']")
    assert len(lines) == 5


def test_mdclient_reaches_an_mdworker_by_the_name_of_its_service(start, broker):
    address = broker.endpoint()
    worker = start("mdworker.py", "upper", address, BEAT)
    broker.wait_for("A worker for upper has come")
    assert start("mdclient.py", "upper", "3", address).finish()[1:] == [
        f"Received Hello {n}" for n in (1, 2, 3)
    ]
    assert worker.stop()[1:] == ["Echoing Hello 1", "Echoing Hello 2", "Echoing Hello 3", "Stopped"]
    broker.wait_for("A worker for upper has gone")
    broker.stop()


def test_mdclient2_has_all_its_replies_from_two_workers(start, broker):
    address = broker.endpoint()
    workers = [start("mdworker.py", "echo", address, BEAT) for _ in range(2)]
    for _ in workers:
        broker.wait_for("A worker for echo has come")
    assert start("mdclient2.py", "echo", "200", address).finish()[-1].startswith("Received 200 replies in ")
    assert [len(worker.stop()) > 2 for worker in workers] == [True, True]


def test_mdbroker_forgets_a_worker_that_died_and_mmiecho_says_so(start, broker):
    address = broker.endpoint()
    worker = start("mdworker.py", "echo", address, BEAT)
    broker.wait_for("A worker for echo has come")
    assert start("mmiecho.py", "echo", address).finish()[1:] == ["echo is offered"]
    worker.kill()
    broker.wait_for("A worker for echo has gone")
    assert start("mmiecho.py", "echo", address).finish()[1:] == ["echo is not offered by any worker"]


def test_mdworker_comes_back_to_a_broker_that_was_started_anew(start, broker):
    address = broker.endpoint()
    start("mdworker.py", "echo", address, BEAT)
    broker.wait_for("A worker for echo has come")
    broker.kill()
    again = start("mdbroker.py", address, BEAT)
    again.wait_for("A worker for echo has come")
    assert start("mdclient.py", "echo", "1", address).finish()[1:] == ["Received Hello 1"]


def test_titanic_keeps_a_request_until_somebody_can_answer_it(start, tmp_path):
    broker = start("mdbroker.py", ANY_PORT)  # its interval is the one of titanic
    address = broker.endpoint()
    titanic = start("titanic.py", address, str(tmp_path / "store"))
    for _ in range(3):
        broker.wait_for("A worker for titanic.")
    client = start("ticlient.py", "echo", address)
    client.wait_for("No reply yet")
    titanic.kill()
    start("mdworker.py", "echo", address)
    titanic = start("titanic.py", address, str(tmp_path / "store"))
    assert client.finish()[-2:] == ["Received Hello", "Closed the request"]
    assert list((tmp_path / "store").iterdir()) == []
    titanic.stop()
