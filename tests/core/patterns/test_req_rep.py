"""REQ and REP: RFC 28, the turns, the envelope, and what each drops."""

import sys
from collections import deque

import pytest

from purezmq.constants import Errno, SocketType
from purezmq.core.message import SharedPart
from purezmq.errors import ZMQError
from tests.core.patterns.tools import attach, deliver, get_ready, make, make_pipe, receive_all, sent


def asking(**options):
    req = make(SocketType.REQ, **options)
    return req, attach(req)


def answering():
    rep = make(SocketType.REP)
    return rep, attach(rep)


def efsm(call, *arguments):
    with pytest.raises(ZMQError) as caught:
        call(*arguments)
    return caught.value.errno == Errno.EFSM


def reply_id(number):
    return number.to_bytes(4, sys.byteorder)


@pytest.mark.parametrize("body", [b"", b"x", [b"", b"x", b""], [b"a", b"b"]])
def test_req_and_rep_exchange_messages(link, body):
    req, rep = make(SocketType.REQ), make(SocketType.REP)
    wire = link(req, rep)
    for _ in range(2):
        assert req.send(body)
        wire.pump()
        assert rep.receive() == body
        assert rep.send(body)
        wire.pump()
        assert req.receive() == body


def test_req_puts_an_empty_part_before_the_request():
    req, pipe = asking()
    req.send(b"q")
    assert sent(pipe) == [[b"", b"q"]]


def test_req_puts_its_number_before_that_when_it_correlates():
    req, pipe = asking(req_correlate=1, req_relaxed=1)
    req.send(b"q")
    req.send([b"a", b"b"])
    assert sent(pipe) == [[reply_id(1), b"", b"q"], [reply_id(2), b"", b"a", b"b"]]


def test_req_refuses_to_receive_before_it_sent():
    req, _ = asking()
    assert efsm(req.receive)


def test_req_refuses_a_second_request_before_the_reply():
    req, _ = asking()
    req.begin(b"q")
    req.send(b"q")
    assert efsm(req.begin, b"q")
    assert efsm(req.send, b"q")


def test_req_is_writable_in_turn():
    req, pipe = asking()
    assert req.writable()
    req.send(b"q")
    assert not req.writable()
    deliver(req, pipe, [b"", b"a"])
    req.receive()
    assert req.writable()


def test_req_without_peers_takes_nothing_and_may_be_asked_again():
    req = make(SocketType.REQ)
    assert not req.writable()
    assert not req.send(b"q")
    attach(req)
    assert req.writable()
    assert req.send(b"q")


def test_req_with_full_peers_takes_nothing():
    req = make(SocketType.REQ, req_relaxed=1)
    attach(req, send_limit=1)
    req.send(b"q")
    assert not req.writable()
    assert not req.send(b"q")


def test_req_must_be_asked():
    req, _ = asking()
    assert req.direct is None
    assert req.room() == 0


def test_req_asks_its_peers_in_turn():
    req, one = asking()
    two = attach(req)
    for pipe in (one, two, one):
        req.send(b"q")
        assert sent(pipe) == [[b"", b"q"]]
        deliver(req, pipe, [b"", b"a"])
        assert req.receive() == b"a"


def test_req_receives_only_from_the_peer_it_asked():
    req, asked = asking()
    other = attach(req)
    req.send(b"q")
    deliver(req, other, [b"", b"not asked"])
    assert not req.readable()
    assert req.receive() is None
    deliver(req, other, [b"", b"not asked"])
    deliver(req, asked, [b"", b"a"])
    assert req.readable()
    assert req.receive() == b"a"
    assert req.last_pipe is asked


def test_req_waits_on_when_the_peer_it_asked_leaves_and_then_takes_any_reply():
    req, asked = asking()
    other = attach(req)
    req.send(b"q")
    req.detach(asked)
    assert efsm(req.send, b"q")
    deliver(req, other, [b"", b"a"])
    assert req.receive() == b"a"


def test_req_receives_the_reply_of_a_peer_that_left_after_it():
    req, asked = asking()
    req.send(b"q")
    deliver(req, asked, [b"", b"a"])
    req.detach(asked)
    assert req.receive() == b"a"


def test_req_waits_on_over_a_reconnect():
    req, asked = asking()
    req.send(b"q")
    req.hiccup(asked)
    get_ready(req, asked)
    assert efsm(req.send, b"q")
    assert not req.readable()


