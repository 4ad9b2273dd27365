"""What libzmq 4.3.5 sent in two CURVE handshakes, one for each role, with the keys of zmq_curve(7).

The other side was fed by `drawn`, so that a fresh one of ours takes the same bytes again.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from purezmq.constants import SocketType
from purezmq.core.options import SocketOptions

CLIENT_PUBLIC = bytes.fromhex("bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518")
CLIENT_SECRET = bytes.fromhex("7bb864b489afa3671fbe69101f94b38972f24816dfb01b51656b3fec8dfd0888")
SERVER_PUBLIC = bytes.fromhex("54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652")
SERVER_SECRET = bytes.fromhex("8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7")

METADATA = b"\x0bSocket-Type\0\0\0\6DEALER\x08Identity\0\0\0\0"


def drawn(first: int = 1) -> Callable[[int], bytes]:
    """Return a source of bytes that are not random: all 1, then all 2, and so on."""
    numbers = count(first)
    return lambda size: bytes((next(numbers),)) * size


def curve_options(*, server: bool) -> SocketOptions:
    """Return the options of a DEALER with these keys."""
    options = SocketOptions.for_type(SocketType.DEALER)
    options.mechanism = 2
    if server:
        options.curve_server = 1
        options.curve_publickey, options.curve_secretkey = SERVER_PUBLIC, SERVER_SECRET
    else:
        options.curve_serverkey = SERVER_PUBLIC
        options.curve_publickey, options.curve_secretkey = CLIENT_PUBLIC, CLIENT_SECRET
    return options


# By a client that then sent [b"one", b"two"]
HELLO = bytes.fromhex(
    "0548454c4c4f0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000edba65cc98aa2a2fd14ba6d7631466a793dba288"
    "d8048bfb1774249dcb7edf4a00000000000000014f0d08a9b15cd759b22c41424e5064663b0d3c0c36a66e38ac46b3fa6025"
    "25b0e6488a713ce69a4e7d669d73a04738b41f5acbd052301014f2afcb004765873a6ed47e4b6765992218eb40bc48d7311b"
)
INITIATE = bytes.fromhex(
    "08494e49544941544503030303030303030303030303030303841378afb36f0bde271f10d69e38b814d8e5f89aad182829af"
    "768b196c1dac9a2b4bb52abd7b1359c4754caffd957b23c0ac23e5334252b9592fa9d76fe235499ab31413979abbb656a8c0"
    "72e96570390000000000000002b92bd3013172e8ade9b1c52d2b4284d722e85c649ab55f1c5b506ec52625e2a7a55cb94877"
    "5aa31da4dff7aac84e2d8b89c8b6283b67aa31a51974ee647c1fad7edc82282f7def7d53c9b7f4fb9dd10349b6e9f0bdec9b"
    "dee077d452e210c0ba72272a77e563af34cde911fb31a249fed7269defe7dd4a1d455eacb6d96ddf66dff4a56260e9172952"
    "8f219aeeab0c44a3e82ce4b251fce99fdfe27db8a6b29a7207f2588113406648b04b73740d4a04962401"
)
ONE = bytes.fromhex("074d455353414745000000000000000366c6c558e70f6dcd810fce2ecd8e02e321169353")
TWO = bytes.fromhex("074d455353414745000000000000000409128103f04a34a3cb35193d3ee2c4f55e602f54")
# By a server that then sent b"hi"
WELCOME = bytes.fromhex(
    "0757454c434f4d45c3504521ae6c2058cc7011a875181858ef68d1adda95a83c7e228e8460eb0c0b19f7f2979759e59d2a17"
    "c18cffafc82300f217df942ec78dfcb08faad44fc2afe10e1edca41cfed7b84eddcfde7b3bfc17a9685559cf9df3a3c683ea"
    "d85f8fcaf2486660cd36794eab41bc63558b4ff23b844ff4a234439ef28e53c97712da012adc5ac60cf7249fc4087d917648"
    "d251b3ead9800c384eafd2c746217647a396"
)
READY = bytes.fromhex(
    "0552454144590000000000000001e62a000639f49124953ec60ff02301eb3eaf24aa642c8923d8ef486bc4e679146ec60afd"
    "7ad725a0eab7d154a56f8b4cdca06f"
)
HI = bytes.fromhex("074d45535341474500000000000000029211e3a9fc3e257634dde618e287c993c42b54")
