"""What the application gets wrong: libzmq's exception and errno, and a message that says what to do."""

import errno
import os
import re
import socket

import pytest
import zmq as libzmq

import purezmq
from tests.faults.tools import dial, in_child

MODULES = {"theirs": libzmq, "ours": purezmq}
HERE = "tests.faults.test_caller"


class Bench:
    """Sockets of one implementation."""

    def __init__(self, zmq, folder):
        self.zmq = zmq
        self.folder = folder
        self.context = zmq.Context()

    def socket(self, kind, **options):
        made = self.context.socket(getattr(self.zmq, kind))
        for name, value in {"LINGER": 0, "RCVTIMEO": 1000, "SNDTIMEO": 1000, **options}.items():
            made.set(getattr(self.zmq, name), value)
        return made

    def bound(self, kind, endpoint="tcp://127.0.0.1:*", **options):
        made = self.socket(kind, **options)
        made.bind(endpoint)
        return made

    def last(self, made):
        return made.get(self.zmq.LAST_ENDPOINT).decode()

    def pair(self, one, other):
        server = self.bound(one)
        client = self.socket(other)
        client.connect(self.last(server))
        return server, client

    def closed(self, kind):
        made = self.socket(kind)
        made.close()
        return made


@pytest.fixture
def benches(tmp_path, nothing_left_behind):
    made = []
    for name, module in MODULES.items():
        folder = tmp_path / name
        folder.mkdir()
        made.append(Bench(module, folder))
    yield made
    for bench in made:
        bench.context.destroy(0)


def refusal(bench, mistake):
    """Return what this mistake raises."""
    try:
        mistake(bench)
    except Exception as refused:
        return refused
    raise AssertionError(f"{bench.zmq.__name__} lets it pass")


def kind_of(refused):
    """Return what programs go by: the name of the exception, and its errno."""
    return type(refused).__name__, getattr(refused, "errno", None)


def check(benches, mistake):
    """Check that ours refuses as theirs does, and return what it says beyond the text of the errno."""
    theirs, ours = (refusal(bench, mistake) for bench in benches)
    assert kind_of(ours) == kind_of(theirs), (ours, theirs)
    if not isinstance(ours, purezmq.ZMQError):
        return str(ours)
    text = re.sub(r" \(addr='[^']*'\)$", "", str(ours))  # as PyZMQ says, too
    plain = purezmq.strerror(ours.errno)
    assert text.startswith(plain)
    return text.removeprefix(plain).strip(" ()")


# -- endpoints ---------------------------------------------------------------------------------------------


# the endpoint, and words of the hint
BAD_BINDS = [
    ("", "transport://address"),
    ("tcp", "transport://address"),
    ("tcp:/127.0.0.1:5555", "transport://address"),
    ("://127.0.0.1:5555", "transport://address"),
    ("tcp://", "transport://address"),
    ("tcp://127.0.0.1", "127.0.0.1:5555"),
    ("tcp://*", "has no port"),
    ("tcp://127.0.0.1:http", "from 1 to 65535"),
    ("tcp://127.0.0.1:65536", "from 1 to 65535"),
    ("tcp://no-such-interface:*", "no interface"),
    ("tcp://[::1]:*", "IPV6"),
    ("tcp://203.0.113.7:*", "does not have that address"),
    ("ipc://@", "behind the @"),
    ("ipc://{folder}/missing/s", ""),
    ("ipc://{folder}/file/s", "is a file"),
    ("ipc://{folder}", "directory"),
    ("ipc://{folder}/" + "x" * 120, ""),
    ("inproc://", "transport://address"),
    ("gopher://127.0.0.1:70", "there is no transport 'gopher', but inproc, ipc, tcp"),
    ("TCP://127.0.0.1:*", "there is no transport 'TCP'"),
    ("udp://127.0.0.1:5555", "RADIO, DISH and DGRAM"),
]


@pytest.mark.parametrize("endpoint, hint", BAD_BINDS)
def test_bind(benches, endpoint, hint):
    def mistake(bench):
        (bench.folder / "file").touch()
        bench.socket("PULL").bind(endpoint.format(folder=bench.folder))

    if "{folder}" in endpoint and (endpoint.endswith("x") or "missing" in endpoint):
        theirs, ours = (refusal(bench, mistake) for bench in benches)
        assert kind_of(ours) == kind_of(theirs)
        assert "ipc path" in str(ours)  # PyZMQ's own text
    else:
        said = check(benches, mistake)
        assert hint in said
        assert said


