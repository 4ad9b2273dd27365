"""What the pattern tests share: patterns, and links between them without an engine."""

from collections import deque

from purezmq.constants import SocketType
from purezmq.core.message import Broadcast
from purezmq.core.options import SocketOptions
from purezmq.core.patterns import pattern_for
from purezmq.core.pipe import Peer, Pipe
from purezmq.errors import ProtocolError


class FakeLink:
    """The engine behind a pipe: remembers what it was asked for."""

    def __init__(self):
        self.closed = False
        self.dismissed = False
        self.resumed = 0
        self.pipe = None

    def flush(self):
        pass

    def resume(self):
        self.resumed += 1
        self.pipe.paused = False

    def close(self):
        self.closed = True

    def dismiss(self):
        self.dismissed = True


def make(kind, **options):
    """Return a pattern whose random bytes are zeros."""
    stored = SocketOptions.for_type(kind)
    for name, value in options.items():
        setattr(stored, name, value)
    return pattern_for(kind)(stored, bytes)


def set_option(pattern, number, **options):
    """Set a live option, as the socket does."""
    for name, value in options.items():
        setattr(pattern.options, name, value)
    pattern.option_changed(number)


def make_pipe(
    send_limit=0, receive_limit=0, *, inbox=None, outbox=None, connect_id=b"", conflate=False, **options
):
    """Return a pipe: a wire pipe, unless it is given its queues. options: what its bind or connect goes by."""
    link = FakeLink()
    stored = SocketOptions.for_type(SocketType.PAIR)
    for name, value in options.items():
        setattr(stored, name, value)
    pipe = Pipe(link, stored, send_limit, receive_limit, inbox=inbox, outbox=outbox, conflate=conflate)
    link.pipe = pipe
    pipe.inproc = inbox is not None
    pipe.shares_encoding = inbox is None
    pipe.connect_id = connect_id
    return pipe


def attach(pattern, *, peer_id=b"", **limits):
    """Attach a ready wire peer that the test plays itself; return its pipe."""
    pipe = make_pipe(**limits)
    pattern.attach(pipe)
    get_ready(pattern, pipe, peer_id)
    return pipe


def get_ready(pattern, pipe, peer_id=b""):
    """Let the handshake end well."""
    pipe.peer = Peer("", peer_id)
    pipe.ready = True
    pattern.ready(pipe)


def deliver(pattern, pipe, *items):
    """Let the peer's messages and commands arrive over the wire."""
    try:
        pattern.acceptor(pipe)(list(items))
    except ProtocolError:
        pipe.link.close()
    pattern.arrived(pipe)


def sent(pipe):
    """Take what is on the way to the peer, Broadcasts unpacked."""
    items = []
    for item in pipe.take():
        items += item.messages if isinstance(item, Broadcast) else [item]
    pipe.sent()
    return items


def receive_all(pattern):
    """Receive until there is nothing."""
    return list(iter(pattern.receive, None))


class Wire:
    """A connection between two patterns; what was sent crosses when `pump` is called."""

    def __init__(self, one, other, *, hwm=0):
        self.ends = [(one, make_pipe(hwm, hwm)), (other, make_pipe(hwm, hwm))]
        for pattern, pipe in self.ends:
            pattern.attach(pipe)
        for (pattern, pipe), (peer, _) in zip(self.ends, reversed(self.ends), strict=True):
            get_ready(pattern, pipe, peer.options.routing_id if peer.announces_routing_id else b"")
        self.pump()

    def pump(self):
        """Carry everything over, both ways."""
        for (_, source), (pattern, target) in zip(self.ends, reversed(self.ends), strict=True):
            deliver(pattern, target, *sent(source))

    def close(self):
        """End the connection; what was sent has arrived."""
        self.pump()
        for pattern, pipe in self.ends:
            pattern.detach(pipe)


class Inproc:
    """An inproc connection between two patterns: the outbox of each is the other's inbox."""

    def __init__(self, one, other, *, hwm=0):
        there, back = deque(), deque()
        self.ends = [
            (one, make_pipe(hwm, hwm, inbox=back, outbox=there)),
            (other, make_pipe(hwm, hwm, inbox=there, outbox=back)),
        ]
        for pattern, pipe in self.ends:
            pattern.attach(pipe)
        for (pattern, pipe), (peer, _) in zip(self.ends, reversed(self.ends), strict=True):
            get_ready(pattern, pipe, peer.options.routing_id if peer.announces_routing_id else b"")
        self.pump()

    def pump(self):
        """Tell both that something may have arrived."""
        for pattern, pipe in self.ends:
            pattern.arrived(pipe)

    def close(self):
        for pattern, pipe in self.ends:
            pattern.detach(pipe)


LINKS = {"wire": Wire, "inproc": Inproc}
