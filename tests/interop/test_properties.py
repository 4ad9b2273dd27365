"""What a frame tells of the peer that sent it: READY's properties, RFC 23, and its address."""

import os

import pytest

from .links import cases, pairs

NAMES = ["Socket-Type", "Identity", "Peer-Address", "User-Id", "X-Unknown"]


@pytest.mark.parametrize(
    "link",
    cases(*pairs("PAIR-PAIR", "XPUB-SUB", "DEALER-REP", "DEALER-ROUTER", "ROUTER-ROUTER", "PUSH-PULL")),
    ids=str,
    indirect=True,
)
def test_frame_tells_type_id_and_address_of_its_sender(link, wire):
    front, back = link.case.pair.front, link.case.pair.back
    address = "127.0.0.1" if wire.transport == "tcp" else None
    link.front.send([*link.pair.front_envelope, b"body"])
    assert told(link.back, wire) == [front, "front" if back == "ROUTER" else None, address, None, None]
    if link.pair.answers:
        link.back.send([*link.pair.back_envelope, b"body"])
        assert told(link.front, wire) == [back, "back" if front == "ROUTER" else None, address, None, None]


def test_address_over_ipc_is_the_user_group_and_process(both, tmp_path):
    front, back = both
    push, pull = front.open("PUSH"), back.open("PULL")
    push.connect(pull.bind(f"ipc://{tmp_path}/pull"))
    push.send([b"body"])
    [address] = pull.properties("Peer-Address")
    assert address == f"localhost:{os.getuid()}:{os.getgid()}:{front.pid}"


def told(socket, wire):
    """Receive; return the properties, without the address that only ipc has."""
    values = socket.properties(*NAMES)
    if wire.transport == "ipc":
        values[NAMES.index("Peer-Address")] = None
    return [value or None for value in values]
