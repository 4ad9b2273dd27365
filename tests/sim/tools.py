"""What the tests in the simulated world share."""

from purezmq.constants import Errno, Flag, SocketOption
from purezmq.errors import ZMQError

BOUND = "tcp://*:5555"
SERVER = "tcp://server:5555"


class Net:
    """One context in a world, and sockets made in one line."""

    def __init__(self, world):
        self.world = world
        self.context = world.context()

    def socket(self, socket_type, **options):
        """Make a socket with these options, written in lower case."""
        core = self.context.socket(socket_type)
        for name, value in options.items():
            core.set(SocketOption[name.upper()], value)
        return core

    def bind(self, socket_type, endpoint=BOUND, **options):
        """Make a socket and bind it."""
        core = self.socket(socket_type, **options)
        core.bind(endpoint)
        return core

    def connect(self, socket_type, endpoint=SERVER, **options):
        """Make a socket and connect it."""
        core = self.socket(socket_type, **options)
        core.connect(endpoint)
        return core


def take_all(core):
    """Receive what there is now."""
    messages = []
    while (message := try_receive(core)) is not None:
        messages.append(message)
    return messages


def try_receive(core):
    """Receive, or return None."""
    try:
        return core.receive(Flag.DONTWAIT)
    except ZMQError as nothing:
        assert nothing.errno == Errno.EAGAIN
        return None


def try_send(core, message):
    """Send, or return False."""
    try:
        core.send(message, Flag.DONTWAIT)
    except ZMQError as full:
        assert full.errno == Errno.EAGAIN
        return False
    return True


def numbered(number, size=1000):
    """Return a message of that size which sorts by its number."""
    return (b"%08d" % number).ljust(size, b".")


def fill(core, start=0):
    """Send numbered messages until the socket takes no more; return the number of the next."""
    while try_send(core, numbered(start)):
        start += 1
    return start
