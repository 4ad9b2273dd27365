"""The guide's programs in asyncio, and one with Tornado's callbacks: every one runs, and prints what it should."""

import pytest

ANY_PORT = "tcp://127.0.0.1:*"


@pytest.mark.parametrize("client", ["hwclient.py", "async_hwclient.py"])
def test_async_hwserver_answers_and_ticks(start, client):
    server = start("async_hwserver.py", ANY_PORT)
    replies = start(client, server.endpoint()).finish()
    exchanges = sum(line.endswith(" Hello World") for line in replies)
    lines = server.stop()
    assert "Tick" in lines
    assert lines.count("Received Hello") == exchanges >= 10


def test_async_hwclient_holds_three_conversations_with_hwserver(start):
    server = start("hwserver.py", ANY_PORT)
    lines = start("async_hwclient.py", server.endpoint()).finish()
    for name in ("Ann", "Bob", "Cem"):
        said = [line for line in lines if line.startswith(name)]
        assert said == [f"{name} {number}: Hello World" for number in range(1, 6)]
    server.stop()


def test_async_pipeline_collects_every_result(start):
    *results, verdict = start("async_pipeline.py", "20", "4").finish()
    assert len(results) == 20
    assert {line.partition(":")[0] for line in results} == {f"worker {number}" for number in range(1, 5)}
    assert " ms of work took " in verdict


def test_async_lbbroker_serves_every_client_once(start):
    lines = start("async_lbbroker.py", "10", "3").finish()
    served = sorted(int(line.split()[1][:-1]) for line in lines if line.startswith("Client "))
    assert served == list(range(1, 11))
    assert "Served 10 clients" in lines  # PyZMQ may warn about a closed socket after it


def test_stream_lbbroker_serves_every_client_once(start):
    pytest.importorskip("tornado")
    lines = start("stream_lbbroker.py", "10", "3").finish()
    served = sorted(int(line.split()[1][:-1]) for line in lines if line.startswith("Client "))
    assert served == list(range(1, 11))
    assert "Served 10 clients" in lines  # PyZMQ may warn about a closed socket after it
