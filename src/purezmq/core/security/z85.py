"""Z85: binary as printable text, four bytes in five characters (RFC 32)."""

from __future__ import annotations

from struct import Struct

ALPHABET = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
VALUES = {character: value for value, character in enumerate(ALPHABET)}

_POWERS = (85**4, 85**3, 85**2, 85, 1)
_LARGEST = 2**32 - 1


def encode(raw: bytes | bytearray | memoryview) -> bytes:
    """Return the text. ValueError: not a multiple of 4 bytes."""
    if len(raw) % 4:
        raise ValueError(f"Z85 takes a multiple of 4 bytes, not {len(raw)}")
    numbers = Struct(f">{len(raw) // 4}I").unpack(raw)
    return bytes(ALPHABET[number // power % 85] for number in numbers for power in _POWERS)


def decode(text: str | bytes | bytearray | memoryview) -> bytes:
    """Return the bytes. ValueError: not a multiple of 5 characters, or characters that Z85 does not have."""
    try:
        return _decode(text)
    except ValueError as refusal:
        del text  # which may be a key: a traceback may show the locals of its frames
        raise ValueError(refusal.args[0]) from None


def _decode(text: str | bytes | bytearray | memoryview) -> bytes:
    if isinstance(text, str):
        if not text.isascii():
            raise ValueError("Z85 is ASCII")
        text = text.encode()
    if len(text) % 5:
        raise ValueError(f"Z85 has a multiple of 5 characters, not {len(text)}")
    numbers = []
    for start in range(0, len(text), 5):
        number = 0
        for character in bytes(text[start : start + 5]):
            if character not in VALUES:
                raise ValueError(f"one of the five characters at {start} is none of Z85's")
            number = number * 85 + VALUES[character]
        if number > _LARGEST:
            raise ValueError(f"the five characters at {start} are more than 32 bits")
        numbers.append(number)
    return Struct(f">{len(numbers)}I").pack(*numbers)
