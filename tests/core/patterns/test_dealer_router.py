"""DEALER and ROUTER: RFC 28, routing ids, and what ROUTER drops."""

from collections import deque

import pytest

from purezmq.constants import Errno, SocketType
from purezmq.core.message import SharedPart, from_parts
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.dealer_router import Router
from purezmq.core.pipe import UNLIMITED
from purezmq.errors import ZMQError
from tests.core.patterns.tools import (
    attach,
    deliver,
    get_ready,
    make,
    make_pipe,
    receive_all,
    sent,
)

FIRST_ID = b"\0\0\0\0\0"  # the counter starts at what `random` gave: zeros


def routing(**options):
    return make(SocketType.ROUTER, **options)


def test_dealer_and_router_talk(link):
    dealer, router = make(SocketType.DEALER, routing_id=b"d"), routing()
    wire = link(dealer, router)
    dealer.distribute([b"1", [b"2", b"3"]])
    wire.pump()
    assert receive_all(router) == [[b"d", b"1"], [b"d", b"2", b"3"]]
    router.distribute([[b"d", b"4"], [b"d", b"5", b"6"]])
    wire.pump()
    assert receive_all(dealer) == [b"4", [b"5", b"6"]]


def test_dealer_receives_of_its_peers_in_turn():
    dealer = make(SocketType.DEALER)
    one, two = attach(dealer), attach(dealer)
    deliver(dealer, one, b"a0", b"a1")
    deliver(dealer, two, b"b0")
    assert receive_all(dealer) == [b"a0", b"b0", b"a1"]


def test_dealer_takes_single_messages_while_there_is_room():
    dealer = make(SocketType.DEALER)
    pipe = attach(dealer, send_limit=1)
    assert dealer.writable()
    assert dealer.send(b"x")
    assert not dealer.send(b"y")
    assert not dealer.writable()
    assert sent(pipe) == [b"x"]


def test_dealer_lets_readers_pop_the_inbox_of_its_only_peer():
    dealer = make(SocketType.DEALER)
    pipe = attach(dealer)
    assert dealer.direct is pipe.inbox


def test_router_never_lets_readers_pop_an_inbox():
    router = routing()
    pipe = attach(router, peer_id=b"a")
    deliver(router, pipe, b"x", b"y")
    assert router.receive() == [b"a", b"x"]
    assert not router.direct


@pytest.mark.parametrize("body", [[b"1"], [b"", b"1"]], ids=["of a DEALER", "of a REQ"])
def test_router_stages_what_it_has_of_several_peers(body):
    router = routing()
    pipes = [attach(router, peer_id=name) for name in (b"a", b"b", b"c")]
    for pipe in pipes:
        deliver(router, pipe, *[from_parts(body)] * 3)
    assert router.receive() == [b"a", *body]
    assert list(router.direct) == [[name, *body] for name in (b"b", b"c", b"a", b"b", b"c", b"a")]
    assert router.direct.popleft() == [b"b", *body]
    assert router.sender() is pipes[1]
    assert router.receive() == [b"c", *body]
    assert router.last_pipe is router.sender() is pipes[2]
    assert [message[0] for message in receive_all(router)] == [b"a", b"b", b"c", b"a", b"b", b"c"]


@pytest.mark.parametrize("body", [[b"1"], [b"", b"1"]], ids=["of a DEALER", "of a REQ"])
def test_what_router_has_staged_goes_back_as_it_came(body):
    router = routing()
    pipes = [attach(router, peer_id=name) for name in (b"a", b"b")]
    for pipe in pipes:
        deliver(router, pipe, from_parts(body), from_parts(body))
    router.receive()
    assert router.direct
    router.unstage()
    assert not router.direct
    assert [list(pipe.inbox) for pipe in pipes] == [[from_parts(body)], [from_parts(body)] * 2]
    assert len(receive_all(router)) == 3


def test_sender_is_the_peer_that_router_has_heard_past_the_queues():
    router = routing()
    one, *others = [attach(router, peer_id=name) for name in (b"a", b"b", b"c")]
    for pipe in (one, *others):
        deliver(router, pipe, b"1")
    router.receive()
    assert [router.direct.popleft(), router.direct.popleft()] == [[b"b", b"1"], [b"c", b"1"]]
    for pipe in others:
        router.detach(pipe)
    assert router.hear(one, b"x", deque([b"\0\1x"])) == [b"a", b"x"]
    assert router.sender() is one


def test_router_stages_no_messages_of_different_kinds():
    router = routing()
    one, two = attach(router, peer_id=b"a"), attach(router, peer_id=b"b")
    deliver(router, one, b"1", b"2")
    deliver(router, two, [b"", b"x"])
    assert router.receive() == [b"a", b"1"]
    assert not router.direct
    assert receive_all(router) == [[b"b", b"", b"x"], [b"a", b"2"]]


def test_staged_messages_of_a_peer_that_is_handed_over_are_dropped_with_the_others():
    router = routing(router_handover=1)
    former, other = attach(router, peer_id=b"a"), attach(router, peer_id=b"b")
    for pipe in (former, other):
        deliver(router, pipe, b"1", b"2", b"3")
    assert router.receive() == [b"a", b"1"]
    assert router.direct
    attach(router, peer_id=b"a")
    assert receive_all(router) == [[b"b", b"1"], [b"b", b"2"], [b"b", b"3"]]
    assert router.dropped().filtered == 2


