"""Fuzz target: udp datagrams, and the messages that are to become some.

The invariant, for every input:

- no call raises;
- a datagram is a message of two parts or nothing, and holds what the message does;
- a message of a program's is a datagram or nothing; what a DISH gets, a RADIO may send on, and so with DGRAM.

tests/core/wire/test_datagrams.py runs `check` with hypothesis.
"""

from __future__ import annotations

import sys

from purezmq.core.wire.datagrams import AddressedDatagrams, GroupDatagrams

_HOSTS = ("127.0.0.1", "::1", "fe80::1%eth0")


def check(datagram: bytes, address: bytes, port: int) -> None:
    """Assert the invariant for a datagram from this port, and for a message to this address."""
    groups, addressed = GroupDatagrams(), AddressedDatagrams()
    message = groups.unpack(datagram, "127.0.0.1", port)
    if message is None:
        assert not datagram or datagram[0] >= len(datagram)
    else:
        group, body = message
        assert bytes((len(group),)) + group + body == datagram
        assert groups.pack(message) == (datagram, None)
    for host in _HOSTS:
        received = addressed.unpack(datagram, host, port)
        assert received is not None
        assert received[1] == datagram
        assert addressed.pack(received) == (datagram, (host, port))
    packed = addressed.pack([address, datagram])
    if packed is not None:
        body, where = packed
        assert body == datagram
        assert where is not None
        assert where[0]
        assert 0 < where[1] <= 0xFFFF


def main() -> None:
    """Let atheris look for inputs that break the invariant."""
    import atheris  # an optional tool: pip install atheris

    def one_input(fuzzed: bytes) -> None:
        size = fuzzed[0] if fuzzed else 0
        check(fuzzed[1 + size :], fuzzed[1 : 1 + size], 1 + len(fuzzed))
        check(b"", b"127.0.0.1:" + fuzzed, 1)

    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
