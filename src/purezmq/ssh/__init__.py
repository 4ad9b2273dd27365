"""Connecting through SSH: ``tunnel_connection(socket, "tcp://10.0.1.2:5555", "user@gateway")``."""

from __future__ import annotations

from purezmq.ssh import forward as forward
from purezmq.ssh.tunnel import (
    openssh_tunnel,
    paramiko_tunnel,
    ssh_tunnel,
    try_passwordless_ssh,
    tunnel_connection,
)

__all__ = [
    "tunnel_connection",
    "ssh_tunnel",
    "openssh_tunnel",
    "paramiko_tunnel",
    "try_passwordless_ssh",
]