def test_router_names_anonymous_peers_by_a_counter():
    router = routing()
    one, two = attach(router), attach(router)
    deliver(router, two, b"x")
    deliver(router, one, b"y")
    assert receive_all(router) == [[b"\0\0\0\0\1", b"x"], [FIRST_ID, b"y"]]


def test_router_starts_its_counter_at_random():
    router = Router(SocketOptions.for_type(SocketType.ROUTER), lambda n: b"\xff" * n)
    pipes = [attach(router), attach(router)]
    assert [pipe.routing_id for pipe in pipes] == [b"\0\xff\xff\xff\xff", b"\0\0\0\0\0"]


def test_router_gives_no_anonymous_peer_an_id_in_use():
    router = routing()
    attach(router, peer_id=FIRST_ID)
    assert attach(router).routing_id == b"\0\0\0\0\1"


def test_router_receives_of_its_peers_in_turn():
    router = routing()
    one, two = attach(router, peer_id=b"1"), attach(router, peer_id=b"2")
    deliver(router, one, b"a", b"b")
    deliver(router, two, [b"x", b"y"])
    assert receive_all(router) == [[b"1", b"a"], [b"2", b"x", b"y"], [b"1", b"b"]]
    assert router.last_pipe is one


def test_router_is_readable_while_a_message_waits():
    router = routing()
    pipe = attach(router)
    assert not router.readable()
    deliver(router, pipe, b"x")
    assert router.readable()
    router.receive()
    assert not router.readable()


def test_router_delivers_what_a_peer_sent_before_it_left():
    router = routing()
    pipe = attach(router, peer_id=b"a")
    deliver(router, pipe, b"x")
    router.detach(pipe)
    assert receive_all(router) == [[b"a", b"x"]]


def test_router_sends_a_single_part_as_bytes():
    router = routing()
    pipe = attach(router, peer_id=b"a")
    router.send([b"a", b"x"])
    router.distribute([[b"a", b"y"]])
    assert sent(pipe) == [b"x", b"y"]


def test_router_leaves_the_message_it_was_given_alone():
    router = routing()
    attach(router, peer_id=b"a")
    message = [b"a", b"x", b"y"]
    router.send(message)
    router.distribute([message])
    assert message == [b"a", b"x", b"y"]


def test_router_reads_an_id_that_was_not_copied():
    router = routing()
    pipe = attach(router, peer_id=b"a")
    shared = SharedPart(memoryview(b"x"))
    router.send([SharedPart(memoryview(b"a")), shared])
    router.distribute([[SharedPart(memoryview(b"a")), shared]])
    assert sent(pipe) == [[shared], [shared]]


@pytest.mark.parametrize("mandatory", [0, 1])
def test_router_swallows_an_id_without_message(mandatory):
    router = routing(router_mandatory=mandatory)
    pipe = attach(router, peer_id=b"a")
    assert router.send(b"a")
    assert router.send(b"nobody")
    assert router.distribute([b"a"]) == 1
    assert sent(pipe) == []


def test_router_drops_what_it_cannot_route():
    router = routing()
    assert router.send([b"nobody", b"x"])
    assert router.distribute([[b"nobody", b"x"]]) == 1


def test_router_drops_what_a_full_peer_cannot_take():
    router = routing()
    pipe = attach(router, peer_id=b"a", send_limit=2)
    assert router.distribute([[b"a", b"0"], [b"a", b"1"], [b"a", b"2"]]) == 3
    assert router.send([b"a", b"3"])
    assert sent(pipe) == [b"0", b"1"]


def test_router_is_always_writable():
    router = routing()
    assert router.writable()
    assert router.room() == UNLIMITED


def test_router_reports_each_pipe_that_got_something_once():
    router = routing()
    one, two = attach(router, peer_id=b"1"), attach(router, peer_id=b"2")
    router.distribute([[b"1", b""], [b"2", b""], [b"1", b""], [b"3", b""]])
    assert router.dirty == [one, two]


def test_router_does_not_reach_a_peer_whose_handshake_is_not_done():
    router = routing()
    pipe = make_pipe()
    router.attach(pipe)
    router.send([FIRST_ID, b"x"])
    assert sent(pipe) == []
    get_ready(router, pipe)
    router.send([FIRST_ID, b"y"])
    assert sent(pipe) == [b"y"]


def test_mandatory_router_refuses_what_it_cannot_route():
    router = routing(router_mandatory=1)
    with pytest.raises(ZMQError) as caught:
        router.send([b"nobody", b"x"])
    assert caught.value.errno == Errno.EHOSTUNREACH


def test_mandatory_router_refuses_an_unknown_id_as_the_first_part():
    router = routing(router_mandatory=1)
    attach(router, peer_id=b"a")
    router.begin(b"a")
    with pytest.raises(ZMQError) as caught:
        router.begin(b"nobody")
    assert caught.value.errno == Errno.EHOSTUNREACH


