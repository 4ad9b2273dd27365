"""Through a real SOCKS 5 server: {ours, theirs}² on either side of Debian's microsocks (apt-get install microsocks)."""

import contextlib
import os
import re
import shutil
import subprocess
import time

import pytest
import zmq as theirs

import purezmq as ours

pytestmark = pytest.mark.skipif(
    shutil.which("microsocks") is None, reason="microsocks is not installed: apt-get install microsocks"
)

SIDES = {"ours": ours, "theirs": theirs}
LISTENS = "0A"  # in the state column of /proc/net/tcp


@pytest.fixture
def microsocks():
    """Start a server with these arguments, at a port that the system chooses; return its address."""
    with contextlib.ExitStack() as servers:

        def start(*arguments):
            command = ["microsocks", "-i", "127.0.0.1", "-p", "0", *arguments]
            server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            servers.callback(lambda: (server.kill(), server.wait(10)))
            return f"127.0.0.1:{port_of(server)}"

        yield start


def port_of(server):
    """Return the port that a process listens at, as soon as it does."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert server.poll() is None, "microsocks has ended"
        names = " ".join(links(f"/proc/{server.pid}/fd"))
        mine = set(re.findall(r"socket:\[(\d+)\]", names))
        with open("/proc/net/tcp") as table:
            for row in map(str.split, table):
                if row[3] == LISTENS and row[9] in mine:
                    return int(row[1].partition(":")[2], 16)
        time.sleep(0.005)  # the pace of looking
    raise AssertionError("microsocks does not listen")


def links(folder):
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            yield os.readlink(f"{folder}/{name}")


@pytest.fixture(params=[(one, other) for one in SIDES for other in SIDES], ids="-".join)
def pair(request):
    """A DEALER of one side, not connected, and a bound ROUTER of the other."""
    one, other = (SIDES[name] for name in request.param)
    with one.Context() as near, other.Context() as far:
        dealer, router = near.socket(one.DEALER), far.socket(other.ROUTER)
        with dealer, router:
            for made in (dealer, router):
                made.linger = 0
                made.rcvtimeo = made.sndtimeo = 5000
            dealer.routing_id = b"dealer"
            router.bind("tcp://127.0.0.1:*")
            yield dealer, router


def converse(dealer, router):
    for size in (1, 300, 1 << 20):
        dealer.send(b"q" * size)
        assert router.recv_multipart() == [b"dealer", b"q" * size]
        router.send_multipart([b"dealer", b"a" * size])
        assert dealer.recv() == b"a" * size


def test_messages_go_through_a_proxy(pair, microsocks):
    dealer, router = pair
    dealer.set(ours.SOCKS_PROXY, microsocks().encode())
    dealer.connect(router.last_endpoint.decode())
    converse(dealer, router)


def test_messages_go_through_a_proxy_with_passwords(pair, microsocks):
    dealer, router = pair
    dealer.set(ours.SOCKS_PROXY, microsocks("-u", "me", "-P", "secret").encode())
    dealer.set(ours.SOCKS_USERNAME, b"me")
    dealer.set(ours.SOCKS_PASSWORD, b"secret")
    dealer.connect(router.last_endpoint.decode())
    converse(dealer, router)


def test_the_proxy_looks_up_the_name(pair, microsocks):
    dealer, router = pair
    dealer.set(ours.SOCKS_PROXY, microsocks().encode())
    dealer.connect(router.last_endpoint.decode().replace("127.0.0.1", "localhost"))
    converse(dealer, router)
