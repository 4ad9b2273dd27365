"""The option table, compared with PyZMQ over every option × socket type × a grid of values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq

from purezmq import errors
from purezmq.constants import SocketOption, SocketType
from purezmq.core.options import OPTIONS, Option, SocketOptions, get_option, set_option

TYPES = [SocketType(number) for number in range(zmq.STREAM + 1)]

INT32 = [-(2**31), -101, -100, -99, -3, -2, -1, 0, 1, 2, 3, 63, 64, 99, 100, 101, 255, 256, 1000, 1024]
INT32 += [6553599, 6553600, 2**31 - 1]
INT64 = [-(2**63), *INT32, 2**31, 2**63 - 1]
BYTES = [b"", b"x", b"\0abc", b"a\0b", b"127.0.0.1", b"X-a:b", b"x" * 15, b"x" * 16, b"x" * 17, b"x" * 32]
BYTES += [b"x" * 40, b"x" * 254, b"x" * 255, b"x" * 256, b"x" * 1000]
GRID: dict[str, list[int] | list[bytes]] = {"int": INT32, "int64": INT64, "bytes": BYTES, "fd": INT32}

# Numbers that no option has: retired ones, options of contexts, and beyond the ends.
STRANGERS = [-1, 0, 1, 2, 3, 10, 20, 26, 29, 30, 67, 70, 82, 83, 125, 9999]

# PyZMQ's wheels refuse these: their libzmq is built without drafts.
DRAFTS = {
    SocketOption.BUSY_POLL,
    SocketOption.DISCONNECT_MSG,
    SocketOption.HELLO_MSG,
    SocketOption.HICCUP_MSG,
    SocketOption.IN_BATCH_SIZE,
    SocketOption.OUT_BATCH_SIZE,
    SocketOption.PRIORITY,
    SocketOption.ROUTER_NOTIFY,
    SocketOption.XSUB_VERBOSE_UNSUBSCRIBE,
}

STORED = [
    number
    for number, option in OPTIONS.items()
    if option.field
    and (zmq.DRAFT_API or number not in DRAFTS)
    and (zmq.has("gssapi") or not option.name.startswith("GSSAPI_"))  # tests/security/test_gssapi.py
]
LATER = [number for number, option in OPTIONS.items() if not option.supported]
COMPUTED = [number for number, option in OPTIONS.items() if option.computed]

# PyZMQ cannot read a text of 255 bytes: libzmq wants room for a closing NUL.
TEXTS = (
    zmq.PLAIN_USERNAME,
    zmq.PLAIN_PASSWORD,
    zmq.ZAP_DOMAIN,
    zmq.SOCKS_PROXY,
    zmq.SOCKS_USERNAME,
    zmq.SOCKS_PASSWORD,
)

Answer = int | bytes | str


def name(number: int) -> str:
    return OPTIONS[number].name


@pytest.fixture(scope="module")
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context


class Theirs:
    """One PyZMQ socket; answers are values, or "EINVAL"."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], socket_type: int) -> None:
        self.socket = context.socket(socket_type)

    def set(self, number: int, value: int | bytes) -> str:
        try:
            self.socket.set(number, value)
        except zmq.ZMQError as refusal:
            return zmq.Errno(refusal.errno or 0).name
        return "accepted"

    def get(self, number: int) -> Answer:
        try:
            return self.socket.get(number)
        except zmq.ZMQError as refusal:
            return zmq.Errno(refusal.errno or 0).name


class Ours:
    """The same questions, asked of the table."""

    def __init__(self, socket_type: int) -> None:
        self.type = socket_type
        self.options = SocketOptions.for_type(socket_type)

    def set(self, number: int, value: int | bytes) -> str:
        try:
            set_option(self.options, self.type, number, value)
        except errors.ZMQError as refusal:
            return zmq.Errno(refusal.errno or 0).name
        return "accepted"

    def get(self, number: int) -> Answer:
        try:
            return get_option(self.options, self.type, number)
        except errors.ZMQError as refusal:
            return zmq.Errno(refusal.errno or 0).name