BAD_CONNECTS = [
    ("", "transport://address"),
    ("127.0.0.1:5555", "transport://address"),
    ("tcp://127.0.0.1", "127.0.0.1:5555"),
    ("tcp://127.0.0.1:*", "number of the port"),
    ("tcp://*:5555", "connect() to a host"),
    ("tcp://127.0.0.1:http", "number of the port"),
    ("tcp://a host:5555", "' ' cannot be in the address"),
    ("ipc://@", "behind the @"),
    ("inproc://", "transport://address"),
    ("gopher://127.0.0.1:70", "there is no transport"),
    ("udp://127.0.0.1:5555", "RADIO, DISH and DGRAM"),
    ("ipc://" + "x" * 120, "107"),
]


@pytest.mark.parametrize("endpoint, hint", BAD_CONNECTS)
def test_connect(benches, endpoint, hint):
    assert hint in check(benches, lambda bench: bench.socket("PUSH").connect(endpoint))


@pytest.mark.parametrize("method", ["bind", "connect", "unbind", "disconnect"])
@pytest.mark.parametrize("endpoint", [None, 5555, ("127.0.0.1", 5555)])
def test_endpoint_of_another_type(benches, method, endpoint):
    theirs, ours = (
        refusal(bench, lambda bench: getattr(bench.socket("PULL"), method)(endpoint)) for bench in benches
    )
    assert type(ours) is type(theirs) is TypeError
    assert repr(endpoint) in str(ours)


def test_port_in_use(benches):
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    hint = check(benches, lambda bench: bench.socket("PULL").bind(f"tcp://127.0.0.1:{port}"))
    assert "LAST_ENDPOINT" in hint
    taken.close()


def test_port_in_use_by_a_socket_of_the_same_context(benches):
    def mistake(bench):
        with bench.bound("PULL") as pull:
            bench.socket("PULL").bind(bench.last(pull))

    assert "another socket has this port" in check(benches, mistake)


def test_abstract_name_in_use(benches):
    name = f"ipc://@faults-{os.getpid()}"

    def mistake(bench):
        with bench.bound("PULL", name):
            bench.socket("PULL").bind(name)

    assert "taken" in check(benches, mistake)


def test_inproc_name_in_use(benches):
    def mistake(bench):
        with bench.bound("PULL", "inproc://name"):
            bench.socket("PULL").bind("inproc://name")

    assert check(benches, mistake)


@pytest.mark.parametrize("method", ["unbind", "disconnect"])
@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:5555", "ipc:///nowhere", "inproc://nowhere"])
def test_unbind_and_disconnect_of_what_is_not_there(benches, method, endpoint):
    hint = check(benches, lambda bench: getattr(bench.bound("PULL"), method)(endpoint))
    assert "LAST_ENDPOINT" in hint


@pytest.mark.parametrize("module", ["zmq", "purezmq"], ids=["theirs", "ours"])
def test_no_permission(tmp_path, module):
    tmp_path.chmod(0o500)
    in_child(HERE, "bind_without_permission", module, str(tmp_path))


def bind_without_permission(module, folder):
    """In a child: bind in a folder of somebody else."""
    library = __import__(module)
    with library.Context() as context, context.socket(library.PULL) as pull:
        pull.bind("ipc://*")  # whatever is to be imported, is
        pull.connect("tcp://127.0.0.1:1")
        if os.getuid() == 0:
            os.chmod(folder, 0o755)
            os.seteuid(65534)
        try:
            pull.bind(f"ipc://{folder}/s")
        except library.ZMQError as refused:
            assert refused.errno == errno.EACCES
            assert module == "zmq" or "must be allowed to write to the directory" in str(refused)
        else:
            raise AssertionError("bound without permission")
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
    print("fine")


# -- options -----------------------------------------------------------------------------------------------


# type of socket, option, value, words of the hint
BAD_VALUES = [
    ("PUSH", "LINGER", -2, "LINGER takes -1 or more, not -2"),
    ("PUSH", "SNDHWM", -1, "SNDHWM takes 0 or more"),
    ("PUSH", "SNDTIMEO", -2, "SNDTIMEO takes -1 or more"),
    ("PUSH", "RECONNECT_IVL", -2, "-1 or more"),
    ("PUSH", "HANDSHAKE_IVL", -1, "0 or more"),
    ("PUSH", "HEARTBEAT_TTL", 6553600, "not 6553600"),
    ("PUSH", "IPV6", 2, "0 to 1"),
    ("PUSH", "IMMEDIATE", 2, "0 to 1"),
    ("PUSH", "TCP_KEEPALIVE", 2, "-1 to 1"),
    ("PUSH", "BACKLOG", -1, "0 or more"),
    ("DEALER", "ROUTING_ID", b"", "1 to 255 bytes, not 0"),
    ("DEALER", "ROUTING_ID", b"x" * 256, "1 to 255 bytes, not 256"),
    ("PUSH", "SUBSCRIBE", b"", "PUSH"),
    ("PUB", "ROUTER_MANDATORY", 1, "ROUTER"),
    ("DEALER", "REQ_RELAXED", 1, "REQ"),
    ("PUSH", "TYPE", 1, "TYPE cannot be written"),
    ("PUSH", "FD", 1, "FD cannot be written"),
    ("PUSH", "RCVMORE", 1, "RCVMORE cannot be written"),
    ("PUSH", "LAST_ENDPOINT", b"tcp://x", "LAST_ENDPOINT cannot be written"),
    ("PUSH", "LINGER", None, "expected int"),
    ("PUSH", "LINGER", 1.5, "expected int"),
    ("PUSH", "LINGER", b"1", "expected int"),
    ("PUSH", "LINGER", "1", "setsockopt_string"),
    ("PUSH", "LINGER", 2**40, "32 bits"),
    ("DEALER", "ROUTING_ID", 7, "expected bytes"),
    ("DEALER", "ROUTING_ID", "name", "setsockopt_string"),
    ("SUB", "SUBSCRIBE", "topic", "setsockopt_string"),
]


