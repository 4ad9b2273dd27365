"""FairQueue: one message from each peer in turn. PULL is the pattern that is nothing but this."""

from collections import deque

import zmq as theirs

from purezmq.constants import SocketType
from purezmq.core.patterns.fair_queue import FairQueue
from tests.core.patterns.tools import attach, deliver, make, make_pipe, receive_all


def pulling(count, **limits):
    pull = make(SocketType.PULL)
    return pull, [attach(pull, **limits) for _ in range(count)]


def test_pull_receives_one_message_of_each_peer_in_turn():
    pull, pipes = pulling(3)
    for name, pipe in zip(b"abc", pipes, strict=True):
        deliver(pull, pipe, *[b"%c%d" % (name, i) for i in range(3)])
    assert receive_all(pull) == [b"a0", b"b0", b"c0", b"a1", b"b1", b"c1", b"a2", b"b2", b"c2"]


def test_pull_goes_on_with_those_who_have_more():
    pull, (one, two) = pulling(2)
    deliver(pull, one, b"a0")
    deliver(pull, two, b"b0", b"b1", b"b2")
    assert receive_all(pull) == [b"a0", b"b0", b"b1", b"b2"]


def test_pull_takes_a_peer_back_in_when_more_arrives():
    pull, (one, two) = pulling(2)
    deliver(pull, one, b"a0")
    assert receive_all(pull) == [b"a0"]
    deliver(pull, two, b"b0")
    deliver(pull, one, b"a1")
    assert receive_all(pull) == [b"b0", b"a1"]


def test_pull_receives_multipart_messages_whole():
    pull, (one, two) = pulling(2)
    deliver(pull, one, [b"a", b"b"], b"c")
    deliver(pull, two, [b"x", b"y"])
    assert receive_all(pull) == [[b"a", b"b"], [b"x", b"y"], b"c"]


def test_pull_knows_where_a_message_came_from():
    pull, (_, two) = pulling(2)
    deliver(pull, two, b"x")
    pull.receive()
    assert pull.last_pipe is two


def test_pull_delivers_what_a_peer_sent_before_it_left():
    pull, (pipe,) = pulling(1)
    deliver(pull, pipe, b"1", b"2")
    pull.detach(pipe)
    assert pull.readable()
    assert receive_all(pull) == [b"1", b"2"]
    assert not pull.readable()


def test_pull_is_not_readable_after_the_last_message():
    pull, (pipe,) = pulling(1)
    deliver(pull, pipe, b"1")
    assert pull.readable()
    pull.receive()
    assert not pull.readable()


def test_pull_lets_readers_pop_the_inbox_of_its_only_peer():
    pull, (pipe,) = pulling(1)
    assert pull.direct is pipe.inbox
    assert pull.last_pipe is pipe


def test_pull_must_be_asked_when_it_has_two_peers():
    pull, (one, two) = pulling(2)
    deliver(pull, one, b"1")
    assert not pull.direct
    pull.detach(two)
    assert pull.direct is one.inbox


def test_pull_must_be_asked_until_a_former_peer_is_drained():
    pull, (one, two) = pulling(2)
    deliver(pull, one, b"1")
    pull.detach(one)
    assert not pull.direct
    assert receive_all(pull) == [b"1"]
    assert pull.direct is two.inbox


def test_pull_notices_messages_after_a_direct_reader_emptied_the_inbox():
    pull, (pipe,) = pulling(1)
    deliver(pull, pipe, b"1")
    assert pull.direct.popleft() == b"1"
    assert not pull.readable()
    assert not pipe.active
    deliver(pull, pipe, b"2")
    assert pull.readable()


def test_queue_resumes_a_paused_peer_when_half_of_its_inbox_is_read():
    pull, (pipe,) = pulling(1, receive_limit=4)
    deliver(pull, pipe, b"1", b"2", b"3", b"4")
    pipe.paused = True
    pull.receive()
    assert pipe.paused
    pull.receive()
    assert not pipe.paused
    assert pipe.link.resumed == 1


