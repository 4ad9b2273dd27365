"""The endpoints of one socket: what it has bound and connected, and what still lingers.

Everything runs under the socket's lock. An endpoint that is given up while messages for its peer are unsent
*retires*: the pattern forgets it at once, its session writes on, and it is shut when everything is written or
LINGER is over.
"""

from __future__ import annotations

from errno import ENOENT
from typing import TYPE_CHECKING, Protocol

from purezmq.constants import ENOCOMPATPROTO, Event
from purezmq.core import security
from purezmq.core.endpoint import parse_endpoint
from purezmq.core.monitor import EndpointPair
from purezmq.engine.dialer import Dialer
from purezmq.engine.inproc import InprocBinding, InprocEnd, check_name
from purezmq.engine.listener import Listener
from purezmq.errors import ZMQError, error

if TYPE_CHECKING:
    from purezmq.core.options import SocketOptions
    from purezmq.engine.datagrams import DatagramEnd
    from purezmq.engine.socket_core import SocketCore


class Endpoint(Protocol):
    """A dialer, a listener, or their inproc counterparts."""

    endpoint: str

    def retire(self) -> None:
        """Let the pattern forget every peer; write on what is pending."""

    def pending(self) -> bool:
        """Return whether something is still to be written."""

    def unsent(self, connected_only: bool) -> int:
        """Return how much waits to be written; with `connected_only`, not for peers that were not there."""

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""

    def shut(self) -> None:
        """End for good."""

    def abandon(self) -> None:
        """In a forked child: give the descriptors back without a word to anybody."""