@pytest.mark.parametrize("kind, option, value, hint", BAD_VALUES)
def test_option_value(benches, kind, option, value, hint):
    said = check(benches, lambda bench: bench.socket(kind).set(getattr(bench.zmq, option), value))
    assert hint in said


@pytest.mark.parametrize("number", [-1, 0, 999, 2**31 - 1])
def test_option_that_does_not_exist(benches, number):
    assert str(number) in check(benches, lambda bench: bench.socket("PUSH").set(number, 1))
    assert str(number) in check(benches, lambda bench: bench.socket("PUSH").get(number))


@pytest.mark.parametrize(
    "option", ["SUBSCRIBE", "ROUTER_MANDATORY", "XPUB_WELCOME_MSG", "CONNECT_ROUTING_ID"]
)
def test_option_that_cannot_be_read(benches, option):
    assert option in check(benches, lambda bench: bench.socket("XPUB").get(getattr(bench.zmq, option)))


@pytest.mark.parametrize("name", ["no_such_option", "LINGERR"])
def test_attribute_that_does_not_exist(benches, name):
    assert name.upper() in check(benches, lambda bench: setattr(bench.socket("PUSH"), name, 1))
    assert name in check(benches, lambda bench: getattr(bench.socket("PUSH"), name))


CONTEXT_MISTAKES = {
    "unknown option": (lambda bench: bench.context.set(99, 1), "99"),
    "unknown option read": (lambda bench: bench.context.get(99), "99"),
    "no sockets at all": (lambda bench: bench.context.set(bench.zmq.MAX_SOCKETS, 0), "1 or more"),
    "socket type": (lambda bench: bench.context.socket(99), "99 is no socket type"),
    "socket type as text": (lambda bench: bench.context.socket("PUSH"), ""),
}


@pytest.mark.parametrize("mistake, hint", CONTEXT_MISTAKES.values(), ids=list(CONTEXT_MISTAKES))
def test_context(benches, mistake, hint):
    assert hint in check(benches, mistake)


def test_context_with_fewer_than_no_threads(benches):
    refused = refusal(benches[1], lambda bench: bench.zmq.Context(-1))  # libzmq's leaves a descriptor
    assert kind_of(refused) == ("ZMQError", errno.EINVAL)
    assert "0 or more" in str(refused)


def test_too_many_sockets(benches):
    def mistake(bench):
        bench.context.set(bench.zmq.MAX_SOCKETS, 2)
        return [bench.socket("PULL") for _ in range(3)]

    assert "MAX_SOCKETS" in check(benches, mistake)


# -- sending and receiving ---------------------------------------------------------------------------------


def twice(bench, server, client):
    req = bench.pair(server, client)[1]
    req.send(b"")
    req.send(b"")


def unroutable(bench):
    bench.socket("ROUTER", ROUTER_MANDATORY=1).send_multipart([b"nobody", b"hello"])


WRONG_TURNS = {
    "send on SUB": (lambda bench: bench.socket("SUB").send(b""), "SUB sockets only receive"),
    "send on PULL": (lambda bench: bench.socket("PULL").send(b""), "PULL sockets only receive"),
    "send parts on PULL": (
        lambda bench: bench.socket("PULL").send_multipart([b"", b""]),
        "PULL sockets only receive",
    ),
    "recv on PUSH": (lambda bench: bench.socket("PUSH").recv(), "PUSH sockets only send"),
    "recv on PUB": (lambda bench: bench.socket("PUB").recv(), "PUB sockets only send"),
    "recv_multipart on PUB": (lambda bench: bench.socket("PUB").recv_multipart(), "PUB sockets only send"),
    "recv before send on REQ": (lambda bench: bench.socket("REQ").recv(), "send() a request"),
    "send twice on REQ": (lambda bench: twice(bench, "REP", "REQ"), "receive the reply"),
    "send before recv on REP": (lambda bench: bench.socket("REP").send(b""), "receive"),
    "ROUTER to nobody": (unroutable, "nobody"),
}


