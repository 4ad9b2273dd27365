"""CLIENT, SERVER and PEER: RFCs 41 and 51."""

import pytest

from purezmq.constants import Errno, SocketType
from purezmq.core.message import Addressed, SharedPart
from purezmq.core.options import SocketOptions
from purezmq.core.patterns import SOCKET_TYPES, pattern_for
from purezmq.errors import ZMQError
from tests.core.patterns.tools import attach, deliver, make, receive_all, sent

NUMBERED = [SocketType.SERVER, SocketType.PEER]


@pytest.fixture(params=NUMBERED)
def server(request):
    return make(request.param)


def test_server_gives_each_peer_a_routing_id_and_never_0(server):
    routing_ids = [attach(server).state for _ in range(3)]
    assert routing_ids == [1, 2, 3]


def test_routing_ids_come_round_without_0_and_without_those_in_use():
    server = pattern_for(SocketType.SERVER)(
        SocketOptions.for_type(SocketType.SERVER), lambda size: b"\xff" * size
    )
    assert [attach(server).state for _ in range(3)] == [2**32 - 1, 1, 2]
    server._counter = 2**32 - 1
    assert attach(server).state == 3


def test_what_server_receives_bears_the_routing_id_of_its_sender(server):
    pipes = [attach(server) for _ in range(2)]
    for number, pipe in enumerate(pipes):
        deliver(server, pipe, b"%d" % number)
    assert [(message[0], message.routing_id) for message in receive_all(server)] == [(b"0", 1), (b"1", 2)]


def test_server_sends_by_routing_id_alone(server):
    first, second = attach(server), attach(server)
    assert server.send(Addressed(b"x", second.state, b"ignored"))
    assert [sent(first), sent(second)] == [[], [b"x"]]


def test_server_sends_a_shared_part_as_it_is(server):
    pipe = attach(server)
    part = SharedPart(memoryview(b"x"))
    server.send(Addressed(part, pipe.state))
    assert sent(pipe) == [[part]]


@pytest.mark.parametrize(
    "message", [b"x", Addressed(b"x"), Addressed(b"x", 9), [SharedPart(memoryview(b"x"))]]
)
def test_server_refuses_what_it_cannot_route(server, message):
    attach(server)
    with pytest.raises(ZMQError) as caught:
        server.send(message)
    assert caught.value.errno == Errno.EHOSTUNREACH


def test_server_waits_for_a_full_peer(server):
    pipe = attach(server, send_limit=1)
    assert server.send(Addressed(b"1", pipe.state))
    assert not server.send(Addressed(b"2", pipe.state))
    assert sent(pipe) == [b"1"]


def test_server_receives_what_a_peer_sent_that_has_left_and_cannot_answer(server):
    pipe = attach(server)
    deliver(server, pipe, b"x")
    server.detach(pipe)
    message = server.receive()
    assert message.routing_id == pipe.state
    with pytest.raises(ZMQError):
        server.send(message)


def test_server_lets_nobody_pop_its_inbox(server):
    attach(server)
    assert server.direct is None


def test_disconnect_peer_dismisses_the_peer(server):
    first, second = attach(server), attach(server)
    server.disconnect_peer(second.state)
    assert [first.link.dismissed, second.link.dismissed] == [False, True]


def test_peer_knows_whom_it_has_attached_last():
    peer = make(SocketType.PEER)
    for _ in range(2):
        assert attach(peer).state == peer.newest_peer()


def test_client_and_server_meet(link):
    client, server = make(SocketType.CLIENT), make(SocketType.SERVER)
    wire = link(client, server)
    client.distribute([b"1", b"2"])
    wire.pump()
    first, second = receive_all(server)
    assert [*first, *second] == [b"1", b"2"]
    server.send(Addressed(b"back", first.routing_id))
    wire.pump()
    assert receive_all(client) == [b"back"]


@pytest.mark.parametrize(
    "kind", [kind for kind in SOCKET_TYPES if pattern_for(kind).single_part and pattern_for(kind).can_send]
)
def test_several_parts_are_refused(kind):
    pattern = make(kind)
    pipe = attach(pattern)
    for refused in (lambda: pattern.send([b"1", b"2"]), lambda: pattern.begin(b"1")):
        with pytest.raises(ZMQError) as caught:
            refused()
        assert caught.value.errno == Errno.EINVAL
    assert sent(pipe) == []
