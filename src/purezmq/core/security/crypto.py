"""The NaCl calls that CURVE needs: X25519 key agreement, XSalsa20-Poly1305 boxes; libsodium's, through PyNaCl.

The rules:

- PyNaCl is imported with this module, and this module when CURVE is used for the first time. Without PyNaCl that is
  ZMQError(ENOTSUP), and the message names the package.
- A box between two key pairs is a secret box under their shared key, which is computed once for each pair of keys:
  it is the expensive half.
- What a peer sent may be forged: ProtocolError. It never names a key, a nonce or a plaintext.
- No randomness in here: secrets and nonces come from the caller.
"""

from __future__ import annotations

from purezmq.constants import ENOTSUP, PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
from purezmq.errors import ProtocolError, error

try:
    from nacl import bindings
    from nacl.exceptions import CryptoError
except ImportError:
    raise error(ENOTSUP, "CURVE needs the package PyNaCl: pip install pynacl") from None

KEY_SIZE = 32
NONCE_SIZE = 24
MAC_SIZE = 16  # by which a box is larger than what is in it


def public_key(secret_key: bytes) -> bytes:
    """Return the public key that belongs to 32 secret bytes."""
    return bindings.crypto_scalarmult_base(secret_key)


def shared_key(their_public: bytes, our_secret: bytes) -> bytes:
    """Return the key of all boxes between these two key pairs, precomputed."""
    try:
        return bindings.crypto_box_beforenm(their_public, our_secret)
    except CryptoError:
        raise ProtocolError(
            "a public key of low order, with which there are no secrets", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
        ) from None


def seal(key: bytes, nonce: bytes, plaintext: bytes) -> bytes:
    """Return the box."""
    return bindings.crypto_box_afternm(plaintext, nonce, key)


def open_box(key: bytes, nonce: bytes, box: bytes, what: str) -> bytes:
    """Return what is in the box. ProtocolError: somebody else has made it, or altered it."""
    try:
        return bindings.crypto_box_open_afternm(box, nonce, key)
    except CryptoError:
        raise ProtocolError(
            f"{what} does not open: wrong keys, or forged", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
        ) from None


def equal(one: bytes, other: bytes) -> bool:
    """Compare two secrets of 32 bytes in constant time."""
    return bool(bindings.sodium_memcmp(one, other))
