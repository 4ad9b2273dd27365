"""SOCKS 5 as a client speaks it (RFC 1928; RFC 1929 for the password): bytes in, bytes out.

    ours      05 01 00          or with a user name   05 01 02
    theirs    05 00                                   05 02
    ours                        01 length name length password
    theirs                                            01 00
    ours      05 01 00 address port
    theirs    05 00 00 address port

The rules:

- One method is offered: the password if there is a user name, otherwise none. A proxy that asks for no password
  although one was offered gets none.
- An IPv4 or IPv6 address is sent as one. Anything else is a name, and the proxy looks it up.
- What follows the proxy's last answer is the peer's, so never more than `wanted` bytes may be read.
"""

from __future__ import annotations

from errno import (
    EACCES,
    EAFNOSUPPORT,
    ECONNABORTED,
    ECONNREFUSED,
    EHOSTUNREACH,
    ENETUNREACH,
    EOPNOTSUPP,
    EPROTO,
    ETIMEDOUT,
)

LONGEST = 255  # bytes of a name of a host, of a user, and of a password

_NO_PASSWORD, _PASSWORD, _NO_METHOD = 0, 2, 0xFF
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SIZES = {_IPV4: 4, _IPV6: 16}
_REFUSALS = {  # RFC 1928, section 6
    1: (ECONNABORTED, "it failed"),
    2: (EACCES, "its rules forbid it"),
    3: (ENETUNREACH, "it cannot reach the network"),
    4: (EHOSTUNREACH, "it cannot reach the host, or does not know it"),
    5: (ECONNREFUSED, "nobody listens there"),
    6: (ETIMEDOUT, "the way there is too long"),
    7: (EOPNOTSUPP, "it does not connect"),
    8: (EAFNOSUPPORT, "it does not know this kind of address"),
}

_METHOD, _VERDICT, _REPLY, _BOUND, _DONE = "method", "verdict", "reply", "bound", "done"


class SocksHandshake:
    """What is said until the proxy has connected us. Write `outgoing`, then read up to `wanted` bytes; until `done`."""

    __slots__ = ("_incoming", "_login", "_request", "_state", "outgoing", "wanted")

    def __init__(
        self, host: bytes, packed: bytes, port: int, username: bytes = b"", password: bytes = b""
    ) -> None:
        """Go to a host: packed is its address in 4 or 16 bytes, b"" when host is a name."""
        if packed:
            address = bytes((_IPV4 if len(packed) == 4 else _IPV6,)) + packed
        else:
            address = bytes((_NAME, len(host))) + host
        self._request = b"\5\1\0" + address + port.to_bytes(2, "big")
        self._login = b""
        if username:
            self._login = b"\1" + bytes((len(username),)) + username + bytes((len(password),)) + password
        self._incoming = b""
        self._state = _METHOD
        self.outgoing = bytes((5, 1, _PASSWORD if username else _NO_PASSWORD))
        self.wanted = 2

    @property
    def done(self) -> bool:
        """Whether all that is read from here on is the peer's."""
        return self._state == _DONE

    def sent(self, count: int) -> None:
        """Note how much of `outgoing` has been written."""
        self.outgoing = self.outgoing[count:]

    def receive(self, data: bytes) -> None:
        """Take what the proxy sent. Raises OSError: it refuses, or does not speak SOCKS 5; hang up."""
        self._incoming += data
        self.wanted -= len(data)
        assert self.wanted >= 0, f"{-self.wanted} bytes of the peer's were read"
        version = 1 if self._state == _VERDICT else 5
        if self._incoming[0] != version:
            raise OSError(EPROTO, f"the proxy speaks no SOCKS 5: {self._incoming!r}")
        if self.wanted == 0:
            self._take(self._incoming)

    def _take(self, answer: bytes) -> None:
        """Take a whole answer, or, of the last one, as much as tells its size."""
        if self._state == _METHOD:
            self._take_method(answer[1])
        elif self._state == _VERDICT:
            if answer[1] != 0:
                raise OSError(EACCES, "the proxy refuses SOCKS_USERNAME and SOCKS_PASSWORD")
            self._ask(self._request, _REPLY, 5)
        elif self._state == _REPLY:
            self._take_reply(answer)
        else:
            self._state = _DONE

    def _take_method(self, method: int) -> None:
        if method == _PASSWORD and self._login:
            self._ask(self._login, _VERDICT, 2)
        elif method == _NO_PASSWORD:
            self._ask(self._request, _REPLY, 5)
        elif method in (_NO_METHOD, _PASSWORD):
            hint = "another way to log in" if self._login else "SOCKS_USERNAME and SOCKS_PASSWORD"
            raise OSError(EACCES, f"the proxy wants {hint}")
        else:
            raise OSError(EPROTO, f"the proxy chose method {method}, which was not offered")

    def _take_reply(self, answer: bytes) -> None:
        code, reserved, kind, first = answer[1:]
        if code:
            number, reason = _REFUSALS.get(code, (EPROTO, f"it gives {code} for a reason"))
            raise OSError(number, f"the proxy does not connect: {reason}")
        if reserved or kind not in (_IPV4, _NAME, _IPV6):
            raise OSError(EPROTO, f"the proxy answers what is no address: {answer!r}")
        # The first byte of the address, or its length, is there already.
        size = first if kind == _NAME else _SIZES[kind] - 1
        self._state = _BOUND
        self.wanted = size + 2

    def _ask(self, question: bytes, state: str, wanted: int) -> None:
        self.outgoing = question
        self._incoming = b""
        self._state = state
        self.wanted = wanted
