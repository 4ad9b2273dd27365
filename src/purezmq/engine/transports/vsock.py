"""vsock:// — zmq_vsock(7) of libzmq's development head: between a virtual machine and its host, Linux's AF_VSOCK.

    vsock://*:5555     bind, on whatever number this machine has among the machines (its CID)
    vsock://*:*        bind, at any free port; LAST_ENDPOINT tells it
    vsock://2:5555     connect to a machine by its CID: 2 is the host, 1 this machine, where the kernel has a loopback
    vsock://@:5555     connect to the host

Rules:

- A number is read as C's strtoul() does: "5x" is 5. "-1" is "*". What is no number of 32 bits is EINVAL.
- Where the kernel has no AF_VSOCK, bind() is EAFNOSUPPORT, and connect() tries for ever.
- connect() to a CID that nobody has takes the kernel 2 s to give up, and then is tried again as for tcp.
"""

from __future__ import annotations

from errno import EAFNOSUPPORT, EINVAL
from typing import TYPE_CHECKING

from purezmq.core.endpoint import parse_vsock
from purezmq.engine.transports import Listening, SocketTransport, Target, Transport
from purezmq.engine.unpatched import socket
from purezmq.errors import error

if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions

_ANY = 0xFFFFFFFF  # VMADDR_CID_ANY, VMADDR_PORT_ANY


class VsockTransport(SocketTransport):
    """See Transport."""

    scheme = "vsock"
    family = getattr(socket, "AF_VSOCK", -1)

    def bind(self, address: str, options: SocketOptions) -> Listening:
        """Listen at address, or with USE_FD at that descriptor."""
        self.require()
        where = parse_vsock(address)
        try:
            return self.listen(where, options)
        except OSError as failure:
            hint = "load the kernel's module vsock" if failure.errno == EAFNOSUPPORT else "bind vsock://*:*"
            raise error(failure.errno or EINVAL, f"vsock://{address}: {hint}") from failure

    def check(self, address: str, options: SocketOptions) -> None:
        """Refuse what is no address."""
        self.require()
        parse_vsock(address)

    def targets_now(self, address: str, options: SocketOptions) -> list[Target]:
        """Return the address: there are no names."""
        return [Target(self.family, parse_vsock(address))]

    def endpoint_name(self, address: str, options: SocketOptions) -> str:
        """Return the address in numbers."""
        return _endpoint(parse_vsock(address))

    def name_of(self, made: socket.socket) -> str:
        """Return our side as an endpoint."""
        return _endpoint(made.getsockname())


def _endpoint(address: tuple[int, int]) -> str:
    cid, port = ("*" if number == _ANY else str(number) for number in address)
    return f"vsock://{cid}:{port}"


transport: Transport = VsockTransport()