def test_queue_resumes_a_peer_paused_behind_its_back():
    pull, (pipe,) = pulling(1, receive_limit=4)
    deliver(pull, pipe, b"1")
    pipe.paused = True
    pull.direct.popleft()
    assert pull.receive() is None
    assert pipe.link.resumed == 1


def test_queue_does_not_resume_a_peer_that_left():
    pull, (pipe,) = pulling(1, receive_limit=2)
    deliver(pull, pipe, b"1", b"2")
    pipe.paused = True
    pull.detach(pipe)
    assert receive_all(pull) == [b"1", b"2"]
    assert pipe.link.resumed == 0


def test_queue_sees_what_an_inproc_peer_appends_while_it_retires_the_pipe():
    class Racing(deque):
        """An inbox whose first look finds nothing, as one second before the peer appends."""

        looks = 0

        def __bool__(self):
            self.looks += 1
            return self.looks > 1

    pipe = make_pipe()
    queue = FairQueue()
    queue.attach(pipe)
    pipe.inbox.append(b"0")
    queue.activate(pipe)
    queue.pop()
    pipe.inbox = Racing([b"late"])
    assert queue.pop() == b"late"


def test_queue_survives_a_direct_reader_that_is_faster():
    class Raced(deque):
        """An inbox that a direct reader empties between the look and the pop."""

        def popleft(self):
            self.clear()
            return super().popleft()

        def __getitem__(self, index):
            self.clear()
            return super().__getitem__(index)

    pull, (pipe,) = pulling(1)
    for look in (pull.receive, pull.readable):
        pipe.inbox = Raced([b"gone"])
        pull.arrived(pipe)
        assert not look()
        assert not pipe.active


def test_queue_drops_a_peer_with_all_that_it_sent():
    queue = FairQueue()
    pipe = make_pipe()
    queue.attach(pipe)
    pipe.inbox.extend([b"1", b"2"])
    queue.activate(pipe)
    queue.drop(pipe)
    assert queue.pop() is None
    assert not pipe.active


def test_libzmq_too_delivers_what_a_peer_sent_before_it_left():
    with theirs.Context() as context, context.socket(theirs.PULL) as pull:
        pull.rcvtimeo = 5000
        pull.bind("inproc://left")
        with context.socket(theirs.PUSH) as push:
            push.connect("inproc://left")
            push.send(b"1")
            push.send(b"2")
        assert [pull.recv(), pull.recv()] == [b"1", b"2"]


# -- messages that are staged, for readers that take no lock ------------------------------------------------


def staging(count, each=3, **limits):
    """Return a PULL, its pipes with messages, and the queue that it reads from after the first message."""
    pull, pipes = pulling(count, **limits)
    for name, pipe in zip(b"abcdefgh", pipes, strict=False):
        deliver(pull, pipe, *[b"%c%d" % (name, i) for i in range(each)])
    return pull, pipes, pull.direct


def test_messages_are_staged_in_turn_behind_the_first():
    pull, _, direct = staging(3)
    assert (pull.receive(), list(direct)) == (b"a0", [b"b0", b"c0", b"a1", b"b1", b"c1", b"a2"])


def test_no_more_is_staged_than_a_few():
    pull, _, direct = staging(3, each=1000)
    pull.receive()
    assert 0 < len(direct) <= 64


def test_sender_of_a_staged_message_is_known():
    pull, (one, two), direct = staging(2)
    senders = []
    pull.receive()
    senders.append(pull.sender())
    while direct:
        direct.popleft()
        senders.append(pull.sender())
    assert senders == [one, two, one, two, one]


def test_sender_is_the_last_peer_when_the_others_have_left():
    pull, (one, two, three), direct = staging(3, each=1)
    pull.receive()
    assert [direct.popleft(), direct.popleft()] == [b"b0", b"c0"]
    assert pull.sender() is three
    pull.detach(two)
    pull.detach(three)
    deliver(pull, one, b"late")
    pull.direct.popleft()
    assert pull.sender() is one


def test_what_is_staged_is_received_next_by_whoever_asks_the_pattern():
    pull, (one, _), direct = staging(2)
    pull.receive()
    direct.popleft()
    assert (pull.receive(), pull.sender()) == (b"a1", one)