class Endpoints:
    """What a socket has bound and connected."""

    def __init__(self, core: SocketCore) -> None:
        self._core = core
        self._bound: list[Listener | InprocBinding | DatagramEnd] = []
        self._connected: list[
            tuple[str, Dialer | InprocEnd | DatagramEnd]
        ] = []  # with the endpoint as it was given
        self.retiring: list[Endpoint] = []
        self._options: SocketOptions | None = None  # those of the last connect: a thousand may share them
        self.last = ""  # LAST_ENDPOINT

    def bind(self, endpoint: str) -> None:
        """Listen at the endpoint."""
        core = self._core
        parsed = parse_endpoint(endpoint)
        options = core.options.copy()
        self._check_scheme(parsed.scheme)
        bound: Listener | InprocBinding | DatagramEnd
        if parsed.scheme == "inproc":
            check_name(parsed.address)
            bound = InprocBinding(core, parsed.address, options)
        elif parsed.scheme == "udp":
            bound = self._datagrams(parsed.address, options, core.pattern.can_receive)
        else:
            transport = core.context.transport_for(parsed.scheme)
            security.prepare(options)
            try:
                listening = transport.bind(parsed.address, options)
            except ZMQError as reason:
                # libzmq leaves the scheme out here, and only here.
                ends = EndpointPair.of_bind(parsed.address)
                core.monitors.tell(Event.BIND_FAILED, reason.errno or 0, ends, None, str(reason))
                raise
            bound = Listener(core, listening, transport, options)
        bound.start()
        self._bound.append(bound)
        self.last = bound.endpoint

    def connect(self, endpoint: str) -> None:
        """Connect to the endpoint, and again whenever the link is lost."""
        core = self._core
        parsed = parse_endpoint(endpoint)
        self._check_scheme(parsed.scheme)
        options = self._options = core.options.copy_unless(self._options)
        if parsed.scheme == "inproc":
            check_name(parsed.address)
            end = InprocEnd(core, parsed.address)
            self._connected.append((endpoint, end))
            end.connect(options)
            self.last = endpoint
            return
        if parsed.scheme == "udp":
            end_of_udp = self._datagrams(parsed.address, options, not core.pattern.can_receive)
            end_of_udp.start()
            self._connected.append((endpoint, end_of_udp))
            self.last = end_of_udp.endpoint
            return
        if core.pattern.one_connection_per_endpoint and any(
            given == endpoint for given, _ in self._connected
        ):
            return
        transport = core.context.transport_for(parsed.scheme)
        security.prepare(options)
        transport.check(parsed.address, options)
        name = transport.endpoint_name(parsed.address, options)
        dialer = Dialer(core, name, parsed.address, transport, options)
        self._connected.append((endpoint, dialer))
        self.last = name
        try:
            dialer.start()
        except ZMQError:  # the pattern does not want this peer: CONNECT_ROUTING_ID is taken
            self.forget(dialer)
            dialer.shut()
            raise

    def _check_scheme(self, scheme: str) -> None:
        if scheme != "udp" and not self._core.pattern.streams:
            raise error(ENOCOMPATPROTO, f"{self._core.socket_type.name} sockets bind udp only")

    def _datagrams(self, address: str, options: SocketOptions, right_way: bool) -> DatagramEnd:
        datagrams = self._core.pattern.datagrams
        if datagrams is None or not right_way:
            raise error(
                ENOCOMPATPROTO, "udp is for RADIO, DISH and DGRAM sockets: RADIO connects, the others bind"
            )
        from purezmq.engine.datagrams import DatagramEnd  # as transports are: when somebody wants it

        return DatagramEnd(self._core, address, options, datagrams)

    def undo(self, endpoint: str) -> None:
        """Undo what bind or connect has made of this endpoint: unbind() and disconnect() are one in libzmq."""
        parse_endpoint(endpoint)
        dialers = [end for given, end in self._connected if endpoint in (given, end.endpoint)]
        for dialer in dialers:
            self.forget(dialer)
            self._retire(dialer, self._core.options.linger)
        if dialers:
            return
        for bound in self._bound:
            if bound.matches(endpoint):
                self._bound.remove(bound)
                self._retire(bound, self._core.options.linger)
                return
        raise error(
            ENOENT, f"nothing is bound or connected to {endpoint}; LAST_ENDPOINT tells the exact form"
        )

    def forget(self, endpoint: Dialer | InprocEnd | DatagramEnd) -> None:
        """Drop a connection that has ended by itself."""
        self._connected = [entry for entry in self._connected if entry[1] is not endpoint]

    def give_up(self, endpoint: Dialer | InprocEnd) -> None:
        """End a connection once what is queued is written, however long that takes."""
        self.forget(endpoint)
        endpoint.retire()
        self.finish(endpoint)

    def finish(self, endpoint: Endpoint) -> None:
        """Shut what has retired as soon as nothing is left to write."""
        if endpoint.pending():
            self.retiring.append(endpoint)
        else:
            endpoint.shut()

    def retire_all(self, linger: int) -> None:
        """Give everything up: the socket is closed."""
        if linger > 0:
            loop = self._core.loop
            for endpoint in self.retiring:
                loop.call_at(loop.time() + linger / 1000, endpoint.shut)
        while self._bound:  # one after the other, for this may be cut short and done again
            self._retire(self._bound[0], linger)
            del self._bound[:1]
        while self._connected:
            self._retire(self._connected[0][1], linger)
            del self._connected[:1]
        if linger == 0:
            self.shut()

    def _retire(self, endpoint: Endpoint, linger: int) -> None:
        endpoint.retire()
        if linger == 0 or not endpoint.pending():
            endpoint.shut()
            return
        self.retiring.append(endpoint)
        if linger > 0:
            loop = self._core.loop
            loop.call_at(loop.time() + linger / 1000, endpoint.shut)

    def sweep(self) -> None:
        """Shut what has retired and has nothing left to write."""
        for endpoint in list(self.retiring):
            if not endpoint.pending():
                endpoint.shut()
                self.retiring.remove(endpoint)

    def mend(self) -> None:
        """Go on with what an exception out of a signal handler has cut short."""
        for endpoint in [*self._bound, *(dialer for _, dialer in self._connected), *self.retiring]:
            endpoint.mend()

    def shut(self) -> None:
        """End what lingers: its time is over."""
        retiring, self.retiring = self.retiring, []
        for endpoint in retiring:
            endpoint.shut()

    def end(self) -> None:
        """Let go of the socket, which has finished."""
        del self._core

    def unsent(self, connected_only: bool) -> int:
        """Return how much waits to be written, or to be taken by the kernel."""
        ends: list[Endpoint] = [*self._bound, *(dialer for _, dialer in self._connected), *self.retiring]
        return sum(end.unsent(connected_only) for end in ends)

    def abandon(self) -> None:
        """In a forked child: give the descriptors back."""
        for endpoint in [*self._bound, *(dialer for _, dialer in self._connected), *self.retiring]:
            endpoint.abandon()
