"""proxy() and device(), on both."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

import purezmq as ours


@pytest.fixture
def run(zmq):
    """Runs a proxy in a thread until its context ends."""
    threads = []

    def run(context, *sockets, function=None):
        def work():
            with pytest.raises(zmq.ContextTerminated):
                (function or zmq.proxy)(*sockets)
            for socket in sockets:
                if isinstance(socket, zmq.Socket):
                    socket.close(linger=0)

        thread = threading.Thread(target=work)
        threads.append(thread)
        thread.start()

    yield run
    for thread in threads:
        thread.join()


@pytest.fixture
def world(zmq):
    """A context, and a function that makes its sockets; ended before the proxy's thread is waited for."""
    context = zmq.Context()
    context.linger = 0
    context.rcvtimeo = context.sndtimeo = 5000
    made = []

    def make(kind, *, bind="", connect=""):
        socket = context.socket(getattr(zmq, kind))
        if bind:
            socket.bind(bind)
        if connect:
            socket.connect(connect)
        made.append(socket)
        return socket

    make.context = context
    make.done = lambda: ([socket.close(linger=0) for socket in made if not socket.closed], context.term())
    return make


def test_proxy_passes_both_ways_and_captures(zmq, run, world):
    inside = [world.context.socket(kind) for kind in (zmq.ROUTER, zmq.DEALER, zmq.PUSH)]
    for place, socket in enumerate(inside):
        socket.bind(f"inproc://{place}")
    run(world.context, *inside)
    client, worker = world("REQ", connect="inproc://0"), world("REP", connect="inproc://1")
    captured = world("PULL", connect="inproc://2")
    for number in range(10):
        client.send_multipart([b"%d" % number, b"x"])
        assert worker.recv_multipart() == [b"%d" % number, b"x"]
        worker.send(b"reply")
        assert client.recv() == b"reply"
        assert captured.recv_multipart()[1:] == [b"", b"%d" % number, b"x"]
        assert captured.recv_multipart()[1:] == [b"", b"reply"]
    world.done()


def test_device_streams_many_messages_in_order(zmq, run, world):
    inside = [world.context.socket(zmq.PULL), world.context.socket(zmq.PUSH)]
    for place, socket in enumerate(inside):
        socket.bind(f"inproc://{place}")
    run(world.context, zmq.STREAMER, *inside, function=zmq.device)
    source, sink = world("PUSH", connect="inproc://0"), world("PULL", connect="inproc://1")

    def send():
        for number in range(5000):
            source.send(b"%d" % number)

    thread = threading.Thread(target=send)
    thread.start()
    assert [int(sink.recv()) for _ in range(5000)] == list(range(5000))
    thread.join()
    world.done()


def test_proxy_takes_no_more_than_the_other_side_has_room_for(zmq, run, world):
    inside = [world.context.socket(zmq.PULL), world.context.socket(zmq.PUSH)]
    for place, socket in enumerate(inside):
        socket.rcvhwm = socket.sndhwm = 5
        socket.bind(f"inproc://{place}")
    run(world.context, *inside)
    source = world("PUSH")
    source.sndhwm = 5
    source.connect("inproc://0")
    source.sndtimeo = 200
    sent = 0
    with pytest.raises(zmq.Again):
        while sent < 1000:
            source.send(b"x")
            sent += 1
    assert sent < 100
    sink = world("PULL", connect="inproc://1")
    assert [sink.recv() for _ in range(sent)] == [b"x"] * sent
    world.done()


def test_proxy_of_one_socket_answers_with_what_it_receives(zmq, run, world):
    echo = world.context.socket(zmq.REP)
    echo.bind("inproc://0")
    run(world.context, echo, echo)
    client = world("REQ", connect="inproc://0")
    for number in range(3):
        client.send(b"%d" % number)  # of several parts libzmq gets EFSM
        assert client.recv() == b"%d" % number
    world.done()


@pytest.mark.parametrize("place", range(3))
def test_proxy_refuses_what_is_no_socket(zmq, context, place):
    sockets = [context.socket(zmq.PAIR) for _ in range(3)]
    sockets[place] = 5
    with pytest.raises(TypeError):
        zmq.proxy(*sockets)


# -- proxy_steerable: as libzmq 4.3.4 has it; 4.3.5 has PAUSE and RESUME the wrong way round ----------------


class Steered:
    """A PULL-to-PUSH proxy in a thread, its control of type `kind`, and what talks to it."""

    def __init__(self, world, kind, peer):
        inside = [world.context.socket(each) for each in (ours.PULL, ours.PUSH, kind)]
        for place, socket in enumerate(inside):
            socket.bind(f"inproc://{place}")
        self.source, self.sink = world("PUSH", connect="inproc://0"), world("PULL", connect="inproc://1")
        self.control = world(peer, connect="inproc://2")
        self.returned = []
        self.thread = threading.Thread(target=self._run, args=inside)
        self.thread.start()

    def _run(self, front, back, control):
        self.returned.append(ours.proxy_steerable(front, back, None, control))
        for socket in (front, back, control):
            socket.close(linger=0)

    def ask(self, command):
        self.control.send(command)
        return self.control.recv_multipart()

    def end(self):
        self.control.send(b"TERMINATE")
        self.thread.join(10)


@pytest.fixture
def steered(world):
    """Makes a Steered, and ends it."""
    made = []

    def make(kind=ours.REP, peer="REQ"):
        made.append(Steered(world, kind, peer))
        return made[-1]

    yield make
    for each in made:
        if each.thread.is_alive():
            each.end()
    world.done()