def grid(number: int) -> list[int] | list[bytes]:
    return GRID[SocketOption(number)._opt_type.value]


@pytest.mark.parametrize("number", STORED, ids=name)
def test_supported_option_accepts_and_returns_what_libzmq_does(
    context: zmq.Context[zmq.Socket[bytes]], number: int
) -> None:
    for socket_type in TYPES:
        if number == SocketOption.ROUTER_NOTIFY and socket_type not in OPTIONS[number].types:
            continue  # libzmq lets everybody read it
        theirs, ours = Theirs(context, socket_type), Ours(socket_type)
        with theirs.socket:
            assert ours.get(number) == theirs.get(number), socket_type
            for value in grid(number):
                case = (socket_type, value)
                assert ours.set(number, value) == theirs.set(number, value), case
                if not (number in TEXTS and len(getattr(ours.options, OPTIONS[number].field)) >= 255):
                    assert ours.get(number) == theirs.get(number), case


@pytest.mark.parametrize("number", LATER, ids=name)
def test_unsupported_option_keeps_libzmqs_default_and_refuses_the_rest(
    context: zmq.Context[zmq.Socket[bytes]], number: int
) -> None:
    for socket_type in TYPES:
        for value in grid(number):
            theirs, ours = Theirs(context, socket_type), Ours(socket_type)
            with theirs.socket:
                default = theirs.get(number)
                accepted, changed = theirs.set(number, value), theirs.get(number) != default
                case = (socket_type, value)
                assert ours.get(number) == default, case
                if accepted != "accepted" or changed:
                    assert ours.set(number, value) == "EINVAL", case
                elif default != "EINVAL":
                    assert ours.set(number, value) == "accepted", case
                assert ours.get(number) == default, case


@pytest.mark.parametrize("number", COMPUTED, ids=name)
def test_computed_option_exists_where_it_does_in_libzmq(
    context: zmq.Context[zmq.Socket[bytes]], number: int
) -> None:
    option = OPTIONS[number]
    for socket_type in TYPES:
        theirs = Theirs(context, socket_type)
        with theirs.socket:
            if socket_type in {SocketType.PUB, SocketType.XPUB}:
                theirs.set(zmq.XPUB_MANUAL, 1)  # only then do these two know SUBSCRIBE
            known = socket_type in option.types
            assert (option.readable and known) == (theirs.get(number) != "EINVAL")
            accepted = {theirs.set(number, value) for value in grid(number)}
            assert (option.writable and known) == ("accepted" in accepted)


@pytest.mark.parametrize("number", STRANGERS)
def test_unknown_number_is_einval(context: zmq.Context[zmq.Socket[bytes]], number: int) -> None:
    theirs, ours = Theirs(context, zmq.PUSH), Ours(zmq.PUSH)
    with theirs.socket:
        assert ours.set(number, 0) == theirs.set(number, 0) == "EINVAL"
        assert ours.get(number) == theirs.get(number) == "EINVAL"


def test_every_option_of_libzmq_has_a_row() -> None:
    without = {SocketOption.HWM, SocketOption.BLOCKY}  # PyZMQ's own pair, and a context option
    assert set(OPTIONS) == {int(option) for option in SocketOption} - {int(option) for option in without}


@pytest.mark.parametrize(("ipv6", "blocky"), [(False, True), (True, True), (False, False), (True, False)])
def test_context_decides_the_defaults_as_in_libzmq(ipv6: bool, blocky: bool) -> None:
    with zmq.Context() as context:
        context.set(zmq.IPV6, ipv6)
        context.set(zmq.BLOCKY, blocky)
        for socket_type in TYPES:
            options = SocketOptions.for_type(socket_type, ipv6=ipv6, blocky=blocky)
            with context.socket(socket_type) as theirs:
                assert (options.ipv6, options.linger) == (theirs.ipv6, theirs.linger)