def test_req_receives_a_reply_that_an_inproc_peer_gives_at_once():
    class Answering(deque):
        """The inbox of an inproc peer in another thread, which answers before the sender does anything else."""

        def append(self, request):
            inbox.append([b"", b"re " + request[1]])

    inbox = deque()
    req = make(SocketType.REQ)
    pipe = make_pipe(inbox=inbox, outbox=Answering())
    req.attach(pipe)
    get_ready(req, pipe)
    req.send(b"q")
    req.arrived(pipe)
    assert req.receive() == b"re q"


def test_req_forgets_replies_that_came_before_the_request():
    req, pipe = asking()
    req.send(b"1")
    deliver(req, pipe, [b"", b"a"], [b"", b"too many"])
    assert req.receive() == b"a"
    assert not req.readable()
    req.send(b"2")
    assert not req.readable()
    deliver(req, pipe, [b"", b"b"])
    assert req.receive() == b"b"


def test_req_keeps_what_waits_when_its_request_is_not_taken():
    req = make(SocketType.REQ, req_relaxed=1)
    pipe = attach(req, send_limit=1)
    req.send(b"1")
    deliver(req, pipe, [b"", b"a"])
    assert not req.send(b"2")
    assert req.receive() == b"a"


def test_relaxed_req_sends_again_and_keeps_the_peer():
    req, pipe = asking(req_relaxed=1)
    req.send(b"1")
    assert req.writable()
    req.begin(b"2")
    req.send(b"2")
    assert sent(pipe) == [[b"", b"1"], [b"", b"2"]]
    assert not pipe.link.closed


def test_relaxed_req_asks_the_next_peer_and_drops_the_reply_of_the_first():
    req, one = asking(req_relaxed=1)
    two = attach(req)
    req.send(b"1")
    req.send(b"2")
    deliver(req, one, [b"", b"late"])
    assert not req.readable()
    deliver(req, two, [b"", b"a"])
    assert req.receive() == b"a"


def test_correlating_req_drops_replies_to_older_requests():
    req, pipe = asking(req_relaxed=1, req_correlate=1)
    req.send(b"1")
    req.send(b"2")
    deliver(req, pipe, [reply_id(1), b"", b"late"], [b"", b"bare"], [reply_id(2), b"", b"a"])
    assert req.receive() == b"a"


def test_req_drops_a_reply_with_a_number_it_did_not_send():
    req, pipe = asking()
    req.send(b"1")
    deliver(req, pipe, [reply_id(1), b"", b"x"])
    assert not req.readable()


@pytest.mark.parametrize(
    "reply",
    [b"x", b"", [b""], [b"no delimiter", b"x"], [b"four", b"x", b"y"], [b"four", b""]],
)
def test_req_leaves_a_wire_peer_that_breaks_the_envelope(reply):
    req, pipe = asking()
    req.send(b"q")
    deliver(req, pipe, reply, [b"", b"after"])
    assert pipe.link.closed
    assert not req.readable()


def test_req_keeps_the_reply_before_the_one_that_breaks_the_envelope():
    req, pipe = asking()
    req.send(b"q")
    deliver(req, pipe, [b"", b"a"], b"bad")
    assert req.receive() == b"a"


def test_req_drops_what_an_inproc_peer_sends_without_envelope():
    req, pipe = asking()
    req.send(b"q")
    pipe.inbox.extend([b"x", [b""], [b"no delimiter", b"x"], [b"", b"a"]])
    req.arrived(pipe)
    assert req.receive() == b"a"


def test_rep_refuses_to_send_before_it_received():
    rep, _ = answering()
    assert efsm(rep.begin, b"a")
    assert efsm(rep.send, b"a")
    assert not rep.writable()


def test_rep_refuses_to_receive_before_it_replied():
    rep, pipe = answering()
    deliver(rep, pipe, [b"", b"q"], [b"", b"q"])
    rep.receive()
    assert efsm(rep.receive)
    assert not rep.readable()
    assert rep.writable()
    rep.begin(b"a")
    rep.send(b"a")
    assert rep.readable()
    assert not rep.writable()


def test_rep_gives_the_whole_envelope_back():
    rep, pipe = answering()
    deliver(rep, pipe, [b"far", b"near", b"", b"q", b"", b"tail"])
    assert rep.receive() == [b"q", b"", b"tail"]
    rep.send([b"a", b"", b"z"])
    assert sent(pipe) == [[b"far", b"near", b"", b"a", b"", b"z"]]