def test_mandatory_router_waits_for_a_full_peer():
    router = routing(router_mandatory=1)
    pipe = attach(router, peer_id=b"a", send_limit=1)
    assert router.room() == 0
    assert router.send([b"a", b"0"])
    assert not router.send([b"a", b"1"])
    assert sent(pipe) == [b"0"]
    assert router.send([b"a", b"1"])


def test_mandatory_router_is_writable_while_some_peer_has_room():
    router = routing(router_mandatory=1)
    assert not router.writable()
    attach(router, peer_id=b"a", send_limit=1)
    assert router.writable()
    router.send([b"a", b"0"])
    assert not router.writable()


def test_router_never_serves_a_second_peer_with_the_same_id():
    router = routing()
    first, second = attach(router, peer_id=b"a"), attach(router, peer_id=b"a")
    assert not second.link.closed
    deliver(router, second, b"x")
    assert not router.readable()
    router.send([b"a", b"y"])
    assert [sent(first), sent(second)] == [[b"y"], []]


def test_router_does_not_serve_the_second_peer_when_the_first_leaves():
    router = routing()
    first, second = attach(router, peer_id=b"a"), attach(router, peer_id=b"a")
    router.detach(first)
    deliver(router, second, b"x")
    assert not router.readable()
    router.detach(second)
    assert router.pipes == []


def test_router_takes_a_new_peer_with_the_id_of_one_that_left():
    router = routing()
    router.detach(attach(router, peer_id=b"a"))
    pipe = attach(router, peer_id=b"a")
    router.send([b"a", b"x"])
    assert sent(pipe) == [b"x"]


def test_handover_gives_the_id_to_the_new_peer():
    router = routing(router_handover=1)
    first, second = attach(router, peer_id=b"a"), attach(router, peer_id=b"a")
    assert first.link.closed
    router.send([b"a", b"x"])
    assert [sent(first), sent(second)] == [[], [b"x"]]
    deliver(router, second, b"y")
    assert receive_all(router) == [[b"a", b"y"]]


def test_handover_drops_what_the_former_peer_had_sent():
    router = routing(router_handover=1)
    first = attach(router, peer_id=b"a")
    deliver(router, first, b"1")
    attach(router, peer_id=b"a")
    deliver(router, first, b"2")
    assert not router.readable()


def test_handover_keeps_the_new_peer_when_the_former_is_gone():
    router = routing(router_handover=1)
    first, second = attach(router, peer_id=b"a"), attach(router, peer_id=b"a")
    router.detach(first)
    router.send([b"a", b"x"])
    assert sent(second) == [b"x"]


def test_router_keeps_the_id_of_a_peer_over_reconnects():
    router = routing()
    pipe = attach(router, peer_id=b"a")
    router.hiccup(pipe)
    router.send([b"a", b"meanwhile"])
    get_ready(router, pipe, b"changed")
    assert pipe.routing_id == b"a"
    deliver(router, pipe, b"x")
    assert receive_all(router) == [[b"a", b"x"]]
    assert sent(pipe) == [b"meanwhile"]


def test_connect_routing_id_names_the_peer_before_its_link_is_up():
    router = routing()
    pipe = make_pipe(connect_id=b"there")
    router.attach(pipe)
    router.send([b"there", b"early"])
    get_ready(router, pipe, b"announced")
    deliver(router, pipe, b"x")
    assert sent(pipe) == [b"early"]
    assert receive_all(router) == [[b"there", b"x"]]


def test_connect_routing_id_in_use_is_refused():
    router = routing()
    first = attach(router, peer_id=b"a")
    with pytest.raises(ZMQError) as caught:
        router.attach(make_pipe(connect_id=b"a"))
    assert caught.value.errno == Errno.EADDRINUSE
    assert router.pipes == [first]


@pytest.mark.parametrize("kind", [SocketType.ROUTER, SocketType.REP, SocketType.DEALER, SocketType.REQ])
def test_probe_router_sends_one_empty_message_to_each_peer(kind):
    pattern = make(kind, probe_router=1)
    pipe = attach(pattern)
    assert pattern.dirty == [pipe]
    assert sent(pipe) == [b""]
    pattern.hiccup(pipe)
    get_ready(pattern, pipe)
    assert sent(pipe) == []


@pytest.mark.parametrize("heard, received", [(b"x", [b"a", b"x"]), ([b"", b"x"], [b"a", b"", b"x"])])
def test_partner_is_heard_past_the_queues(heard, received):
    router = routing()
    pipe = attach(router, peer_id=b"a")
    chunks = deque([b"as received"])
    assert router.hear(pipe, heard, chunks) == received
    assert not chunks
    assert router.sender() is pipe


def test_what_is_queued_comes_before_what_is_heard():
    router = routing()
    pipe = attach(router, peer_id=b"a")
    deliver(router, pipe, b"first")
    chunks = deque([b"as received"])
    assert router.hear(pipe, b"second", chunks) is None
    assert chunks


def test_peer_without_a_route_is_not_heard():
    router = routing()
    attach(router, peer_id=b"a")
    assert not router.listening(attach(router, peer_id=b"a"))
