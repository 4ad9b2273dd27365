"""The guide's Binary Star and Freelance, servers that stand in for one another; round trips, and large files."""

import pytest

ANY_PORT = "tcp://127.0.0.1:*"


@pytest.fixture
def pair(start, tmp_path):
    """A function that starts the primary or the backup; and where clients connect."""
    ends = {
        role: (f"ipc://{tmp_path}/{role}", f"ipc://{tmp_path}/{role}-state") for role in ("primary", "backup")
    }

    def run(role):
        peer = "backup" if role == "primary" else "primary"
        return start("bstarsrv.py", role, *ends[role], ends[peer][1], "0.1")

    return run, [clients for clients, _ in ends.values()]


def test_bstar_shows_its_table(start):
    assert "passive  hears backup   → becomes active" in start("bstar.py").finish()


def test_bstarsrv_backup_takes_over_and_the_primary_stands_by_afterwards(start, pair):
    run, endpoints = pair
    primary, backup = run("primary"), run("backup")
    primary.wait_for("I am active")
    backup.wait_for("I am passive")
    client = start("bstarcli.py", *endpoints, "250")
    client.wait_for("from the primary")
    primary.kill()
    client.wait_for("no reply from the primary")
    backup.wait_for("I am active")
    client.wait_for("from the backup")
    run("primary").wait_for("I am passive")
    client.stop()


def test_bstarsrv_backup_does_not_serve_before_it_has_met_the_primary(start, pair):
    run, endpoints = pair
    run("backup").wait_for("Started as backup")
    client = start("bstarcli.py", *endpoints, "100", "1")
    client.wait_for("no reply from the backup")
    run("primary")
    assert client.finish()[-1] == "Request 1: reply 1 from the primary"


def test_flclient1_asks_the_next_when_one_is_not_there(start, tmp_path):
    server = start("flserver1.py", ANY_PORT)
    lines = start("flclient1.py", f"ipc://{tmp_path}/nobody", server.endpoint()).finish()
    assert lines[-1] == "Received Hello"
    assert len(lines) == 3
    server.stop()


def test_flclient1_gives_up_when_nobody_is_there(start, tmp_path):
    assert start("flclient1.py", f"ipc://{tmp_path}/nobody").finish()[-1] == "Nobody is there: giving up"


@pytest.mark.parametrize("servers", [1, 3])
def test_flclient2_takes_the_first_reply(start, tmp_path, servers):
    endpoints = [start("flserver2.py", ANY_PORT).endpoint() for _ in range(servers)]
    lines = start("flclient2.py", *endpoints, f"ipc://{tmp_path}/nobody").finish()
    assert lines[-1].startswith("100 requests took ")


def test_flclient3_asks_all_that_are_alive(start, tmp_path):
    names = [f"ipc://{tmp_path}/{number}" for number in range(3)]
    servers = [start("flserver3.py", name, name) for name in names[:2]]
    for server in servers:
        server.endpoint()
    lines = start("flclient3.py", *names).finish()
    assert len(lines) == 102
    assert {line.rpartition(" ")[2] for line in lines[1:-1]} <= set(names[:2])
    for server in servers:
        server.stop()


def test_tripping_measures_both_ways(start):
    lines = start("tripping.py", "50").finish()
    assert [line.partition(":")[0] for line in lines] == [
        "50 requests one after the other",
        "50 requests all at once",
    ]


def test_fileio_copies_a_file_whole(start):
    assert start("fileio.py", "3").finish()[-1] == "The copy is the same: 3,000,000 bytes"
