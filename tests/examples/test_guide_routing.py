"""The guide's chapter 3: every program runs, and prints what it should."""

import re

import pytest

CLUSTERS = ("DC1", "DC2", "DC3")


def test_identity_shows_an_id_that_was_made_and_one_that_was_chosen(start):
    lines = start("identity.py").finish()
    assert re.fullmatch(r"\[  5\] 0x00[0-9a-f]{8}", lines[1])
    assert lines[2] == "[  0] "[:-1]
    assert lines[4:] == ["-" * 60, "[  5] PEER2", "[  0]", "[ 32] ROUTER takes the id that I chose"]


@pytest.mark.parametrize("program", ["rtreq.py", "rtdealer.py"])
def test_router_gives_all_tasks_to_workers_that_ask(start, program):
    reports = [
        re.fullmatch(r"Worker (\d) did (\d+) tasks", line) for line in start(program, "20", "4").finish()
    ]
    assert sorted(report[1] for report in reports) == ["1", "2", "3", "4"]
    assert sum(int(report[2]) for report in reports) == 20


def test_lbbroker_serves_every_client_once(start):
    lines = start("lbbroker.py", "10", "3").finish()
    served = sorted(int(line.split()[1][:-1]) for line in lines if line.startswith("Client "))
    assert served == list(range(1, 11))
    assert "Served 10 clients" in lines


def test_asyncsrv_gives_clients_several_replies_to_one_request(start):
    lines = start("asyncsrv.py", "2", "3").finish()
    expected = [
        f"reply {reply} to request {request}" for request in (1, 2, 3) for reply in range(1, request + 1)
    ]
    for client in ("Client 1: ", "Client 2: "):
        replies = [line.removeprefix(client) for line in lines if line.startswith(client)]
        assert sorted(replies) == sorted(expected)


def test_peering1_clusters_hear_the_state_of_the_others(start):
    clusters = {name: start("peering1.py", name, *others(name)) for name in CLUSTERS}
    for name, cluster in clusters.items():
        for peer in others(name):
            cluster.wait_for(f"{name} hears: {peer} has ")
    for cluster in clusters.values():
        cluster.stop()


@pytest.mark.parametrize("program", ["peering2.py", "peering3.py"])
def test_peering_clusters_lend_one_another_workers(start, program):
    clusters = {name: start(program, name, *others(name)) for name in CLUSTERS}
    for name, cluster in clusters.items():
        cluster.wait_for(f"done in {name}")
    clusters["DC1"].wait_for("done in DC2")
    clusters["DC1"].wait_for("done in DC3")
    for cluster in clusters.values():
        cluster.stop()


def test_peering_starts_three_clusters_by_itself(start):
    clusters = start("peering1.py")
    clusters.wait_for("DC2 hears: DC3 has ")
    clusters.interrupt()


def others(name):
    return [other for other in CLUSTERS if other != name]
