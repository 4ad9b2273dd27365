"""The guide's chapter 5: advanced publish and subscribe."""

ANY_PORT = "tcp://127.0.0.1:*"


def test_espresso_shows_the_subscriptions_the_letters_and_the_cancellations(start):
    lines = start("espresso.py", "3").finish()
    heard = [line.removeprefix("Listener: ") for line in lines if line.startswith("Listener: ")]
    assert heard[:2] == ["a subscription to A", "a subscription to B"]
    assert sorted(heard[-2:]) == [f"nobody is subscribed to {letter} any more" for letter in "AB"]
    letters = [line.removeprefix("Subscriber: ") for line in lines if line.startswith("Subscriber: ")]
    assert len(letters) == 4
    assert set(letters[:3]) <= set(heard)


def test_lvcache_gives_a_late_pathosub_the_last_news(start):
    publisher = start("pathopub.py", ANY_PORT, "0.001")
    cache = start("lvcache.py", publisher.endpoint(), ANY_PORT)
    address = cache.endpoint()
    publisher.wait_for("Published the first news on 1000 topics")
    cache.wait_for("The first news has come")
    subscribers = [start("pathosub.py", "042", address) for _ in range(2)]
    for subscriber in subscribers:
        subscriber.wait_for("042: ")
    for program in (*subscribers, cache, publisher):
        program.stop()


def test_kvmsg_shows_its_parts(start):
    lines = start("kvmsg.py").finish()
    assert lines[0] == "b'/cities/paris'"
    assert lines[1] == r"b'\x00\x00\x00\x00\x00\x00\x00\x07'"
    assert lines[3:] == [r"b'ttl=10\n'", "b'sunny'"]


def test_clonecli1_follows_clonesrv1(start):
    server = start("clonesrv1.py", ANY_PORT)
    assert start("clonecli1.py", "10", server.endpoint()).finish()[-1].startswith("10 updates: I know ")
    server.stop()


def test_clonecli2_takes_the_table_and_misses_no_update_after_it(start):
    server = start("clonesrv2.py", ANY_PORT, ANY_PORT)
    ends = server.endpoint(), server.endpoint()
    clients = [start("clonecli2.py", "10", *ends) for _ in range(2)]
    for client in clients:
        _, first, *updates = client.finish()
        sequence = int(first.split()[5])
        assert [int(line.split()[1][:-1]) for line in updates] == list(range(sequence + 1, sequence + 11))
    server.stop()


def test_clonecli3_clients_see_the_same_changes_in_the_same_order(start):
    server = start("clonesrv3.py", ANY_PORT, ANY_PORT, ANY_PORT)
    ends = server.endpoint(), server.endpoint(), server.endpoint()
    clients = [start("clonecli3.py", "10", *ends) for _ in range(2)]
    seen = [client.finish()[2:] for client in clients]
    decided = server.stop()[3:-1]
    for updates in seen:
        assert updates == decided[decided.index(updates[0]) :][:10]


def test_clonecli4_sees_its_subtree_only(start):
    server = start("clonesrv4.py", ANY_PORT, ANY_PORT, ANY_PORT)
    ends = server.endpoint(), server.endpoint(), server.endpoint()
    clients = {subtree: start("clonecli4.py", subtree, "5", *ends) for subtree in ("/a/", "/b/")}
    for subtree, client in clients.items():
        updates = client.finish()[2:]
        assert [subtree in line for line in updates] == [True] * 5
    late = start("clonecli4.py", "/a/", "1", *ends).finish()
    assert int(late[1].split()[6]) >= 1
    server.stop()


def test_clonesrv5_deletes_what_has_expired_and_tells_clonecli5(start):
    server = start("clonesrv5.py", ANY_PORT, ANY_PORT, ANY_PORT)
    ends = server.endpoint(), server.endpoint(), server.endpoint()
    client = start("clonecli5.py", "/a/", "100", "0.05", *ends)
    client.wait_for(" = (deleted)")
    client.stop()
    server.stop()


def test_clone_finds_nobody_where_nobody_is(start):
    assert start("clone.py").finish() == ["Joined nobody, know 0 keys"] * 2


def test_clonecli6_goes_on_with_the_backup_and_its_copy_of_the_table(start, tmp_path):
    ends = [f"ipc://{tmp_path}/{role}" for role in ("primary", "backup")]
    primary = start("clonesrv6.py", "primary", *ends, "0.1")
    backup = start("clonesrv6.py", "backup", *reversed(ends), "0.1")
    client = start("clonecli6.py", "/a/", "0", *ends, "0.5")
    client.wait_for(f"Joined {ends[0]}: 0 keys")
    backup.wait_for("Copied ")
    for _ in range(3):
        client.wait_for("update ")
    primary.kill()
    client.wait_for("The server is silent")
    joined = client.wait_for(f"Joined {ends[1]}: ")
    assert int(joined.split()[-1]) >= 3
    client.wait_for("update ")
    for program in (client, backup):
        program.stop()