@pytest.mark.parametrize(
    ("switches", "passes"),
    [
        ([(zmq.XPUB_VERBOSE, 1)], 1),
        ([(zmq.XPUB_VERBOSER, 1)], 2),
        ([(zmq.XPUB_VERBOSER, 1), (zmq.XPUB_VERBOSE, 1)], 1),
        ([(zmq.XPUB_VERBOSE, 1), (zmq.XPUB_VERBOSER, 1)], 2),
        ([(zmq.XPUB_VERBOSE, 1), (zmq.XPUB_VERBOSER, 0)], 0),
        ([(zmq.XPUB_VERBOSER, 1), (zmq.XPUB_VERBOSE, 0)], 0),
    ],
)
def test_later_verbose_switch_wins(
    context: zmq.Context[zmq.Socket[bytes]], switches: list[tuple[int, int]], passes: int
) -> None:
    ours = Ours(zmq.XPUB)
    received = []
    with context.socket(zmq.XPUB) as xpub, context.socket(zmq.XSUB) as one, context.socket(zmq.XSUB) as other:
        for number, value in switches:
            xpub.set(number, value)
            ours.set(number, value)
        address = f"inproc://verbose-{id(switches)}"  # libzmq gives a name back some time after close()
        xpub.bind(address)
        one.connect(address)
        other.connect(address)
        for xsub, news in [(one, b"\1t"), (other, b"\1t"), (one, b"\0t"), (other, b"\0t")]:
            xsub.send(news)
            xsub.send(b"mark")
            while (passed := xpub.recv()) != b"mark":
                received.append(passed)
    assert (received.count(b"\1t"), received.count(b"\0t")) == (1 + (passes >= 1), 1 + (passes == 2))
    assert ours.options.xpub_verbose == passes


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (zmq.LINGER, b"x"),
        (zmq.LINGER, 2**31),
        (zmq.LINGER, -(2**31) - 1),
        (zmq.MAXMSGSIZE, 2**63),
        (zmq.ROUTING_ID, 1),
    ],
)
def test_value_that_does_not_fit_c_is_einval(number: int, value: int | bytes) -> None:
    assert Ours(zmq.PUSH).set(number, value) == "EINVAL"


@pytest.mark.parametrize(
    ("socket_type", "number", "value", "hint"),
    [
        (zmq.PUSH, zmq.LINGER, -2, "LINGER takes -1 or more, not -2"),
        (zmq.PUSH, zmq.TCP_KEEPALIVE, 2, "TCP_KEEPALIVE takes -1 to 1, not 2"),
        (zmq.PUSH, zmq.ROUTING_ID, b"", "ROUTING_ID takes 1 to 255 bytes, not 0"),
        (zmq.PUSH, zmq.ROUTING_ID, 5, "ROUTING_ID takes bytes, not int"),
        (zmq.PUSH, zmq.ROUTER_MANDATORY, 1, "ROUTER_MANDATORY is for REP, ROUTER, not for PUSH"),
        (zmq.PUSH, zmq.TYPE, 1, "TYPE cannot be written"),
        (zmq.PUSH, zmq.RATE, 50, "RATE is not supported yet: leave it at its default"),
        (
            zmq.PUSH,
            zmq.CURVE_SECRETKEY,
            b"~" * 40,
            "a CURVE key is 32 bytes, or their Z85 of 40 characters, as curve_keypair() makes it",
        ),
        (zmq.PUSH, zmq.NORM_MODE, 1, "NORM_MODE is not supported yet"),
        (zmq.PUSH, 9999, 1, "there is no socket option 9999"),
    ],
)
def test_refusal_says_what_was_allowed(socket_type: int, number: int, value: int | bytes, hint: str) -> None:
    with pytest.raises(errors.ZMQError) as refusal:
        set_option(SocketOptions.for_type(socket_type), socket_type, number, value)
    assert refusal.value.strerror == f"Invalid argument ({hint})"


def test_refusal_does_not_quote_secrets() -> None:
    with pytest.raises(errors.ZMQError) as refusal:
        set_option(SocketOptions.for_type(zmq.PUSH), zmq.PUSH, zmq.CURVE_SECRETKEY, b"secret")
    assert "secret" not in str(refusal.value)


# -- security ----------------------------------------------------------------------------------------------

