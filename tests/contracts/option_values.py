"""What a socket answers to every option and a grid of values; see test_option_values.py.

    PYTHONPATH=. python tests/contracts/option_values.py > tests/contracts/option_values_of_drafts.json

records the answers of a PyZMQ whose libzmq was built with drafts: no such one is in the package registry.
"""

from __future__ import annotations

import itertools
import json
import sys

NUMBERS = [
    -(2**63) - 1,
    -(2**63),
    -(2**31) - 1,
    -(2**31),
    -101,
    -100,
    -99,
    -3,
    -2,
    -1,
    0,
    1,
    2,
    3,
    4,
    5,
    63,
    64,
]
NUMBERS += [99, 100, 101, 255, 256, 1000, 65535, 6553599, 6553600, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63]
TEXTS = [b"", b"\0", b"x", b"\0abc", b"a\0b", b"a\0", b"abcd", b"127.0.0.1", b"127.0.0.0/8", b"::1", b"X-a:b"]
TEXTS += [b"x" * size for size in (15, 16, 17, 32, 40, 41, 254, 255, 256, 1000)]
OTHERS = [True, False, None, 1.0, 0.5, "", "x", bytearray(b"x"), [], ()]
VALUES = [*NUMBERS, *TEXTS, *OTHERS]

# PyZMQ's module has more members than options; HWM is its own.
NOT_ASKED = {"BLOCKY"}  # of contexts


def names(zmq):
    """Return the name of each option."""
    return [name for name, option in zmq.SocketOption.__members__.items() if option.name == name]


def answer(call, *arguments):
    """Return what a call gave, or the error it raised, as something that is equal for both implementations."""
    try:
        given = call(*arguments)
    except Exception as refusal:
        number = getattr(refusal, "errno", None)
        return f"{type(refusal).__name__} {int(number)}" if number is not None else type(refusal).__name__
    return given if isinstance(given, (int, bytes)) else repr(given)


def answers(zmq, context, name, socket_type):
    """Return [(deed, value, answer)] for one option: its default, then each value set and read back."""
    number = zmq.SocketOption[name]
    with context.socket(socket_type) as socket:
        result = [("default", None, read(socket, number))]
        for value in VALUES:
            result.append(("set", value, answer(socket.set, number, value)))
            result.append(("get", value, read(socket, number)))
    return result


def read(socket, number):
    given = answer(socket.get, number)
    return "a descriptor" if number.name == "FD" and isinstance(given, int) else given


def told(result):
    """Return answers as JSON can have them."""
    return [repr(given) for _, _, given in result]


def record(zmq):
    """Return what a libzmq with drafts answers and one without them does not: {option: [[types, answers]]}."""
    stable, drafts = range(zmq.STREAM + 1), range(zmq.SERVER, zmq.CHANNEL + 1)
    result = {}
    with zmq.Context() as context:
        for name in names(zmq):
            of = {kind: told(answers(zmq, context, name, kind)) for kind in itertools.chain(stable, drafts)}
            groups = {}
            for kind, given in of.items():
                groups.setdefault(json.dumps(given), []).append(kind)
            if name in DRAFTS:
                kept = groups
            else:
                kept = {given: kinds for given, kinds in groups.items() if given != json.dumps(of[zmq.PAIR])}
            if name not in DRAFTS:
                kept = {given: [kind for kind in kinds if kind in drafts] for given, kinds in kept.items()}
            result[name] = [[kinds, json.loads(given)] for given, kinds in kept.items() if kinds]
    return {name: groups for name, groups in result.items() if groups}


# What a libzmq without drafts does not know. It does know 93 to 96 and 98, though zmq.h has them among the drafts.
DRAFTS = {
    "ROUTER_NOTIFY",
    "IN_BATCH_SIZE",
    "OUT_BATCH_SIZE",
    "HELLO_MSG",
    "DISCONNECT_MSG",
    "HICCUP_MSG",
    "PRIORITY",
}
DRAFTS |= {"BUSY_POLL", "XSUB_VERBOSE_UNSUBSCRIBE"}

if __name__ == "__main__":
    import zmq

    assert zmq.DRAFT_API, "this libzmq is built without drafts"
    lines = (f"{json.dumps(name)}: {json.dumps(groups)}" for name, groups in record(zmq).items())
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")