@pytest.mark.parametrize("mistake, hint", WRONG_TURNS.values(), ids=list(WRONG_TURNS))
def test_operation(benches, mistake, hint):
    assert hint in check(benches, mistake)


CONTENTS = {
    "send str": lambda bench: bench.bound("PUB").send("text"),
    "send None": lambda bench: bench.bound("PUB").send(None),
    "send int": lambda bench: bench.bound("PUB").send(5),
    "send_string bytes": lambda bench: bench.bound("PUB").send_string(b"text"),
    "parts with str": lambda bench: bench.bound("PUB").send_multipart([b"a", "b"]),
    "parts with int": lambda bench: bench.bound("PUB").send_multipart([b"a", 5]),
    "json of bytes": lambda bench: bench.bound("PUB").send_json(b"a"),
    "recv_into bytes": lambda bench: bench.bound("PULL").recv_into(b"a"),
}


@pytest.mark.parametrize("mistake", CONTENTS.values(), ids=list(CONTENTS))
def test_content(benches, mistake):
    assert check(benches, mistake)


@pytest.mark.parametrize(
    "call", [lambda made: made.send(b""), lambda made: made.recv(), lambda made: made.recv_multipart()]
)
def test_nothing_to_be_done_now_is_again(benches, call):
    theirs, ours = (
        refusal(bench, lambda bench: call(bench.socket("DEALER", SNDTIMEO=0, RCVTIMEO=0)))
        for bench in benches
    )
    assert kind_of(theirs) == kind_of(ours) == ("Again", errno.EAGAIN)
    assert str(ours) == str(theirs)


# -- after the end -----------------------------------------------------------------------------------------


AFTER_CLOSE = {
    "send": lambda made, zmq: made.send(b""),
    "send_multipart": lambda made, zmq: made.send_multipart([b"a", b"b"]),
    "recv": lambda made, zmq: made.recv(),
    "recv_multipart": lambda made, zmq: made.recv_multipart(),
    "poll": lambda made, zmq: made.poll(0),
    "bind": lambda made, zmq: made.bind("tcp://127.0.0.1:*"),
    "connect": lambda made, zmq: made.connect("tcp://127.0.0.1:1"),
    "unbind": lambda made, zmq: made.unbind("tcp://127.0.0.1:1"),
    "set": lambda made, zmq: made.set(zmq.LINGER, 0),
    "get": lambda made, zmq: made.get(zmq.LINGER),
    "EVENTS": lambda made, zmq: made.get(zmq.EVENTS),
    "fileno": lambda made, zmq: made.fileno(),
    "subscribe": lambda made, zmq: made.subscribe(b""),
}


@pytest.mark.parametrize("kind", ["DEALER", "SUB", "PUSH"])
@pytest.mark.parametrize("call", AFTER_CLOSE.values(), ids=list(AFTER_CLOSE))
def test_use_after_close(benches, call, kind):
    assert "the socket is closed" in check(benches, lambda bench: call(bench.closed(kind), bench.zmq))


def test_socket_of_a_closed_context(benches):
    def mistake(bench):
        bench.context.term()
        bench.context.socket(bench.zmq.PULL)

    assert "the context is closed" in check(benches, mistake)


def test_option_of_a_closed_context(benches):
    def mistake(bench):
        bench.context.term()
        bench.context.get(bench.zmq.MAX_SOCKETS)

    check(benches, mistake)


# -- and afterwards ----------------------------------------------------------------------------------------


def test_mistakes_leave_a_socket_as_it_was(benches):
    ours = benches[1]
    (ours.folder / "file").touch()
    pull = ours.bound("PULL")
    address = ours.last(pull)
    for endpoint, _ in BAD_BINDS:
        refusal(ours, lambda bench, endpoint=endpoint: pull.bind(endpoint.format(folder=ours.folder)))
        refusal(ours, lambda bench, endpoint=endpoint: pull.unbind(endpoint))
    for endpoint, _ in BAD_CONNECTS:
        refusal(ours, lambda bench, endpoint=endpoint: pull.connect(endpoint))
    for _, option, value, _ in BAD_VALUES:
        if option not in ("SUBSCRIBE", "ROUTER_MANDATORY", "REQ_RELAXED", "ROUTING_ID"):
            refusal(ours, lambda bench, option=option, value=value: pull.set(getattr(purezmq, option), value))
    assert ours.last(pull) == address
    assert pull.linger == 0
    with ours.socket("PUSH") as push:
        push.connect(address)
        push.send(b"fine")
        assert pull.recv() == b"fine"
    pull.unbind(address)
    with pytest.raises(ConnectionRefusedError):
        dial(address)