MECHANISMS = [
    [],
    [(zmq.PLAIN_SERVER, 1)],
    [(zmq.PLAIN_SERVER, 1), (zmq.PLAIN_SERVER, 0)],
    [(zmq.PLAIN_USERNAME, b"me")],
    [(zmq.PLAIN_PASSWORD, b"me")],
    [(zmq.PLAIN_SERVER, 1), (zmq.PLAIN_USERNAME, b"me")],
    [(zmq.PLAIN_USERNAME, b"me"), (zmq.PLAIN_SERVER, 0)],
    [(zmq.PLAIN_USERNAME, b"me"), (zmq.CURVE_SERVER, 1)],
    [(zmq.CURVE_SERVER, 1)],
    [(zmq.CURVE_SERVER, 1), (zmq.CURVE_SERVER, 0)],
    [(zmq.CURVE_SERVER, 1), (zmq.CURVE_SECRETKEY, b"x" * 32)],
    [(zmq.CURVE_SECRETKEY, b"x" * 32), (zmq.CURVE_SERVER, 1)],
    [(zmq.CURVE_SERVER, 1), (zmq.CURVE_SERVERKEY, b"x" * 32)],
    [(zmq.CURVE_PUBLICKEY, b"x" * 32)],
    [(zmq.CURVE_SERVERKEY, b"x" * 32), (zmq.PLAIN_SERVER, 1)],
    [(zmq.CURVE_SERVERKEY, b"x" * 32), (zmq.PLAIN_USERNAME, b"me")],
]


@pytest.mark.parametrize("settings", MECHANISMS)
def test_last_mechanism_set_is_chosen_as_in_libzmq(
    context: zmq.Context[zmq.Socket[bytes]], settings: list[tuple[int, int | bytes]]
) -> None:
    theirs, ours = Theirs(context, zmq.PUSH), Ours(zmq.PUSH)
    with theirs.socket:
        for number, value in settings:
            assert ours.set(number, value) == theirs.set(number, value) == "accepted"
        for number in (zmq.MECHANISM, zmq.PLAIN_SERVER, zmq.CURVE_SERVER):
            assert ours.get(number) == theirs.get(number)


@pytest.mark.parametrize("off", [zmq.PLAIN_SERVER, zmq.CURVE_SERVER])
@pytest.mark.parametrize("key", [zmq.CURVE_SECRETKEY, zmq.CURVE_SERVERKEY])
def test_socket_with_curve_keys_never_falls_back_to_null(key: int, off: int) -> None:
    ours = Ours(zmq.PUSH)
    ours.set(key, b"x" * 32)
    ours.set(off, 0)  # libzmq: NULL from here on
    assert ours.get(zmq.MECHANISM) == zmq.CURVE


KEY = bytes.fromhex("54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652")
KEY_IN_Z85 = b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"  # zmq_curve(7)


@pytest.mark.parametrize("given", [KEY, KEY_IN_Z85, KEY_IN_Z85 + b"\0"])
def test_curve_key_is_taken_in_every_form(context: zmq.Context[zmq.Socket[bytes]], given: bytes) -> None:
    theirs, ours = Theirs(context, zmq.PUSH), Ours(zmq.PUSH)
    with theirs.socket:
        assert ours.set(zmq.CURVE_SERVERKEY, given) == theirs.set(zmq.CURVE_SERVERKEY, given) == "accepted"
    assert ours.options.curve_serverkey == KEY


@pytest.mark.parametrize("given", [b"~" * 40, b"#" * 40, KEY_IN_Z85 + b"0", b"x" * 33])
def test_what_is_no_curve_key_is_refused(context: zmq.Context[zmq.Socket[bytes]], given: bytes) -> None:
    theirs, ours = Theirs(context, zmq.PUSH), Ours(zmq.PUSH)
    with theirs.socket:
        assert ours.set(zmq.CURVE_SERVERKEY, given) == theirs.set(zmq.CURVE_SERVERKEY, given) == "EINVAL"
    assert ours.get(zmq.MECHANISM) == zmq.NULL


