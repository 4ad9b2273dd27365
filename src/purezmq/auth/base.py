"""The authenticator: answers the ZAP questions of every socket in its context (RFC 27).

The rules, which are PyZMQ's:

- Nobody is asked about NULL unless the socket has a ZAP_DOMAIN. Until somebody is allowed or denied, every address
  may connect by NULL, and nobody by PLAIN or CURVE until they are configured.
- `allow` names the addresses that may connect, or `deny` those that may not; never both. Whoever comes by PLAIN or
  CURVE must prove who it is all the same.
- What is configured for domain "*" counts for every domain that has nothing of its own.

Passwords and secret keys are never logged. What fails in a callback of the program's is answered by status 500.
"""

from __future__ import annotations

import logging
import os
from errno import EINVAL
from hmac import compare_digest
from inspect import isawaitable
from typing import Any, NamedTuple, TypeVar

import purezmq
from purezmq.auth.certs import load_certificates
from purezmq.constants import SocketType
from purezmq.errors import error
from purezmq.utils import z85

__all__ = ["CURVE_ALLOW_ANY", "Authenticator"]

CURVE_ALLOW_ANY = "*"
VERSION = b"1.0"

_ENDPOINT = "inproc://zeromq.zap.01"
_ANY_DOMAIN = "*"
_CREDENTIALS = {b"NULL": 0, b"PLAIN": 2, b"CURVE": 1, b"GSSAPI": 1}

T = TypeVar("T")


class _Verdict(NamedTuple):
    allowed: bool
    reason: str
    user_id: str = "anonymous"


