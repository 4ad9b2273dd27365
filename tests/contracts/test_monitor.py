"""Monitor sockets: which events come, in which order, with which values (zmq_socket_monitor(3))."""

import asyncio
import errno
import importlib
import os
import socket as plain
import stat
import struct
import subprocess
import sys
from contextlib import contextmanager

import pytest

from .tools import PATIENCE, Background, address_of, attend, eventually, refused, silent, unique

EVENT = struct.Struct("=HI")  # zmq_socket_monitor(3): 16 bits of event, 32 of value, native order
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)
READY = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH"
HANG_UPS = (errno.ECONNRESET, errno.EPIPE)  # as reading or writing notices it first


class Watch:
    """A monitor of a socket, and the events that come out of it."""

    def __init__(self, net, socket, events=None):
        zmq = net.zmq
        address = f"inproc://{unique('monitor')}"
        socket.monitor(address, zmq.EVENT_ALL if events is None else events)
        self.zmq = zmq
        self.reader = net.connect(zmq.PAIR, address)

    def next(self):
        """Return the next event: its name, value and endpoint."""
        head, endpoint = self.reader.recv_multipart()
        number, value = EVENT.unpack(head)
        return self.zmq.Event(number).name, value, endpoint.decode()

    def until(self, name):
        """Return all events up to the first one of this name."""
        events = [self.next()]
        while events[-1][0] != name:
            events.append(self.next())
        return events


def names(events):
    return [name for name, _, _ in events]


def connected(wire):
    """Return what comes when a connection is begun; ipc connects at once."""
    return ["CONNECT_DELAYED", "CONNECTED"] if wire.transport == "tcp" else ["CONNECTED"]


def is_socket(descriptor):
    return stat.S_ISSOCK(os.fstat(descriptor).st_mode)