PROPERTIES = [b"X-a:b", b"X-a:", b"X-:b", b"X-:bc", b"a:bcd", b"X-abc", b":bcde", b"X:bcd", b"x-a:b"]
PROPERTIES += [b"X-" + b"n" * 253 + b":v", b"X-" + b"n" * 254 + b":v", b"X-a:b:c", b"X-a:b\0c"]


@pytest.mark.parametrize("given", PROPERTIES)
def test_metadata_is_taken_as_libzmq_takes_it(context: zmq.Context[zmq.Socket[bytes]], given: bytes) -> None:
    theirs = Theirs(context, zmq.PUSH)
    with theirs.socket:
        assert Ours(zmq.PUSH).set(zmq.METADATA, given) == theirs.set(zmq.METADATA, given)


def test_metadata_adds_up_and_the_first_of_a_name_counts() -> None:
    ours = Ours(zmq.PUSH)
    for given in (b"X-b:2", b"X-a:1", b"X-b:3"):
        ours.set(zmq.METADATA, given)
    assert ours.options.metadata == b"\x03X-a\0\0\0\x011\x03X-b\0\0\0\x012"


def test_refused_value_changes_nothing() -> None:
    ours = Ours(zmq.PUSH)
    ours.set(zmq.LINGER, 5)
    ours.set(zmq.LINGER, -5)
    assert ours.options.linger == 5


def test_ipv4only_and_ipv6_are_one_option() -> None:
    ours = Ours(zmq.PUSH)
    ours.set(zmq.IPV4ONLY, 0)
    assert ours.options.ipv6 == ours.get(zmq.IPV6) == 1
    ours.set(zmq.IPV6, 0)
    assert ours.get(zmq.IPV4ONLY) == 1


def test_bool_is_stored_as_a_number() -> None:
    ours = Ours(zmq.PUSH)
    ours.set(zmq.IMMEDIATE, True)
    assert type(ours.options.immediate) is int


def test_thread_safe_types_say_so() -> None:
    safe = {socket_type.name for socket_type in SocketType if Ours(socket_type).get(zmq.THREAD_SAFE)}
    assert safe == {"SERVER", "CLIENT", "RADIO", "DISH", "GATHER", "SCATTER", "PEER", "CHANNEL"}


def test_copy_does_not_follow_the_original() -> None:
    ours = Ours(zmq.PUSH)
    ours.set(zmq.SNDHWM, 7)
    twin = ours.options.copy()
    ours.set(zmq.SNDHWM, 8)
    assert (twin.sndhwm, ours.options.sndhwm, twin.rcvhwm) == (7, 8, 1000)


def test_fields_are_those_of_the_table() -> None:
    fields = {option.field for option in OPTIONS.values() if option.field}
    assert set(SocketOptions.__annotations__) == fields <= set(vars(SocketOptions))


@pytest.mark.parametrize("option", OPTIONS.values(), ids=lambda option: option.name)
def test_default_is_of_the_kind_of_its_field(option: Option) -> None:
    if option.field:
        assert SocketOptions.__annotations__[option.field] == type(option.default).__name__
        assert isinstance(option.default, bytes) == (
            option.kind == "bytes" or option.name.startswith("IPC_FILTER")
        )


def test_live_options_are_those_of_the_manual_and_of_the_socket_itself() -> None:
    manual = "SUBSCRIBE UNSUBSCRIBE LINGER ROUTER_HANDOVER ROUTER_MANDATORY PROBE_ROUTER XPUB_VERBOSE"
    manual += " XPUB_VERBOSER REQ_CORRELATE REQ_RELAXED SNDHWM RCVHWM"
    itself = "SNDTIMEO RCVTIMEO INVERT_MATCHING XPUB_MANUAL XPUB_NODROP XPUB_WELCOME_MSG"
    itself += " XPUB_MANUAL_LAST_VALUE ONLY_FIRST_SUBSCRIBE XSUB_VERBOSE_UNSUBSCRIBE"
    assert {option.name for option in OPTIONS.values() if option.live} == {*manual.split(), *itself.split()}
