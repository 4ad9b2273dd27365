"""CURVE certificates: key pairs in files, in the format of CZMQ's zcert (ZPL, RFC 4).

    metadata
        email = "alice@example.com"
    curve
        public-key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
        secret-key = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"

A certificate is two files: NAME.key to be given to others, without the secret key, and NAME.key_secret, which only its
owner can read. Keys are Z85.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import purezmq
from purezmq.utils import z85

__all__ = ["create_certificates", "load_certificate", "load_certificates"]

Text = str | bytes

_PUBLIC_BANNER = """\
#   ZeroMQ CURVE public certificate, made {} by purezmq
#   Give it to your peers by a way on which nobody can exchange it.

"""
_SECRET_BANNER = """\
#   ZeroMQ CURVE **secret** certificate, made {} by purezmq
#   Whoever has this file is you: keep it to yourself, and its permissions as they are.

"""


def create_certificates(
    key_dir: str | os.PathLike[str],
    name: str,
    metadata: Mapping[Text, Text] | None = None,
) -> tuple[str, str]:
    """Write a new key pair to key_dir/name.key and key_dir/name.key_secret; return both paths.

    metadata goes into both files. ValueError: it has a quote or a line break. Files of these names are replaced.
    """
    public, secret = purezmq.curve_keypair()
    lines = ["metadata", *_properties(metadata or {}), "curve", f'    public-key = "{public.decode()}"']
    base = os.path.join(key_dir, name)
    paths = f"{base}.key", f"{base}.key_secret"
    now = datetime.now().isoformat(" ", "seconds")
    try:
        _write(paths[0], _PUBLIC_BANNER.format(now), lines, 0o644)
        _write(paths[1], _SECRET_BANNER.format(now), [*lines, f'    secret-key = "{secret.decode()}"'], 0o600)
    except OSError as refusal:
        del secret  # a traceback may show the locals of its frames
        raise refusal.with_traceback(None) from None
    return paths


def load_certificate(filename: str | os.PathLike[str]) -> tuple[bytes, bytes | None]:
    """Return the public and the secret key of a file; None when it has no secret key.

    OSError: no such file. ValueError: it has no public key, or one that is none.
    """
    if not os.path.exists(filename):
        raise OSError(f"Invalid certificate file: {os.fspath(filename)}")
    keys, wrong = _keys(Path(filename).read_bytes())
    public, secret = keys.get("public-key"), keys.get("secret-key")
    del keys
    if wrong or public is None:
        del secret  # a traceback may show the locals of its frames
        name = os.fspath(filename)
        raise ValueError(
            f"The {wrong} in {name} is no CURVE key: 40 characters of Z85"
            if wrong
            else f"No public key found in {name}"
        )
    return public, secret


def load_certificates(directory: str | os.PathLike[str] = ".") -> dict[bytes, bool]:
    """Return the public keys of all files *.key in the directory, each mapped to True. OSError: there is none."""
    if not os.path.isdir(directory):
        raise OSError(f"Invalid certificate directory: {os.fspath(directory)}")
    return {load_certificate(path)[0]: True for path in sorted(Path(directory).glob("*.key"))}


def _properties(metadata: Mapping[Text, Text]) -> list[str]:
    lines = []
    for pair in metadata.items():
        name, value = (text if isinstance(text, str) else text.decode() for text in pair)
        if set(name + value) & set('"\r\n') or set(name) & set("= \t#"):
            raise ValueError(
                f"metadata {name!r} cannot be written: quotes, line breaks, or a name of several words"
            )
        lines.append(f'    {name} = "{value}"')
    return lines


def _write(path: str, banner: str, lines: list[str], mode: int) -> None:
    # A new file takes the place of one that was there, which may have had another mode, and may be open somewhere.
    new = f"{path}.new"
    Path(new).unlink(missing_ok=True)
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(banner + "\n".join(lines) + "\n")
        os.replace(new, path)
    finally:
        Path(new).unlink(missing_ok=True)


def _keys(content: bytes) -> tuple[dict[str, bytes], str]:
    """Return the keys in a file by their names, and the name of one that is none."""
    keys: dict[str, bytes] = {}
    for line in content.decode(errors="replace").splitlines():
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip(" \t'\"")
        if equals and name in ("public-key", "secret-key"):
            if not _is_key(value):
                return {}, name
            keys[name] = value.encode()
    return keys, ""


def _is_key(text: str) -> bool:
    try:
        return len(z85.decode(text)) == 32
    except ValueError:
        return False
