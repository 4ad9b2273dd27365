"""The 64 bytes that open a ZMTP 3 connection (RFC 23, RFC 37), and how older peers are found out.

    0        9 10    11    12         32        33     63
    ff … 7f    major minor mechanism  as-server filler
    signature  03    01    NUL-padded 00        00 …

The rules:

- The greeting leaves in three pieces, each after the peer has shown that it can read it, as libzmq does: the
  signature at once, the major version after the peer's signature, the rest after the peer's major version. An
  older peer is recognised before it gets bytes that it would take for something else.
- The mechanisms must be equal. as-server is neither checked nor set: libzmq always sends 0, even as a server.
- A major version above 3 is answered as 3.1, as libzmq does.
- A peer whose first byte is not ff, or whose tenth is even, sends frames of ZMTP 1.0 at once, its routing id first
  (RFC 13). It has taken our signature for the header of a long frame, and gets our routing id as its payload.
- Major version 0 is ZMTP 1.0, 1 is ZMTP 2.0 (RFC 15): then one byte tells the socket type, and a frame the routing id.

A Connection makes one Greeting, puts `outgoing` on the wire, and calls `receive` until it returns True.
"""

from __future__ import annotations

from collections import deque

from purezmq.constants import PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, PROTOCOL_ERROR_ZMTP_UNSPECIFIED
from purezmq.errors import ProtocolError

_SIZE = 64
_SIGNATURE_SIZE = 10
_OLD_SIZE = 12  # signature, version, socket type
_MAJOR = b"\x03"
_MINOR = b"\x01"
_MECHANISM = slice(12, 32)


class Greeting:
    """Both sides' greetings, as far as they have come."""

    __slots__ = (
        "_mechanism",
        "_received",
        "_routing_id",
        "_socket_type",
        "_stage",
        "agreed",
        "leftover",
        "major",
        "minor",
        "outgoing",
        "peer_type",
    )

    def __init__(self, mechanism: bytes, routing_id: bytes, socket_type: int, outgoing: list[bytes]) -> None:
        """Queue the first piece in `outgoing`, where the others will follow."""
        self._mechanism = mechanism.ljust(20, b"\0")
        self._routing_id = routing_id
        self._socket_type = socket_type
        self._received = b""
        self._stage = 0  # pieces sent after the signature
        self.outgoing = outgoing
        self.agreed = False  # all of ours is sent, to a peer of ZMTP 3
        self.major = 3  # the peer's version, once `receive` has returned True
        self.minor = 0
        self.peer_type: int | None = None  # of ZMTP 2.0, and 1.0 behind a signature
        self.leftover = b""  # what came after the peer's greeting
        # To a ZMTP 1.0 peer the signature is the header of a long frame with the routing id.
        outgoing.append(b"\xff" + (len(routing_id) + 1).to_bytes(8, "big") + b"\x7f")

    def receive(self, incoming: deque[bytes]) -> bool:
        """Take all of `incoming`; return whether the greeting is complete.

        Raises ProtocolError when the peer speaks something else.
        """
        received = self._received + b"".join(incoming)
        # A signal handler runs after the call to clear at the earliest: no byte is lost or taken twice.
        self._received = received
        incoming.clear()
        if self._has_no_signature():
            self.major = 1
            self.leftover = received
            if self._routing_id:
                self.outgoing.append(self._routing_id)
            return True
        if len(received) < _SIGNATURE_SIZE:
            return False
        if self._stage == 0:
            self._stage = 1
            self.outgoing.append(_MAJOR)
        if len(received) <= _SIGNATURE_SIZE:
            return False
        major = received[_SIGNATURE_SIZE]
        if major in (0, 1):
            return self._meet_old_peer(major + 1)
        if self._stage == 1:
            self._stage = 2
            self.agreed = True
            self.outgoing.append(_MINOR + self._mechanism + bytes(32))
        if len(received) < _SIZE:
            return False
        self._check_mechanism()
        self.minor = 0 if major == 3 and received[11] == 0 else 1
        self.leftover = received[_SIZE:]
        return True

    def _has_no_signature(self) -> bool:
        """Return whether the peer speaks ZMTP 1.0 from its first byte on."""
        received = self._received
        if received and received[0] != 0xFF:
            # One byte and the next are a size and flags, which are 0 or 1: whoever sends others is a stranger.
            if received[0] == 0 or received[1:2] > b"\1":
                raise ProtocolError(
                    f"not a ZMTP peer: its first bytes are {received[:10]!r}", PROTOCOL_ERROR_ZMTP_UNSPECIFIED
                )
            return len(received) > 1
        return len(received) >= _SIGNATURE_SIZE and not received[9] & 1

    def _meet_old_peer(self, major: int) -> bool:
        received = self._received
        if self._stage == 1:
            self._stage = 2
            self.outgoing.append(bytes((self._socket_type,)))
        if len(received) < _OLD_SIZE:
            return False
        self.major = major
        self.peer_type = received[_OLD_SIZE - 1]
        self.leftover = received[_OLD_SIZE:]
        return True

    def _check_mechanism(self) -> None:
        theirs = self._received[_MECHANISM]
        if theirs != self._mechanism:
            names = [name.rstrip(b"\0").decode("ascii", "replace") for name in (theirs, self._mechanism)]
            raise ProtocolError(
                "the peer's mechanism is {!r}, ours {!r}".format(*names),
                PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH,
            )
