"""Bytes on the wire: the greeting, frames, and commands of ZMTP 3 (RFC 23, RFC 37)."""