@pytest.mark.parametrize("zmq", [ours], ids=["ours"])
class TestSteerable:
    def test_passes_messages_until_terminate(self, steered):
        proxy = steered(ours.PAIR, "PAIR")
        proxy.source.send(b"1")
        assert proxy.sink.recv() == b"1"
        proxy.end()
        assert proxy.returned == [0]

    def test_pauses_and_resumes(self, steered):
        proxy = steered()
        assert proxy.ask(b"PAUSE") == [b""]
        proxy.source.send(b"1")
        assert proxy.ask(b"STATISTICS") == [bytes(8)] * 8
        assert not proxy.sink.poll(0)
        assert proxy.ask(b"RESUME") == [b""]
        assert proxy.sink.recv() == b"1"

    def test_counts_parts_and_bytes(self, steered):
        proxy = steered()
        proxy.source.send_multipart([b"ab", b"", b"cde"])
        proxy.source.send(b"f")
        assert [proxy.sink.recv_multipart(), proxy.sink.recv()] == [[b"ab", b"", b"cde"], b"f"]
        counts = [int.from_bytes(count, sys.byteorder) for count in proxy.ask(b"STATISTICS")]
        assert counts == [4, 6, 0, 0, 0, 0, 4, 6]

    def test_counts_both_ways(self, world):
        front, back, control = (world.context.socket(kind) for kind in (ours.ROUTER, ours.DEALER, ours.PAIR))
        for place, socket in enumerate((front, back, control)):
            socket.bind(f"inproc://{place}")
        thread = threading.Thread(target=ours.proxy_steerable, args=(front, back, None, control))
        thread.start()
        req, rep = world("REQ", connect="inproc://0"), world("REP", connect="inproc://1")
        steering = world("PAIR", connect="inproc://2")
        req.send(b"question")
        assert rep.recv() == b"question"
        rep.send_multipart([b"an", b"swer"])
        assert req.recv_multipart() == [b"an", b"swer"]
        steering.send(b"STATISTICS")
        counts = [int.from_bytes(count, sys.byteorder) for count in steering.recv_multipart()]
        # Each message has a routing id of 5 bytes and an empty part in front.
        assert counts == [3, 13, 4, 11, 4, 11, 3, 13]
        steering.send(b"TERMINATE")
        thread.join()
        req.send(b"after")  # the sockets are the program's again
        assert front.recv_multipart()[1:] == [b"", b"after"]
        for socket in (front, back, control):
            socket.close()
        world.done()

    def test_passes_one_message_at_a_time_between_rep_and_req(self, world):
        front, back, control = (world.context.socket(kind) for kind in (ours.REP, ours.REQ, ours.PAIR))
        for place, socket in enumerate((front, back, control)):
            socket.bind(f"inproc://{place}")
        thread = threading.Thread(target=ours.proxy_steerable, args=(front, back, None, control))
        thread.start()
        clients = [world("REQ", connect="inproc://0") for _ in range(2)]
        server, steering = world("REP", connect="inproc://1"), world("PAIR", connect="inproc://2")
        for number, client in enumerate(clients):
            client.send(b"%d" % number)
        for _ in clients:
            server.send(server.recv())
        assert [client.recv() for client in clients] == [b"0", b"1"]
        steering.send(b"TERMINATE")
        thread.join()
        for socket in (front, back, control):
            socket.close()
        world.done()

    def test_ends_when_one_of_its_sockets_is_closed(self, world):
        front, back = world("PULL", bind="inproc://0"), world("PUSH", bind="inproc://1")
        source, sink = world("PUSH", connect="inproc://0"), world("PULL", connect="inproc://1")
        ended = []

        def work():
            with pytest.raises(ours.ZMQError) as caught:
                ours.proxy(front, back)
            ended.append(caught.value.errno)

        thread = threading.Thread(target=work)
        thread.start()
        source.send(b"")
        sink.recv()
        back.close()
        thread.join()
        assert ended == [ours.ENOTSOCK]
        world.done()

    def test_proxy_ends_with_an_interrupt(self, world):
        # libzmq does, too, if the signal comes while it sleeps.
        front, back = world("PULL", bind="inproc://0"), world("PUSH", bind="inproc://1")
        push, pull = world("PUSH", connect="inproc://0"), world("PULL", connect="inproc://1")

        def interrupt():
            push.send(b"")
            pull.recv()  # the proxy runs
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        with pytest.raises(KeyboardInterrupt):
            ours.proxy(front, back)
        interrupting.join()
        push.send(b"again")
        assert front.recv() == b"again"
        world.done()

    def test_ignores_what_it_does_not_know(self, steered):
        proxy = steered()
        assert proxy.ask(b"DANCE") == [b""]
        proxy.control.send_multipart([b"TERMINATE", b"now"])
        assert proxy.control.recv() == b""
        assert proxy.ask(b"STATISTICS") == [bytes(8)] * 8

    def test_without_control_is_a_proxy(self, world):
        sockets = [world("PULL"), world("PUSH")]
        sockets[0].close()
        with pytest.raises(ours.ZMQError):
            ours.proxy_steerable(*sockets)
        world.done()

    def test_refuses_what_is_no_socket(self, world):
        with pytest.raises(TypeError, match="control"):
            ours.proxy_steerable(world("PULL"), world("PUSH"), None, 5)
        world.done()
