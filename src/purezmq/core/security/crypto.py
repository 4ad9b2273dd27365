"""The NaCl calls that CURVE needs: X25519 key agreement, XSalsa20-Poly1305 boxes; libsodium's, through PyNaCl.

The rules:

- PyNaCl is imported with this module, and this module when CURVE is used for the first time. Without PyNaCl that is
  ZMQError(ENOTSUP), and the message names the package.
- A box between two key pairs is a secret box under their shared key, which is computed once for each pair of keys:
  it is the expensive half.
- What a peer sent may be forged: ProtocolError. It never names a key, a nonce or a plaintext.
- No randomness in here: secrets and nonces come from the caller.
- All goes around PyNaCl's Python layer, straight to libsodium, which is handed sizes and believes them: that halves the
  cost of a box of 100 bytes, and nothing is copied for padding (PERFORMANCE.md). Sealer and Opener know where the bytes
  of traffic belong.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import repeat
from struct import Struct

from purezmq.constants import ENOTSUP, PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
from purezmq.core.pipe import run_whole
from purezmq.errors import ProtocolError, error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from nacl._sodium import ffi, lib  # type: ignore[import-not-found]  # compiled, and without types
except ImportError:
    raise error(ENOTSUP, "CURVE needs the package PyNaCl: pip install pynacl") from None

KEY_SIZE = 32
NONCE_SIZE = 24
MAC_SIZE = 16  # by which a box is larger than what is in it


_seal_box = lib.crypto_secretbox_easy
_open_box = lib.crypto_secretbox_open_easy
_room = ffi.new_allocator(should_clear_after_alloc=False)
_bytes = ffi.buffer


def public_key(secret_key: bytes) -> bytes:
    """Return the public key that belongs to 32 secret bytes."""
    key = _room("unsigned char[]", KEY_SIZE)
    lib.crypto_scalarmult_base(key, _whole(secret_key))
    public: bytes = _bytes(key)[:]
    return public


def shared_key(their_public: bytes, our_secret: bytes) -> bytes:
    """Return the key of all boxes between these two key pairs, precomputed."""
    key = _room("unsigned char[]", KEY_SIZE)
    if lib.crypto_box_beforenm(key, _whole(their_public), _whole(our_secret)):
        raise ProtocolError(
            "a public key of low order, with which there are no secrets", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
        )
    shared: bytes = _bytes(key)[:]
    return shared


def seal(key: bytes, nonce: bytes, plaintext: bytes) -> bytes:
    """Return the box."""
    size = len(plaintext)
    room = _room("unsigned char[]", MAC_SIZE + size)
    _seal_box(room, plaintext, size, nonce, key)
    box: bytes = _bytes(room)[:]
    return box


def open_box(key: bytes, nonce: bytes, box: bytes, what: str) -> bytes:
    """Return what is in the box. ProtocolError: somebody else has made it, or altered it."""
    size = len(box)
    room = _room("unsigned char[]", max(size - MAC_SIZE, 0))
    if _open_box(room, box, size, nonce, key):
        raise ProtocolError(f"{what} does not open: wrong keys, or forged", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)
    plaintext: bytes = _bytes(room)[:]
    return plaintext


def _whole(key: bytes) -> bytes:
    # Not an assertion: those may be switched off, and libsodium would read on behind a key that is too short.
    if len(key) != KEY_SIZE:
        raise ValueError(f"a key of {len(key)} bytes, not of {KEY_SIZE}")
    return key


# From this size on a plaintext is copied into its place in the frame; below, appending it to its flags is cheaper.
_IN_PLACE = 32 * 1024


# Up to this size a box is made in, or opened into, memory that is there already: there are many such.
_SMALL = 1024


class Sealer:
    """Makes boxes under one key, with nonces of one prefix."""

    __slots__ = ("_key", "_prefix", "_small", "_view")

    def __init__(self, key: bytes, prefix: bytes) -> None:
        self._key = key
        self._prefix = prefix
        self._small = _room("unsigned char[]", _SMALL + MAC_SIZE)
        self._view = ffi.buffer(self._small)

    def seal(
        self, head: bytes, number: bytes, flags: bytes, payload: bytes | memoryview
    ) -> bytes | memoryview:
        """Return `head` and behind it the box of flags and payload."""
        size = 1 + len(payload)
        nonce = self._prefix + number
        if size <= _SMALL:
            _seal_box(self._small, flags + payload, size, nonce, self._key)
            small: bytes = head + self._view[: MAC_SIZE + size]
            return small
        start = len(head)
        if size < _IN_PLACE:
            frame = bytearray(start + MAC_SIZE + size)
            frame[:start] = head
            _seal_box(ffi.from_buffer(frame) + start, flags + payload, size, nonce, self._key)
            return memoryview(frame)
        room = _room("unsigned char[]", start + MAC_SIZE + size)
        ffi.memmove(room, head, start)
        place = room + (start + MAC_SIZE)
        ffi.memmove(place, flags, 1)
        ffi.memmove(place + 1, payload, size - 1)
        _seal_box(room + start, place, size, nonce, self._key)
        return memoryview(ffi.buffer(room))

    def seal_run(self, head: bytes, first: int, flags: bytes, payloads: list[bytes], size: int) -> memoryview:
        """Return for each payload of this size `head`, its number of 8 bytes from `first` on, and its box."""
        count = len(payloads)
        start = len(head) + 8
        step = start + MAC_SIZE + 1 + size
        room = _room("unsigned char[]", step * count)
        frames = memoryview(ffi.buffer(room)).cast("B")
        numbers = Struct(f">{count}Q").pack(*range(first, first + count))
        # The heads, a column at a time.
        for offset, byte in enumerate(head):
            frames[offset::step] = _BYTES[byte] * count
        for offset in range(8):
            frames[len(head) + offset :: step] = numbers[offset::8]
        places = map((room + start).__add__, range(0, step * count, step))
        nonces = map(self._prefix.__add__, _eights(count)(numbers))
        plaintexts = map(flags.__add__, payloads)
        run_whole(map(_seal_box, places, plaintexts, repeat(size + 1), nonces, repeat(self._key)))
        return frames


class Opener:
    """Opens boxes under one key, with nonces of one prefix."""

    __slots__ = ("_key", "_prefix", "_small", "_view")

    def __init__(self, key: bytes, prefix: bytes) -> None:
        self._key = key
        self._prefix = prefix
        self._small = _room("unsigned char[]", _SMALL)
        self._view = ffi.buffer(self._small)

    def open(self, data: bytes, start: int, stop: int, number: bytes, used_up: bool) -> tuple[int, bytes]:
        """Return flags and payload from the box between `start` and `stop`. ProtocolError: it is forged.

        used_up: nobody else has `data`, so that a large box may be opened where it is.
        """
        size = stop - start
        if size <= _SMALL:
            if _open_box(self._small, data[start:stop], size, self._prefix + number, self._key):
                raise _forged()
            return self._small[0], self._view[1 : size - MAC_SIZE]
        box = ffi.from_buffer(data) + start
        in_place = used_up and size >= _IN_PLACE
        plaintext = box + MAC_SIZE if in_place else _room("unsigned char[]", size - MAC_SIZE)
        if _open_box(plaintext, box, size, self._prefix + number, self._key):
            raise _forged()
        if in_place:
            return data[start + MAC_SIZE], data[start + MAC_SIZE + 1 : stop]
        opened = ffi.buffer(plaintext)
        return opened[0][0], opened[1:]

    def open_run(
        self,
        data: bytes,
        start: int,
        step: int,
        leading: bytes,
        last_bytes: list[bytes],
        size: int,
        count: int,
    ) -> memoryview | None:
        """Return what is in boxes of this size, one behind the other; None: one of them is forged.

        The first is at `start`, and the next `step` bytes from there. Their numbers differ in the last byte.
        """
        inside = size - MAC_SIZE
        room = _room("unsigned char[]", inside * count)
        boxes = map((ffi.from_buffer(data) + start).__add__, range(0, step * count, step))
        places = map((room + 0).__add__, range(0, inside * count, inside))
        nonces = map((self._prefix + leading).__add__, last_bytes)
        forged = any(map(_open_box, places, boxes, repeat(size), nonces, repeat(self._key)))
        return None if forged else memoryview(ffi.buffer(room)).cast("B")


def _forged() -> ProtocolError:
    return ProtocolError("MESSAGE does not open: forged", PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)


_BYTES = [bytes((byte,)) for byte in range(256)]


@lru_cache(maxsize=64)
def _eights(count: int) -> Callable[[bytes], tuple[bytes, ...]]:
    return Struct("8s" * count).unpack


def equal(one: bytes, other: bytes) -> bool:
    """Compare two secrets of 32 bytes in constant time."""
    return not lib.sodium_memcmp(_whole(one), _whole(other), KEY_SIZE)
