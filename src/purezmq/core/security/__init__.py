"""Security mechanisms, by the number in the option MECHANISM and the side of the handshake.

PLAIN, CURVE and GSSAPI are imported when they are used for the first time.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from purezmq.constants import EINVAL, SecurityMechanism
from purezmq.core.options import SocketOptions
from purezmq.core.security.mechanism import Mechanism, Unable
from purezmq.core.security.null import Null
from purezmq.errors import error

# Modules of this package, and the classes in them for client and server.
_TABLE = {
    int(SecurityMechanism.NULL): ("null", "Null", "Null"),
    int(SecurityMechanism.PLAIN): ("plain", "PlainClient", "PlainServer"),
    int(SecurityMechanism.CURVE): ("curve", "CurveClient", "CurveServer"),
    int(SecurityMechanism.GSSAPI): ("gssapi", "GssapiClient", "GssapiServer"),
}
_NULL = int(SecurityMechanism.NULL)


def mechanism_for(options: SocketOptions) -> type[Mechanism]:
    """Return the mechanism that the options choose. ZMQError(ENOTSUP): its package is missing."""
    if options.mechanism == _NULL:
        return Null
    return _class(options.mechanism, options.plain_server or options.curve_server or options.gssapi_server)


@cache
def _class(mechanism: int, serves: int) -> type[Mechanism]:
    module, client, server = _TABLE[mechanism]
    found: type[Mechanism] = getattr(import_module(f"{__name__}.{module}"), server if serves else client)
    return found


def prepare(options: SocketOptions) -> None:
    """Make the options of a bind or connect ready for handshakes, if there can be any.

    ZMQError(EINVAL): a CURVE key is missing, or a Kerberos principal or its key; ENOTSUP: the package for the mechanism
    is. libzmq would try in vain. A server's public key follows from its secret one, whatever CURVE_PUBLICKEY says.
    """
    mechanism_for(options)
    if options.mechanism == _NULL:
        return
    if options.mechanism == SecurityMechanism.GSSAPI:
        _prepare_gssapi(options)
    if options.mechanism != SecurityMechanism.CURVE:
        return
    needed = ["secretkey"] if options.curve_server else ["secretkey", "publickey", "serverkey"]
    missing = [f"CURVE_{name.upper()}" for name in needed if not getattr(options, f"curve_{name}")]
    if missing:
        hint = "" if options.curve_server else ", or CURVE_SERVER to be the server"
        raise error(EINVAL, f"CURVE needs {', '.join(missing)}{hint}")
    if options.curve_server:
        from purezmq.core.security import crypto

        options.curve_publickey = crypto.public_key(options.curve_secretkey)


def _prepare_gssapi(options: SocketOptions) -> None:
    if options.gssapi_server:
        from purezmq.core.security.gssapi import server_credentials

        try:
            server_credentials(options)
        except Unable as reason:
            raise error(EINVAL, str(reason)) from None
    elif not options.gssapi_service_principal:
        raise error(EINVAL, "GSSAPI needs GSSAPI_SERVICE_PRINCIPAL, or GSSAPI_SERVER to be the server")


__all__ = ["Mechanism", "Null", "Unable", "mechanism_for", "prepare"]
