"""Who may connect: authenticators for NULL, PLAIN and CURVE servers, and CURVE certificates.

    auth = purezmq.auth.thread.ThreadAuthenticator(context)
    auth.start()
    auth.allow("127.0.0.1")
    auth.configure_curve(domain="*", location="public_keys")

In a thread of its own: auth.thread; on a running event loop: auth.asyncio. examples/security has whole programs.
"""

from __future__ import annotations

from purezmq.auth.base import CURVE_ALLOW_ANY, Authenticator
from purezmq.auth.certs import create_certificates, load_certificate, load_certificates

__all__ = [
    "CURVE_ALLOW_ANY",
    "Authenticator",
    "create_certificates",
    "load_certificate",
    "load_certificates",
]
