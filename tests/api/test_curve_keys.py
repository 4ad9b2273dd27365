"""curve_keypair, curve_public, utils.z85; and what is said where PyNaCl is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import purezmq
from purezmq.utils import z85

# zmq_curve(7)
SECRET = b"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
PUBLIC = b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"


def test_key_pair_is_two_texts_of_40(zmq):
    public, secret = zmq.curve_keypair()
    assert (len(public), len(secret)) == (40, 40)
    assert len(z85.decode(public)) == len(z85.decode(secret)) == 32
    assert zmq.curve_public(secret) == public


def test_key_pairs_differ():
    assert len({key for _ in range(5) for key in purezmq.curve_keypair()}) == 10


@pytest.mark.parametrize("secret", [SECRET, SECRET.decode()])
def test_public_key_belongs_to_the_secret_one(zmq, secret):
    assert zmq.curve_public(secret) == PUBLIC


@pytest.mark.parametrize("secret", [b"", SECRET[:-1], SECRET + b"\0"])
def test_secret_key_of_another_length_is_refused(zmq, secret):
    with pytest.raises(ValueError, match="secret key must be a 40 byte z85 encoded string"):
        zmq.curve_public(secret)


@pytest.mark.parametrize("secret", [b"~" * 40, b"#" * 40])
def test_secret_key_that_is_no_z85_is_einval(zmq, secret):
    with pytest.raises(zmq.ZMQError) as refusal:
        zmq.curve_public(secret)
    assert refusal.value.errno == zmq.EINVAL


def test_z85_is_there_under_pyzmqs_names():
    assert z85.encode(z85.decode(PUBLIC)) == PUBLIC
    assert z85.Z85MAP[z85.Z85CHARS[84]] == 84


WITHOUT_PYNACL = """
import sys
sys.modules["nacl"] = None
import purezmq as zmq
assert not zmq.has("curve")
socket = zmq.Context().socket(zmq.PUSH)
socket.curve_server = True
socket.curve_secretkey = b"x" * 32
for call in (zmq.curve_keypair, lambda: socket.bind("tcp://127.0.0.1:*")):
    try:
        call()
    except zmq.ZMQError as refusal:
        assert refusal.errno == zmq.ENOTSUP
        assert "PyNaCl" in str(refusal), refusal
    else:
        raise AssertionError("nothing was said")
print("told")
"""


def test_missing_pynacl_is_enotsup_and_named():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_PYNACL], capture_output=True, text=True, timeout=20
    )
    assert done.stdout == "told\n", done.stderr
