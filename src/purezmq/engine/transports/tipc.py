"""tipc:// — zmq_tipc(7); tipc_address.cpp of libzmq 4.3.5: services of a cluster, Linux's AF_TIPC.

    tipc://{5560,0,99}      bind: the service 5560, instances 0 to 99
    tipc://{5560,7}         connect: whoever has the instance 7
    tipc://<*>              bind, at a port of its own; LAST_ENDPOINT tells it, as in the next
    tipc://<1.1.16:4711>    connect: the port 4711 of the node 1.1.16

Rules:

- LAST_ENDPOINT after bind is the port, which one can connect to; unbind() also takes the service as it was given.
- A service whose number is below 64 is the system's: EINVAL, as is whatever cannot be read as one of the above.
- Behind an instance "@1.0.0" or "@0.0.0" may stand, the whole network. Another domain, which libzmq knows, is EINVAL:
  Python's sockets cannot be told of it.
- Where the kernel has no AF_TIPC, bind() is EAFNOSUPPORT, and connect() tries for ever.
"""

from __future__ import annotations

from errno import EAFNOSUPPORT, EINVAL
from typing import TYPE_CHECKING

from purezmq.core.endpoint import TipcAddress, parse_tipc
from purezmq.engine.transports import Listening, SocketTransport, Target, Transport
from purezmq.engine.unpatched import socket
from purezmq.errors import error

if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions

_SERVICES, _SERVICE, _PORT = 1, 2, 3  # TIPC_ADDR_NAMESEQ, TIPC_ADDR_NAME, TIPC_ADDR_ID
_ZONE_SCOPE = 1


class TipcTransport(SocketTransport):
    """See Transport."""

    scheme = "tipc"
    family = getattr(socket, "AF_TIPC", -1)

    def bind(self, address: str, options: SocketOptions) -> Listening:
        """Listen at address, or with USE_FD at that descriptor."""
        self.require()
        parsed = parse_tipc(address)
        if parsed.kind == TipcAddress.PORT:
            raise error(EINVAL, "the port of a node is the system's choice: bind tipc://<*>")
        where = None if parsed.kind == TipcAddress.ANY else _sockaddr(parsed)
        try:
            return self.listen(where, options, alias=f"tipc://{address}")
        except OSError as failure:
            hint = (
                "load the kernel's module tipc" if failure.errno == EAFNOSUPPORT else "bind another service"
            )
            raise error(failure.errno or EINVAL, f"tipc://{address}: {hint}") from failure

    def check(self, address: str, options: SocketOptions) -> None:
        """Refuse what is no address, or is none to connect to."""
        self.require()
        if parse_tipc(address).kind == TipcAddress.ANY:
            raise error(EINVAL, "connect to what LAST_ENDPOINT tells after bind, not to tipc://<*>")

    def targets_now(self, address: str, options: SocketOptions) -> list[Target]:
        """Return the address: the kernel knows the names."""
        return [Target(self.family, _sockaddr(parse_tipc(address)))]

    def endpoint_name(self, address: str, options: SocketOptions) -> str:
        """Return the address as libzmq spells it."""
        return str(parse_tipc(address))

    def name_of(self, made: socket.socket) -> str:
        """Return our port as an endpoint."""
        _, node, port = made.getsockname()[:3]
        return str(TipcAddress(TipcAddress.PORT, node, port))


def _sockaddr(address: TipcAddress) -> tuple[int, ...]:
    kind = {TipcAddress.SERVICES: _SERVICES, TipcAddress.SERVICE: _SERVICE, TipcAddress.PORT: _PORT}[
        address.kind
    ]
    last = address.last if kind == _SERVICES else 0
    return (kind, address.first, address.second, last, _ZONE_SCOPE if kind == _SERVICES else 0)


transport: Transport = TipcTransport()
