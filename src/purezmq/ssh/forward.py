"""Forward a local port through an SSH connection that paramiko has made: what ``ssh -L`` does."""

from __future__ import annotations

import logging
import socket
import socketserver
from threading import Thread
from typing import Any

__all__ = ["forward_tunnel"]

logger = logging.getLogger("ssh")

_CHUNK = 64 * 1024


def forward_tunnel(local_port: int, remote_host: str, remote_port: int, transport: Any) -> None:
    """Serve for ever: what connects to the local port gets to remote_host:remote_port, as the SSH server sees it.

    transport: a paramiko.Transport that is connected and has logged in.
    """
    with ForwardServer(("127.0.0.1", local_port), (remote_host, remote_port), transport) as server:
        server.serve_forever()


class ForwardServer(socketserver.ThreadingTCPServer):
    """Accepts at the local port; each connection has two threads, one for each direction."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], target: tuple[str, int], transport: Any) -> None:
        super().__init__(address, Handler)
        self.target = target
        self.transport = transport


class Handler(socketserver.BaseRequestHandler):
    """Passes on the bytes of one connection."""

    server: ForwardServer
    request: socket.socket

    def handle(self) -> None:
        """Open a channel and pass bytes on until both sides have ended."""
        host, port = self.server.target
        try:
            channel = self.server.transport.open_channel(
                "direct-tcpip", self.server.target, self.request.getpeername()
            )
        except Exception as reason:  # paramiko's, and what the network raises
            logger.debug("The SSH server does not connect to %s:%d: %r", host, port, reason)
            return
        logger.debug("Tunnel to %s:%d opened", host, port)
        try:
            back = Thread(target=_pass_on, args=(channel, self.request), daemon=True)
            back.start()
            _pass_on(self.request, channel)
            back.join()
        finally:
            channel.close()
            logger.debug("Tunnel to %s:%d closed", host, port)


def _pass_on(source: Any, target: Any) -> None:
    """Copy until the source ends or the target takes no more; then tell the target that this was all."""
    try:
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    except OSError as reason:
        logger.debug("Tunnel broken: %r", reason)
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # it is gone