@contextmanager
def stranger(address):
    """A plain tcp connection to a bound socket."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    with plain.create_connection((host, int(port)), PATIENCE / 1000) as stream:
        yield stream


# -- the side that binds -----------------------------------------------------------------------------------


def test_bind_tells_listening_with_the_descriptor(zmq, wire):
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull)
    pull.bind(wire.endpoint())
    name, descriptor, endpoint = watch.next()
    assert (name, endpoint) == ("LISTENING", address_of(zmq, pull))
    assert is_socket(descriptor)


def test_peer_that_comes_is_accepted_and_shakes_hands(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    watch = Watch(wire, pull)
    wire.connect(zmq.PUSH, address)
    name, descriptor, endpoint = watch.next()
    assert (name, endpoint) == ("ACCEPTED", address)
    assert is_socket(descriptor)
    assert watch.next() == ("HANDSHAKE_SUCCEEDED", 0, address)


def test_accepted_tells_the_local_address_not_the_wildcard(zmq, tcp):
    pull = tcp.socket(zmq.PULL)
    watch = Watch(tcp, pull)
    pull.bind("tcp://*:*")
    listening = watch.next()[2]
    assert listening.startswith("tcp://0.0.0.0:")
    tcp.connect(zmq.PUSH, listening.replace("0.0.0.0", "127.0.0.1"))
    assert watch.next()[2] == listening.replace("0.0.0.0", "127.0.0.1")


def test_peer_that_leaves_is_disconnected_with_its_descriptor(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    watch = Watch(wire, pull)
    push = wire.connect(zmq.PUSH, address)
    accepted = watch.until("HANDSHAKE_SUCCEEDED")[0]
    push.close()
    assert watch.next() == ("DISCONNECTED", accepted[1], address)


def test_unbind_tells_closed_with_the_descriptor(zmq, wire):
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull)
    pull.bind(wire.endpoint())
    _, descriptor, endpoint = watch.next()
    pull.unbind(endpoint)
    assert watch.next() == ("CLOSED", descriptor, endpoint)


def add_a_file_beside(path):
    with open(f"{path}x", "x"):
        pass


@pytest.mark.parametrize("deed, number", [(os.remove, errno.ENOENT), (add_a_file_beside, errno.ENOTEMPTY)])
def test_unbind_that_cannot_remove_the_directory_it_made_tells_so(
    zmq, wire, tmp_path, monkeypatch, deed, number
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull)
    pull.bind("ipc://*")
    endpoint = watch.next()[2]
    deed(endpoint.removeprefix("ipc://"))
    pull.unbind(endpoint)
    assert watch.next() == ("CLOSE_FAILED", number, endpoint)


def test_unbind_tells_nothing_of_the_peers_that_stay(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    watch = Watch(wire, pull)
    wire.connect(zmq.PUSH, address)
    watch.until("HANDSHAKE_SUCCEEDED")
    pull.unbind(address)
    assert watch.next()[0] == "CLOSED"
    assert silent(watch.reader)


def test_bind_that_fails_tells_the_errno_and_the_bare_address(zmq, tcp):
    _, taken = tcp.bind(zmq.PULL)
    pull = tcp.socket(zmq.PULL)
    watch = Watch(tcp, pull, zmq.EVENT_BIND_FAILED)
    with pytest.raises(zmq.ZMQError):  # libzmq's own telling of it may overwrite the errno
        pull.bind(taken)
    assert watch.next() == ("BIND_FAILED", errno.EADDRINUSE, taken.removeprefix("tcp://"))


def test_ipc_bind_that_fails_tells_the_errno_and_the_path(zmq, wire):
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull, zmq.EVENT_BIND_FAILED)
    with pytest.raises(zmq.ZMQError):
        pull.bind("ipc:///no/such/directory/at/all")
    assert watch.next() == ("BIND_FAILED", errno.ENOENT, "/no/such/directory/at/all")


def test_inproc_tells_nothing(zmq, inproc):
    pull = inproc.socket(zmq.PULL)
    watch = Watch(inproc, pull)
    pull.bind(inproc.endpoint())
    inproc.connect(zmq.PUSH, address_of(zmq, pull)).send(b"hello")
    assert pull.recv() == b"hello"
    assert silent(watch.reader)


# -- the side that connects --------------------------------------------------------------------------------


def test_connect_tells_delayed_connected_and_the_handshake(zmq, wire):
    _, address = wire.bind(zmq.PULL)
    push = wire.socket(zmq.PUSH)
    watch = Watch(wire, push)
    push.connect(address)
    events = watch.until("HANDSHAKE_SUCCEEDED")
    assert names(events) == [*connected(wire), "HANDSHAKE_SUCCEEDED"]
    assert {endpoint for _, _, endpoint in events} == {address}
    assert is_socket(events[-2][1])
    assert events[-1][1] == 0


def test_delayed_connect_tells_einprogress(zmq, tcp):
    _, address = tcp.bind(zmq.PULL)
    push = tcp.socket(zmq.PUSH)
    watch = Watch(tcp, push)
    push.connect(address)
    assert watch.next() == ("CONNECT_DELAYED", errno.EINPROGRESS, address)


def test_refused_connect_is_closed_and_retried_again_and_again(zmq, wire):
    address = wire.absent()
    push = wire.socket(zmq.PUSH, reconnect_ivl=10)
    watch = Watch(wire, push)
    push.connect(address)
    for _ in range(2):
        events = watch.until("CONNECT_RETRIED")
        assert names(events) == [*connected(wire)[:-1], "CLOSED", "CONNECT_RETRIED"]
        assert {endpoint for _, _, endpoint in events} == {address}
        assert 10 <= events[-1][1] <= 20


def test_refused_connect_without_reconnecting_is_only_closed(zmq, tcp):
    push = tcp.socket(zmq.PUSH, reconnect_ivl=-1)
    watch = Watch(tcp, push)
    push.connect(tcp.absent())
    assert names(watch.until("CLOSED")) == ["CONNECT_DELAYED", "CLOSED"]
    assert silent(watch.reader)


def test_name_that_is_nobodys_is_only_retried(zmq, tcp):
    push = tcp.socket(zmq.PUSH, reconnect_ivl=10)
    watch = Watch(tcp, push)
    push.connect("tcp://nobody.invalid:5555")
    name, interval, endpoint = watch.next()
    assert (name, endpoint) == ("CONNECT_RETRIED", "tcp://nobody.invalid:5555")
    assert 10 <= interval <= 20


def test_lost_peer_is_disconnected_retried_and_found_again(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    push = wire.socket(zmq.PUSH, reconnect_ivl=10)
    watch = Watch(wire, push)
    push.connect(address)
    descriptor = watch.until("HANDSHAKE_SUCCEEDED")[-2][1]
    pull.close()
    assert watch.next() == ("DISCONNECTED", descriptor, address)
    assert watch.next()[0] == "CONNECT_RETRIED"
    wire.bind_again(zmq.PULL, address)
    assert names(watch.until("HANDSHAKE_SUCCEEDED"))[-len(connected(wire)) - 1 :] == [
        *connected(wire),
        "HANDSHAKE_SUCCEEDED",
    ]


def test_own_disconnect_tells_the_peer_and_not_us(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    there = Watch(wire, pull)
    push = wire.socket(zmq.PUSH)
    here = Watch(wire, push)
    push.connect(address)
    here.until("HANDSHAKE_SUCCEEDED")
    there.until("HANDSHAKE_SUCCEEDED")
    push.disconnect(address)
    eventually(lambda: attend(zmq, push) or there.reader.poll(5))
    assert there.next()[0] == "DISCONNECTED"
    assert silent(here.reader)


# -- handshakes that fail ----------------------------------------------------------------------------------


def failure(zmq, tcp, sent, **options):
    """Return what a PULL tells of a stranger that sends this, behind ACCEPTED and up to DISCONNECTED."""
    pull, address = tcp.bind(zmq.PULL, **options)
    watch = Watch(tcp, pull)
    with stranger(address) as stream:
        stream.sendall(sent)
        name, descriptor, _ = watch.next()
        assert name == "ACCEPTED"
        first = watch.next()
        if first[0] == "HANDSHAKE_FAILED_AUTH":  # libzmq waits for the peer to hang up then
            stream.close()
        events = [first] if first[0] == "DISCONNECTED" else [first, *watch.until("DISCONNECTED")]
    assert events[-1] == ("DISCONNECTED", descriptor, address)
    assert {endpoint for _, _, endpoint in events} == {address}
    return [(name, value) for name, value, _ in events[:-1]]


@pytest.mark.parametrize("sent", [b"", GREETING], ids=["nothing", "a greeting"])
def test_stranger_that_hangs_up_fails_without_detail(zmq, tcp, sent):
    pull, address = tcp.bind(zmq.PULL)
    watch = Watch(tcp, pull)
    with stranger(address) as stream:
        stream.sendall(sent)
        assert watch.next()[0] == "ACCEPTED"
    name, number, endpoint = watch.next()
    assert (name, endpoint) == ("HANDSHAKE_FAILED_NO_DETAIL", address)
    assert number in HANG_UPS
    assert watch.next()[0] == "DISCONNECTED"


def test_stranger_that_stays_silent_fails_without_detail(zmq, tcp):
    ((name, _),) = failure(zmq, tcp, b"", handshake_ivl=30)
    assert name == "HANDSHAKE_FAILED_NO_DETAIL"  # the value is whatever errno was in libzmq


PROTOCOL_ERRORS = {
    "another mechanism": (GREETING.replace(b"NULL\0", b"PLAIN"), "ZMTP_MECHANISM_MISMATCH"),
    "a command of another mechanism": (GREETING + b"\x04\x06\x05HELLO", "ZMTP_UNEXPECTED_COMMAND"),
    "a message before READY": (GREETING + b"\x00\x05hello", "ZMTP_UNEXPECTED_COMMAND"),
    "a malformed ERROR": (GREETING + b"\x04\x0a\x05ERROR\x09400", "ZMTP_MALFORMED_COMMAND_ERROR"),
}


@pytest.mark.parametrize("sent, number", PROTOCOL_ERRORS.values(), ids=PROTOCOL_ERRORS)
def test_mistake_of_the_peer_fails_with_its_number(zmq, tcp, sent, number):
    expected = int(getattr(zmq, f"PROTOCOL_ERROR_{number}"))
    assert failure(zmq, tcp, sent) == [("HANDSHAKE_FAILED_PROTOCOL", expected)]


def test_refusal_by_the_peer_fails_with_its_status(zmq, tcp):
    # libzmq may tell the hang-up that follows, too.
    assert failure(zmq, tcp, GREETING + b"\x04\x0a\x05ERROR\x03400")[0] == ("HANDSHAKE_FAILED_AUTH", 400)


def test_peer_of_a_type_that_does_not_fit_is_only_disconnected(zmq, tcp):
    assert failure(zmq, tcp, GREETING + READY.replace(b"PUSH", b"PAIR")) == []


def test_stranger_that_shakes_hands_succeeds(zmq, tcp):
    pull, address = tcp.bind(zmq.PULL)
    watch = Watch(tcp, pull)
    with stranger(address) as stream:
        stream.sendall(GREETING + READY)
        assert names(watch.until("HANDSHAKE_SUCCEEDED")) == ["ACCEPTED", "HANDSHAKE_SUCCEEDED"]
    assert watch.next()[0] == "DISCONNECTED"


@contextmanager
def server_of(answer):
    """A plain tcp server that sends this to the first who comes and hangs up when it is answered; its address."""
    with plain.create_server(("127.0.0.1", 0)) as server:

        def serve():
            stream, _ = server.accept()
            with stream:
                stream.settimeout(PATIENCE / 1000)
                stream.sendall(answer)
                while answer and stream.recv(1024):
                    pass

        serving = Background(serve)
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        serving.join()


def test_server_that_hangs_up_is_dialled_again(zmq, tcp):
    push = tcp.socket(zmq.PUSH, reconnect_ivl=10)
    watch = Watch(tcp, push)
    with server_of(b"") as address:
        push.connect(address)
        events = watch.until("CONNECT_RETRIED")
    assert names(events) == [
        "CONNECT_DELAYED",
        "CONNECTED",
        "HANDSHAKE_FAILED_NO_DETAIL",
        "DISCONNECTED",
        "CONNECT_RETRIED",
    ]
    assert events[2][1] in HANG_UPS
    assert events[3][1] == events[1][1]


def test_server_that_breaks_the_protocol_is_not_dialled_again(zmq, tcp):
    push = tcp.socket(zmq.PUSH, reconnect_ivl=10)
    watch = Watch(tcp, push)
    with server_of(GREETING.replace(b"NULL\0", b"PLAIN")) as address:
        push.connect(address)
        events = watch.until("DISCONNECTED")
    assert names(events) == ["CONNECT_DELAYED", "CONNECTED", "HANDSHAKE_FAILED_PROTOCOL", "DISCONNECTED"]
    assert events[2][1] == zmq.PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
    assert silent(watch.reader)


@pytest.mark.parametrize("status", [b"400", b"500"])
def test_client_that_zap_denies_fails_with_the_status_at_both_sides(zmq, ctx, tcp, status):
    zap = tcp.socket(zmq.REP)
    zap.bind("inproc://zeromq.zap.01")
    pull = tcp.socket(zmq.PULL, plain_server=1, zap_domain=b"global")
    there = Watch(tcp, pull)
    pull.bind(tcp.endpoint())
    push = tcp.socket(zmq.PUSH, plain_username=b"user", plain_password=b"wrong", reconnect_ivl=10)
    here = Watch(tcp, push)
    push.connect(address_of(zmq, pull))
    version, request, *_ = zap.recv_multipart()
    zap.send_multipart([version, request, status, b"no", b"", b""])
    failed = ("HANDSHAKE_FAILED_AUTH", int(status), address_of(zmq, pull))
    assert failed in there.until("DISCONNECTED")
    assert failed in here.until("DISCONNECTED")
    zap.close()


# -- what is asked for -------------------------------------------------------------------------------------


def test_only_events_in_the_mask_are_told(zmq, wire):
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull, zmq.EVENT_LISTENING | zmq.EVENT_DISCONNECTED)
    pull.bind(wire.endpoint())
    assert watch.next()[0] == "LISTENING"
    push = wire.connect(zmq.PUSH, address_of(zmq, pull))
    push.send(b"here")
    pull.recv()
    push.close()
    assert watch.next()[0] == "DISCONNECTED"


def test_monitor_none_stops_with_monitor_stopped(zmq, wire):
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull)
    pull.monitor(None)
    assert watch.next() == ("MONITOR_STOPPED", 0, "")
    pull.bind(wire.endpoint())
    assert silent(watch.reader)


def test_monitor_stopped_is_masked_too(zmq, wire):
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull, zmq.EVENT_LISTENING)
    pull.disable_monitor()
    assert silent(watch.reader)


def test_close_tells_closed_and_monitor_stopped(zmq, wire):
    pull, address = wire.bind(zmq.PULL)
    watch = Watch(wire, pull)
    pull.close()
    closed, stopped = watch.until("MONITOR_STOPPED")
    assert (closed[0], closed[2]) == ("CLOSED", address)
    assert stopped == ("MONITOR_STOPPED", 0, "")


def test_second_monitor_stops_the_first(zmq, wire):
    pull = wire.socket(zmq.PULL)
    first = Watch(wire, pull)
    second = Watch(wire, pull)
    assert first.next()[0] == "MONITOR_STOPPED"
    pull.bind(wire.endpoint())
    assert second.next()[0] == "LISTENING"
    assert silent(first.reader)


def test_stopping_a_monitor_that_is_not_there_does_nothing(zmq, wire):
    pull = wire.socket(zmq.PULL)
    pull.monitor(None)
    pull.disable_monitor()


BAD_MONITORS = {
    "tcp": ("tcp://127.0.0.1:*", {}, errno.EPROTONOSUPPORT),
    "no such transport": ("foo://x", {}, errno.EPROTONOSUPPORT),
    "no endpoint": ("nonsense", {}, errno.EINVAL),
    "no name": ("inproc://", {}, errno.EINVAL),
    "nothing": ("", {}, errno.EINVAL),
    "an event of version 2": ("inproc://x", {"events": 0x10000}, errno.EINVAL),
    "a negative mask": ("inproc://x", {"events": -1}, errno.EINVAL),
}


@pytest.mark.parametrize("address, options, code", BAD_MONITORS.values(), ids=BAD_MONITORS)
def test_bad_monitor_is_refused(zmq, inproc, address, options, code):
    with refused(zmq, code):
        inproc.socket(zmq.PULL).monitor(address, **options)


def test_monitor_at_a_name_that_is_taken_is_refused_and_ends_the_former(zmq, inproc):
    _, taken = inproc.bind(zmq.PAIR)
    pull = inproc.socket(zmq.PULL)
    watch = Watch(inproc, pull)
    with refused(zmq, errno.EADDRINUSE):
        pull.monitor(taken)
    assert watch.next()[0] == "MONITOR_STOPPED"


def test_monitor_takes_an_address_in_bytes_and_nothing_else(zmq, inproc):
    pull = inproc.socket(zmq.PULL)
    name = unique("monitor").encode()
    pull.monitor(b"inproc://" + name)
    inproc.connect(zmq.PAIR, f"inproc://{name.decode()}")
    with pytest.raises(TypeError):
        pull.monitor(5)


def test_closed_socket_has_no_monitor(zmq, inproc):
    pull = inproc.socket(zmq.PULL)
    pull.close()
    with refused(zmq, errno.ENOTSOCK):
        pull.monitor("inproc://closed")
    with refused(zmq, errno.ENOTSOCK):
        pull.disable_monitor()


def test_event_waits_for_a_reader_that_connects_later(zmq, wire):
    if wire.zmq.__name__ == "zmq":
        pytest.skip("libzmq blocks bind() until somebody connects")
    pull = wire.socket(zmq.PULL)
    pull.monitor("inproc://late")
    pull.bind(wire.endpoint())
    reader = wire.connect(zmq.PAIR, "inproc://late")
    assert EVENT.unpack(reader.recv_multipart()[0])[0] == zmq.EVENT_LISTENING


def test_reader_may_connect_before_the_monitor_is_there(zmq, wire):
    pull = wire.socket(zmq.PULL)
    reader = wire.connect(zmq.PAIR, "inproc://early")
    pull.monitor("inproc://early")
    pull.bind(wire.endpoint())
    assert EVENT.unpack(reader.recv_multipart()[0])[0] == zmq.EVENT_LISTENING


def test_reader_may_be_a_pull(zmq, wire):
    pull = wire.socket(zmq.PULL)
    pull.monitor("inproc://pulled")
    reader = wire.connect(zmq.PULL, "inproc://pulled")
    pull.bind(wire.endpoint())
    assert EVENT.unpack(reader.recv_multipart()[0])[0] == zmq.EVENT_LISTENING


def test_second_reader_gets_nothing(zmq, wire):
    pull = wire.socket(zmq.PULL)
    watch = Watch(wire, pull)
    pull.bind(wire.endpoint())
    watch.next()
    address = watch.reader.get(zmq.LAST_ENDPOINT).decode()
    second = wire.connect(zmq.PAIR, address)
    pull.unbind(address_of(zmq, pull))
    assert watch.next()[0] == "CLOSED"
    assert silent(second)


# -- PyZMQ's methods ---------------------------------------------------------------------------------------


def test_monitor_socket_is_the_same_until_it_is_closed_or_disabled(zmq, wire):
    pull = wire.socket(zmq.PULL)
    first = pull.get_monitor_socket()
    assert isinstance(first, zmq.Socket)
    assert first.type == zmq.PAIR
    assert pull._monitor_socket is first
    assert pull.get_monitor_socket(zmq.EVENT_LISTENING, "inproc://ignored") is first
    pull.disable_monitor()
    assert pull._monitor_socket is None
    second = pull.get_monitor_socket(zmq.EVENT_LISTENING, f"inproc://{unique('monitor')}")
    assert second is not first
    first.close()
    second.close()


def test_monitor_socket_takes_a_mask_and_an_address(zmq, wire):
    pull = wire.socket(zmq.PULL)
    address = f"inproc://{unique('monitor')}"
    with pull.get_monitor_socket(zmq.EVENT_CLOSED, address) as reader:
        assert address_of(zmq, reader) == address
        pull.bind(wire.endpoint())
        pull.unbind(address_of(zmq, pull))
        assert EVENT.unpack(reader.recv_multipart()[0])[0] == zmq.EVENT_CLOSED


def test_recv_monitor_message_gives_event_value_and_endpoint(zmq, wire):
    monitor = pytest.importorskip(f"{zmq.__name__}.utils.monitor")
    pull = wire.socket(zmq.PULL)
    with pull.get_monitor_socket() as reader:
        pull.bind(wire.endpoint())
        message = monitor.recv_monitor_message(reader)
        assert message["event"] is zmq.Event.LISTENING
        assert message["endpoint"] == address_of(zmq, pull).encode()
        assert is_socket(message["value"])
        with pytest.raises(zmq.Again):
            monitor.recv_monitor_message(reader, zmq.DONTWAIT)


def test_monitor_of_an_asyncio_socket_is_awaited(zmq):
    async def main():
        with (
            asyncio_of.Context() as context,
            context.socket(zmq.PULL) as pull,
            context.socket(zmq.PUSH) as push,
        ):
            reader = pull.get_monitor_socket()
            assert isinstance(reader, asyncio_of.Socket)
            pull.bind("tcp://127.0.0.1:*")
            told = await asyncio.wait_for(monitor.recv_monitor_message(reader), PATIENCE / 1000)
            assert told["event"] == zmq.EVENT_LISTENING
            waiting = asyncio.ensure_future(monitor.recv_monitor_message(reader))
            push.connect(address_of(zmq, pull))
            told = await asyncio.wait_for(waiting, PATIENCE / 1000)
            assert told["event"] == zmq.EVENT_ACCEPTED
            pull.disable_monitor()
            while told["event"] != zmq.EVENT_MONITOR_STOPPED:
                told = await asyncio.wait_for(monitor.recv_monitor_message(reader), PATIENCE / 1000)
            reader.close()

    asyncio_of = importlib.import_module(f"{zmq.__name__}.asyncio")
    monitor = importlib.import_module(f"{zmq.__name__}.utils.monitor")
    asyncio.run(main())


@pytest.mark.parametrize("message", [[], [b""], [b"12345", b""], [bytes(6)], [bytes(6), b"", b""]])
def test_other_messages_are_no_monitor_messages(zmq, message):
    monitor = pytest.importorskip(f"{zmq.__name__}.utils.monitor")
    with pytest.raises(RuntimeError):
        monitor.parse_monitor_message(message)


ACCEPT_WITHOUT_DESCRIPTORS = """
import importlib, os, resource, socket, struct, sys
zmq = importlib.import_module(sys.argv[1])
context = zmq.Context()
pull, peer = context.socket(zmq.PULL), socket.socket()
reader = pull.get_monitor_socket(zmq.EVENT_ACCEPT_FAILED)
pull.bind("tcp://127.0.0.1:*")
pull.get(zmq.EVENTS), reader.get(zmq.EVENTS)
free = os.dup(0)
resource.setrlimit(resource.RLIMIT_NOFILE, (free, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
os.close(free)
endpoint = pull.get(zmq.LAST_ENDPOINT)
peer.connect(("127.0.0.1", int(endpoint.decode().rpartition(":")[2])))
assert reader.poll(5000)
head, told = reader.recv_multipart()
assert told == endpoint, told
print(*struct.unpack("=HI", head), flush=True)
os._exit(0)
"""


def test_accept_that_fails_tells_the_errno(zmq):
    command = [sys.executable, "-c", ACCEPT_WITHOUT_DESCRIPTORS, zmq.__name__]
    done = subprocess.run(command, timeout=PATIENCE / 1000, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.split() == [str(int(zmq.EVENT_ACCEPT_FAILED)), str(errno.EMFILE)]
