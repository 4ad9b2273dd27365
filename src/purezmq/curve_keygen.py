"""Print a new CURVE key pair, as Z85 text: ``python -m purezmq.curve_keygen``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import purezmq

_ABOUT = "Make a CURVE key pair, or the public key of a secret one. Keys are Z85 text: 40 ASCII characters."


def _main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python3 -m purezmq.curve_keygen",
        description=_ABOUT,
        epilog="In place of PyZMQ's: python3 -m zmq.curve_keygen",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--secret", help="the secret key to make the public key of")
    options = parser.parse_args(arguments)
    if options.secret:
        secret = options.secret.encode()
        public = purezmq.curve_public(secret)
    else:
        public, secret = purezmq.curve_keypair()
    if options.json:
        keys = {"public": public.decode(), "secret": secret.decode()}
        print(json.dumps(keys, indent=1, sort_keys=True))
    else:
        # As libzmq's curve_keygen prints them.
        print(f"== CURVE PUBLIC KEY ==\n{public.decode()}\n\n== CURVE SECRET KEY ==\n{secret.decode()}")


if __name__ == "__main__":
    _main()
