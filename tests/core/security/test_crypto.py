"""Boxes and keys: libsodium is handed sizes and believes them, so nothing of a wrong size gets there."""

import pytest

from purezmq.core.security import crypto
from purezmq.errors import ProtocolError

SECRET = bytes(range(1, 33))
NONCE = bytes(24)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_key_of_a_wrong_size_is_refused(size):
    key = bytes([9]) * size
    for call in (
        lambda: crypto.public_key(key),
        lambda: crypto.shared_key(key, SECRET),
        lambda: crypto.shared_key(crypto.public_key(SECRET), key),
        lambda: crypto.equal(key, SECRET),
        lambda: crypto.equal(SECRET, key),
    ):
        with pytest.raises(ValueError, match=f"a key of {size} bytes"):
            call()


def test_public_key_of_low_order_is_refused():
    with pytest.raises(ProtocolError):
        crypto.shared_key(bytes(32), SECRET)


def test_both_sides_have_the_same_key():
    other = bytes(range(2, 34))
    mine = crypto.shared_key(crypto.public_key(other), SECRET)
    assert mine == crypto.shared_key(crypto.public_key(SECRET), other)
    box = crypto.seal(mine, NONCE, b"hello")
    assert len(box) == 5 + crypto.MAC_SIZE
    assert crypto.open_box(mine, NONCE, box, "it") == b"hello"


@pytest.mark.parametrize("box", [b"", bytes(15), bytes(16), bytes(40)])
def test_what_is_not_a_box_does_not_open(box):
    with pytest.raises(ProtocolError, match="it does not open"):
        crypto.open_box(SECRET, NONCE, box, "it")