@pytest.mark.parametrize("request_", [b"", b"x", [b"a", b"b"], [b""], [b"a", b""]])
def test_rep_drops_a_request_without_delimiter_and_body(request_):
    rep, pipe = answering()
    deliver(rep, pipe, request_)
    assert not rep.readable()
    deliver(rep, pipe, request_, [b"", b"q"])
    assert rep.receive() == b"q"
    assert not pipe.link.closed


def test_rep_answers_whoever_asked():
    rep, one = answering()
    two = attach(rep)
    deliver(rep, one, [b"", b"1"])
    deliver(rep, two, [b"", b"2"])
    for pipe, question in ((one, b"1"), (two, b"2")):
        assert rep.receive() == question
        rep.send(question)
        assert sent(pipe) == [[b"", question]]


def test_rep_drops_the_reply_to_a_peer_that_left():
    rep, pipe = answering()
    deliver(rep, pipe, [b"", b"q"])
    rep.receive()
    rep.detach(pipe)
    assert rep.send(b"a")
    assert sent(pipe) == []


def test_rep_drops_the_reply_to_a_peer_that_had_left_before_its_request_was_read():
    rep, pipe = answering()
    deliver(rep, pipe, [b"", b"q"])
    rep.detach(pipe)
    assert rep.receive() == b"q"
    assert rep.send(b"a")
    assert sent(pipe) == []


def test_rep_drops_the_reply_to_a_full_peer():
    rep = make(SocketType.REP)
    pipe = attach(rep, send_limit=1)
    for i in range(2):
        deliver(rep, pipe, [b"", b"q"])
        rep.receive()
        assert rep.writable()
        assert rep.send(b"%d" % i)
    assert sent(pipe) == [[b"", b"0"]]


def test_rep_ignores_a_second_peer_with_the_same_routing_id():
    rep = make(SocketType.REP)
    one, two = attach(rep, peer_id=b"same"), attach(rep, peer_id=b"same")
    deliver(rep, two, [b"", b"2"])
    assert not rep.readable()
    deliver(rep, one, [b"", b"1"])
    assert rep.receive() == b"1"


def test_rep_recognises_a_delimiter_that_was_not_copied():
    rep, pipe = answering()
    body = SharedPart(memoryview(b"q"))
    deliver(rep, pipe, [SharedPart(memoryview(b"")), body])
    assert rep.receive() == [body]


def test_requests_and_replies_pass_a_router_and_a_dealer(link):
    req, router = make(SocketType.REQ), make(SocketType.ROUTER)
    dealer, rep = make(SocketType.DEALER), make(SocketType.REP)
    front, back = link(req, router), link(dealer, rep)
    req.send(b"q")
    front.pump()
    dealer.distribute(receive_all(router))
    back.pump()
    assert rep.receive() == b"q"
    rep.send(b"a")
    back.pump()
    router.distribute(receive_all(dealer))
    front.pump()
    assert req.receive() == b"a"


def test_partner_is_heard_past_the_queues():
    req, far = asking()
    rep, near = answering()
    assert not req.listening(far)
    assert req.send(b"question")
    assert req.listening(far)
    chunks = deque([b"as received"])
    assert rep.hear(near, [b"", b"question"], chunks) == b"question"
    assert not chunks
    assert rep.sender() is near
    assert not rep.listening(near)
    assert rep.send(b"answer")
    assert sent(near) == [[b"", b"answer"]]
    chunks.append(b"as received")
    assert req.hear(far, [b"", b"answer"], chunks) == b"answer"
    assert not chunks
    assert req.sender() is far
    assert efsm(req.receive)


def test_what_is_out_of_turn_is_not_heard():
    req, far = asking()
    rep, near = answering()
    chunks = deque([b"as received"])
    assert req.hear(far, [b"", b"too early"], chunks) is None
    assert rep.hear(near, b"no envelope", chunks) is None
    assert rep.hear(near, [b"", b"question"], deque([b"as received"])) == b"question"
    assert rep.hear(near, [b"", b"another"], chunks) is None
    assert list(chunks) == [b"as received"]


def test_reply_in_the_queue_comes_first():
    req, far = asking()
    req.send(b"question")
    deliver(req, far, [b"", b"answer"])
    assert not req.listening(far)
    assert req.receive() == b"answer"


def test_request_with_a_number_is_answered_by_way_of_the_queue():
    req, far = asking(req_correlate=1)
    req.send(b"question")
    assert not req.listening(far)
