"""A link of two sockets in two processes, for every pair of types that may talk to each other.

The front is the end that speaks first: REQ of REQ-REP, PUB of PUB-SUB, PUSH of PUSH-PULL. Either end binds.
"""

import errno
from dataclasses import dataclass

from .sides import RemoteError, eventually, tell

FRONT, BACK = b"front", b"back"  # routing ids


@dataclass(frozen=True)
class Pair:
    """Two socket types, and what stands before the parts of a message on either side of their link."""

    front: str
    back: str
    front_envelope: tuple = ()
    back_envelope: tuple = ()
    answers: bool = True
    window: int = 250  # messages under way when there are answers

    def __str__(self):
        return f"{self.front}-{self.back}"

    @property
    def symmetrical(self):
        return self.front == self.back


PAIRS = [
    Pair("PAIR", "PAIR"),
    Pair("PUB", "SUB", answers=False),
    Pair("PUB", "XSUB", answers=False),
    Pair("XPUB", "SUB", answers=False),
    Pair("XPUB", "XSUB", answers=False),
    Pair("REQ", "REP", window=1),
    Pair("REQ", "ROUTER", back_envelope=(FRONT, b""), window=1),
    Pair("DEALER", "REP", front_envelope=(b"",)),
    Pair("DEALER", "DEALER"),
    Pair("DEALER", "ROUTER", back_envelope=(FRONT,)),
    Pair("ROUTER", "ROUTER", front_envelope=(BACK,), back_envelope=(FRONT,)),
    Pair("PUSH", "PULL", answers=False),
]

PUBLISHES = {"PUB", "XPUB"}
WAITS_FOR_A_PEER = {"PAIR", "REQ", "DEALER", "PUSH"}  # has no POLLOUT without one, if IMMEDIATE is set


@dataclass(frozen=True)
class Case:
    """Which implementation is at which end, and which end binds."""

    pair: Pair
    front: str
    back: str
    bound: str  # "front" or "back"

    def __str__(self):
        ends = [f"{self.front}.{self.pair.front}", f"{self.back}.{self.pair.back}"]
        if self.bound == "front":
            ends.reverse()
        return "{}-to-{}".format(*ends)


def cases(*pairs, sides=("ours", "theirs"), mixed=False):
    """Return every case: who is at the front, who at the back, who binds. mixed: only ours with theirs."""
    return [
        Case(pair, front, back, bound)
        for pair in pairs or PAIRS
        for front in sides
        for back in sides
        for bound in (["back"] if pair.symmetrical else ["back", "front"])
        if not (mixed and front == back)
    ]


def pairs(*names):
    """Return pairs by name."""
    table = {str(pair): pair for pair in PAIRS}
    return [table[name] for name in names]


class Link:
    """Two sockets and the address between them. Every method leaves both idle and nothing under way."""

    def __init__(self, case, sides, address):
        """Open both ends. sides: {"front": Side, "back": Side}."""
        self.case, self.pair = case, case.pair
        self.sides, self._address = sides, address
        self.bound = case.bound
        self.connected = other(case.bound)
        self.sockets = {}
        self.open(self.bound)
        self.open(self.connected)

    @property
    def front(self):
        return self.sockets["front"]

    @property
    def back(self):
        return self.sockets["back"]

    def kind(self, end):
        return getattr(self.pair, end)

    def open(self, end):
        """Make the socket of this end, and bind it to the address there was before, or connect it."""
        kind = self.kind(end)
        peer = self.kind(other(end))
        options = {"IMMEDIATE": 1}
        if peer == "ROUTER":
            options["ROUTING_ID"] = FRONT if end == "front" else BACK
        if kind == "ROUTER":
            options["ROUTER_MANDATORY"] = 1
            # libzmq keeps the id of a lost peer until somebody calls receive().
            options["ROUTER_HANDOVER"] = 1
        if kind in PUBLISHES:
            options["SNDHWM"] = 0
        if kind in ("SUB", "XSUB"):
            options["RCVHWM"] = 0
        socket = self.sockets[end] = self.sides[end].open(kind, **options)
        if end == self.bound:
            self._address = socket.bind(self._address)
        else:
            socket.connect(self._address)
        if kind == "SUB":
            socket.set("SUBSCRIBE", b"")
        if kind == "XSUB":
            socket.send([b"\x01"])

    def ready(self):
        """Wait until the front may speak and will be heard."""
        kind = self.pair.front
        if kind == "XPUB":
            # A bound SUB of libzmq sees a new peer, and subscribes, only when somebody calls one of its methods.
            eventually(lambda: self.back.poll("POLLIN", 0) or self.front.poll("POLLIN", 5))
            assert self.front.take() == [b"\x01"]
        elif kind == "PUB":
            tell(self.front, self.back, [b"token"])
        elif kind == "ROUTER":
            eventually(lambda: routes(self.front, BACK))
            assert self.back.take() == [[FRONT, b"are you there?"]]

    def carry(self, messages):
        """Check that these messages reach the back, and, where there are answers, come back from there."""
        outgoing = [[*self.pair.front_envelope, *parts] for parts in messages]
        incoming = [[*self.pair.back_envelope, *parts] for parts in messages]
        if self.pair.answers:
            heard = self.back.begin("echo", len(messages))
            assert_same(self.front.converse(self.pair.window, outgoing), outgoing)
        else:
            heard = self.back.begin("receive", len(messages))
            self.front.send(*outgoing)
        assert_same(heard.result(), incoming)

    def close(self, end):
        """Close one end; wait until the other end knows."""
        self.sockets[end].close()
        self.lost(end)

    def kill(self, end):
        """Kill the process of one end; wait until the other end knows."""
        self.sides[end].kill()
        self.lost(end)

    def lost(self, end):
        """Wait until the other end knows that this one is gone, if it can be seen there."""
        kind, socket = self.kind(other(end)), self.sockets[other(end)]
        if kind in WAITS_FOR_A_PEER:
            eventually(lambda: not socket.poll("POLLOUT", 0))
        elif kind == "ROUTER":
            eventually(lambda: not routes(socket, FRONT if end == "front" else BACK))
        elif kind == "XPUB":
            assert socket.take() == [b"\x00"]


def other(end):
    return "back" if end == "front" else "front"


def routes(router, peer):
    """Send to this peer; return whether a ROUTER with ROUTER_MANDATORY knows it."""
    try:
        router.send([peer, b"are you there?"])
    except RemoteError as error:
        assert error.errno == errno.EHOSTUNREACH, error
        return False
    return True


def assert_same(came, expected):
    """Compare lists that may be long; show the first difference only."""
    for number, (left, right) in enumerate(zip(came, expected, strict=False)):
        assert left == right, f"message {number} of {len(expected)}"
    assert len(came) == len(expected)