class Authenticator:
    """Decides who may connect.

    This one is driven by the program: await ``handle_zap_message(auth.zap_socket.recv_multipart())`` whenever
    `zap_socket` is readable. ThreadAuthenticator and AsyncioAuthenticator do that by themselves. context: the one of
    the sockets to be guarded, by default Context.instance(). encoding: of domains, addresses, names and passwords.
    """

    context: purezmq.Context[Any]
    encoding: str
    allow_any: bool
    credentials_providers: dict[str, Any]
    zap_socket: Any  # a REP socket, None while stopped
    passwords: dict[str, dict[str, str]]  # by domain, then by user name
    certs: dict[str, dict[bytes, Any]]  # by domain, then by public key in Z85
    log: Any

    def __init__(
        self,
        context: purezmq.Context[Any] | None = None,
        encoding: str = "utf-8",
        log: Any = None,
    ) -> None:
        self.context = context or purezmq.Context.instance()
        self.encoding = encoding
        self.allow_any = False
        self.credentials_providers = {}
        self.zap_socket = None
        self._allowed: set[str] = set()
        self._denied: set[str] = set()
        self.passwords = {}
        self.certs = {}
        self.log = log or logging.getLogger("zmq.auth")

    def start(self) -> None:
        """Take questions from here on. ZMQError(EADDRINUSE): this context has a handler already."""
        if self.zap_socket is not None:
            raise error(EINVAL, "this authenticator has been started already")
        socket = self.context.socket(SocketType.REP, socket_class=purezmq.Socket)
        try:
            socket.linger = 1
            socket.bind(_ENDPOINT)
        except BaseException:
            socket.close()
            raise
        self.zap_socket = socket
        self.log.debug("Starting")

    def stop(self) -> None:
        """Take no more questions: without a handler PLAIN lets nobody in, and CURVE everybody."""
        if self.zap_socket is not None:
            self.zap_socket.close()
        self.zap_socket = None

    # -- whom to let in ------------------------------------------------------------------------------------

    def allow(self, *addresses: str) -> None:
        """Let only these IP addresses connect, and those of earlier calls. ValueError after `deny`."""
        if self._denied:
            raise ValueError("Only use allow or deny, not both")
        self.log.debug("Allowing %s", ",".join(addresses))
        self._allowed.update(addresses)

    def deny(self, *addresses: str) -> None:
        """Let these IP addresses not connect, nor those of earlier calls. ValueError after `allow`."""
        if self._allowed:
            raise ValueError("Only use allow or deny, not both")
        self.log.debug("Denying %s", ",".join(addresses))
        self._denied.update(addresses)

    def configure_plain(self, domain: str = "*", passwords: dict[str, str] | None = None) -> None:
        """Let in by PLAIN whoever has one of these passwords; they are a dictionary by user name."""
        if passwords:
            self.passwords[domain] = passwords
        self.log.debug("Configure plain: %s", domain)

    def configure_curve(self, domain: str = "*", location: str | os.PathLike[str] = ".") -> None:
        """Let in by CURVE whose public key is in a file *.key in the directory `location`.

        CURVE_ALLOW_ANY: let in everybody, in every domain. The directory is read now: call this again when certificates
        come or go. A directory that cannot be read is logged, and changes nothing.
        """
        self.log.debug("Configure curve: %s[%s]", domain, location)
        if location == CURVE_ALLOW_ANY:
            if not self.allow_any:
                self.log.info("Every client may connect by CURVE, in every domain")
            self.allow_any = True
            return
        self.allow_any = False
        try:
            self.certs[domain] = load_certificates(location)
        except (OSError, ValueError) as reason:
            self.log.error("Failed to load CURVE certs from %s: %s", location, reason)

    def configure_curve_callback(self, domain: str = "*", credentials_provider: Any = None) -> None:
        """Let in by CURVE for whom ``credentials_provider.callback(domain, key)`` is true, or awaited becomes true.

        The key is the client's public key in Z85. Directories of certificates count no more.
        """
        self.allow_any = False
        if credentials_provider is None:
            self.log.error("None credentials_provider provided for domain:%s", domain)
        else:
            self.credentials_providers[domain] = credentials_provider

    def curve_user_id(self, client_public_key: bytes) -> str:
        """Return the User-Id of an admitted client by its public key of 32 bytes: the key in Z85. Override at will."""
        return z85.encode(client_public_key).decode("ascii")

    def configure_gssapi(self, domain: str = "*", location: str | None = None) -> None:
        """Do nothing: Kerberos has authenticated the peer, and every principal may come in."""

    # -- questions -----------------------------------------------------------------------------------------

    async def handle_zap_message(self, msg: list[bytes]) -> None:
        """Answer one question, as received from `zap_socket`."""
        if len(msg) < 6:
            self.log.error("Invalid ZAP message, not enough frames: %d", len(msg))
            self._send_zap_reply(msg[1] if len(msg) > 1 else b"", b"400", b"Not enough frames")
            return
        version, request_id, domain, address, routing_id, mechanism = msg[:6]
        credentials = msg[6:]
        if version != VERSION:
            self.log.error("Invalid ZAP version: %r", version)
            self._send_zap_reply(request_id, b"400", b"Invalid version")
            return
        self.log.debug(
            "request_id: %r, domain: %r, address: %r, identity: %r, mechanism: %r",
            request_id,
            domain,
            address,
            routing_id,
            mechanism,
        )
        try:
            verdict = await self._judge(self._text(domain), self._text(address), mechanism, credentials)
        except Exception as reason:  # the program's callback, dictionary or curve_user_id
            # Under PLAIN the frames of the traceback hold the password.
            traceback = mechanism != b"PLAIN"
            name = type(reason).__name__
            self.log.error(
                "Failed to decide about %r from %r: %s", mechanism, address, name, exc_info=traceback
            )
            self._send_zap_reply(request_id, b"500", b"Internal error")
            return
        self.log.debug("%s (%r) %s", "ALLOWED" if verdict.allowed else "DENIED", mechanism, verdict.reason)
        if verdict.allowed:
            self._send_zap_reply(request_id, b"200", b"OK", verdict.user_id)
        else:
            self._send_zap_reply(request_id, b"400", verdict.reason.encode())

    async def _judge(self, domain: str, address: str, mechanism: bytes, credentials: list[bytes]) -> _Verdict:
        if self._allowed and address not in self._allowed:
            return _Verdict(False, "Address not allowed")
        if address in self._denied:
            return _Verdict(False, "Address denied")
        if mechanism not in _CREDENTIALS:
            return _Verdict(False, "Unknown mechanism")
        if len(credentials) != _CREDENTIALS[mechanism]:
            self.log.error("Invalid %s credentials: %d of them", mechanism.decode(), len(credentials))
            return _Verdict(False, "Invalid credentials")
        if mechanism == b"PLAIN":
            return self._judge_plain(domain, *map(self._text, credentials))
        if mechanism == b"CURVE":
            return await self._judge_curve(domain, credentials[0])
        if mechanism == b"GSSAPI":
            return _Verdict(True, "Authenticated by Kerberos", credentials[0].decode())
        return _Verdict(True, "Address may connect")

    def _judge_plain(self, domain: str, username: str, password: str) -> _Verdict:
        if not self.passwords:
            return _Verdict(False, "No passwords defined")
        passwords = _for_domain(self.passwords, domain)
        if passwords is None:
            return _Verdict(False, "Invalid domain")
        if username not in passwords:
            return _Verdict(False, "Invalid username")
        if not compare_digest(password.encode(), passwords[username].encode()):
            return _Verdict(False, "Invalid password")
        return _Verdict(True, "OK", username)

    async def _judge_curve(self, domain: str, key: bytes) -> _Verdict:
        if self.allow_any:
            return _Verdict(True, "Any client may connect", self.curve_user_id(key))
        text = z85.encode(key)
        if self.credentials_providers:
            provider = _for_domain(self.credentials_providers, domain)
            if provider is None:
                return _Verdict(False, "Unknown domain")
            known = provider.callback(domain or _ANY_DOMAIN, text)
            if isawaitable(known):
                known = await known
        else:
            keys = _for_domain(self.certs, domain)
            if keys is None:
                return _Verdict(False, "Unknown domain")
            known = keys.get(text)
        return _Verdict(True, "OK", self.curve_user_id(key)) if known else _Verdict(False, "Unknown key")

    def _send_zap_reply(
        self, request_id: bytes, status_code: bytes, status_text: bytes, user_id: str = ""
    ) -> None:
        self.log.debug("ZAP reply code=%s text=%s", status_code, status_text)
        self.zap_socket.send_multipart(
            [VERSION, request_id, status_code, status_text, user_id.encode(self.encoding, "replace"), b""]
        )

    def _text(self, text: bytes) -> str:
        return text.decode(self.encoding, "replace")


def _for_domain(configured: dict[str, T], domain: str) -> T | None:
    """Return what is configured for a domain, or else for all."""
    found = configured.get(domain)
    return configured.get(_ANY_DOMAIN) if found is None else found