def test_messages_of_several_parts_are_not_staged():
    pull, (one, two) = pulling(2)
    deliver(pull, one, b"a", [b"b", b"c"])
    deliver(pull, two, b"x")
    assert pull.receive() == b"a"
    assert not pull.direct


def test_unstaged_messages_are_back_in_their_places():
    pull, pipes, direct = staging(3)
    pull.receive()
    pull.unstage()
    assert not direct
    assert [list(pipe.inbox) for pipe in pipes] == [
        [b"a1", b"a2"],
        [b"b0", b"b1", b"b2"],
        [b"c0", b"c1", b"c2"],
    ]


def test_staging_lets_a_full_peer_go_on():
    pull, (one, two), _ = staging(2, each=4, receive_limit=4)
    one.paused = two.paused = True
    pull.receive()
    assert (one.link.resumed, two.link.resumed) == (1, 1)


def test_conflating_socket_stages_nothing():
    assert make(SocketType.PULL, conflate=1).direct is None


def test_unsubscribing_takes_staged_messages_away():
    sub = make(SocketType.SUB)
    pipes = [attach(sub) for _ in range(2)]
    sub.subscribe(b"a")
    sub.subscribe(b"b")
    for pipe in pipes:
        deliver(sub, pipe, b"a1", b"b1", b"a2")
    assert sub.receive() == b"a1"
    sub.unsubscribe(b"a")
    assert receive_all(sub) == [b"b1", b"b1"]


def test_sub_stages_nothing_that_has_still_to_be_filtered():
    sub = make(SocketType.SUB)
    attach(sub)
    sub.subscribe(b"a")
    sub.attach(make_pipe(inbox=deque(), outbox=deque()))
    assert sub.direct is None
    sub.subscribe(b"")
    assert sub.direct is not None


class Robbed(deque):
    """A queue that a direct reader empties between a look and what follows it."""

    def rob(self):
        while len(self):
            deque.popleft(self)

    def popleft(self):
        self.rob()
        return super().popleft()

    def pop(self):
        self.rob()
        return super().pop()

    def __getitem__(self, index):
        self.rob()
        return super().__getitem__(index)


def test_staged_messages_may_all_be_gone_between_a_look_and_the_next_step():
    for look, found in (("receive", b"b2"), ("readable", True), ("unstage", None)):
        pull, _, direct = staging(2)
        pull.receive()
        pull._queue.staged = pull.direct = Robbed(direct)
        assert getattr(pull, look)() == found


def test_unstaged_messages_of_a_peer_that_has_left_are_counted_and_found():
    pull, (one, two), direct = staging(2, each=2)
    pull.receive()
    assert list(direct) == [b"b0", b"a1"]
    assert [list(one.inbox), list(two.inbox)] == [[], [b"b1"]]
    pull.detach(one)
    pull.unstage()
    assert pull.queued_in() == 3
    assert pull.direct is not two.inbox
    pull._set_direct()
    assert pull.direct is not two.inbox
    assert sorted(receive_all(pull)) == [b"a1", b"b0", b"b1"]
    assert not pull._queue.leaving


def test_newest_of_a_peer_that_conflates_is_not_overwritten_by_what_was_staged():
    # Over inproc the connecting side decides that: the PULL itself may know nothing of it.
    pull = make(SocketType.PULL)
    plain, conflating = attach(pull), attach(pull, conflate=True)
    deliver(pull, plain, b"1", b"2")
    deliver(pull, conflating, b"old")
    assert pull.receive() == b"1"
    deliver(pull, conflating, b"new")
    pull.unstage()
    received = receive_all(pull)
    assert b"new" in received
    assert conflating.conflated() + received.count(b"old") == 1


def test_sender_may_be_asked_while_another_thread_receives():
    class Meddled(deque):
        """A queue which another thread receives from between the two looks of `sender`."""

        def __len__(self):
            pull._queue.owners = []
            return super().__len__()

    pull, (one, two), direct = staging(2)
    pull.receive()
    direct.popleft()
    pull._queue.staged = Meddled(direct)
    assert pull.sender() in (one, two)
