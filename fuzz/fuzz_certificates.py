"""Fuzz target: files that are to be CURVE certificates, and Z85 (RFC 4, RFC 32).

The invariant, for every input:

- `load_certificate` returns keys of 40 characters that stand for 32 bytes, or raises ValueError, which quotes no key;
- what Z85 decodes it encodes again to the same text, and the other way round; all else is ValueError.

tests/auth/test_certs.py and tests/core/security/test_z85.py run `check_file` and `check_z85` with hypothesis.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from purezmq.auth import load_certificate
from purezmq.core.security import z85


def check_file(path: Path, content: bytes) -> None:
    """Assert the invariant for a file with this content."""
    path.write_bytes(content)
    try:
        keys = load_certificate(path)
    except ValueError as refusal:
        text = str(refusal)
        for line in content.splitlines():
            secret = line.partition(b"=")[2].strip(b" \t'\"").decode("latin-1")
            assert len(secret) < 8 or secret not in text or secret in str(path)
        return
    assert keys[0]
    for key in keys:
        assert key is None or (len(key) == 40 and key in content and len(z85.decode(key)) == 32)


def check_z85(some: bytes) -> None:
    """Assert the invariant for these bytes, as text and as what is to be text."""
    try:
        decoded = z85.decode(some)
    except ValueError:
        pass
    else:
        assert z85.encode(decoded) == some
    try:
        encoded = z85.encode(some)
    except ValueError:
        assert len(some) % 4
    else:
        assert z85.decode(encoded) == some


def main() -> None:
    """Let atheris look for inputs that break the invariant."""
    import atheris  # an optional tool: pip install atheris

    atheris.instrument_all()
    with TemporaryDirectory() as directory:
        path = Path(directory) / "fuzzed.key"

        def one_input(fuzzed: bytes) -> None:
            check_z85(fuzzed)
            check_file(path, fuzzed)
            check_file(path, b'curve\n    public-key = "' + fuzzed)

        atheris.Setup(sys.argv, one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
