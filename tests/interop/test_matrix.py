"""Every pair of socket types, ours and theirs at either end, either end bound: what one sends the other receives."""

import pytest

from .links import cases, pairs

every = pytest.mark.parametrize("link", cases(), ids=str, indirect=True)

FLAGS_AND_SIZES = [255, 256, 8191, 8192, 2**16 - 1, 2**16]  # a frame's short and long form; libzmq's buffer
PARTS = 1000
MEGABYTE = 2**20


@every
def test_every_size_arrives_alone_and_in_company(link):
    alone = [[b""], [b"x"], *([size] for size in FLAGS_AND_SIZES), [MEGABYTE]]
    link.carry([*alone, [b"head", *FLAGS_AND_SIZES, b"tail"]])


@every
def test_parts_arrive_as_they_were_empty_ones_and_a_thousand(link):
    few = [[b"a", b"b"], [b"", b""], [b"", b"a", b""], [b"a", b"", b"", b"b"]]
    link.carry([*few, [b"%d" % number for number in range(PARTS)], [b""] * PARTS, [b"end"]])


@every
def test_many_messages_arrive_in_order(link):
    many = 300 if link.pair.window == 1 else 5000
    link.carry([[b"%d" % number] for number in range(many)])


@pytest.mark.parametrize(
    "link",
    [
        case
        for case in cases(*pairs("PUSH-PULL", "DEALER-ROUTER", "PUB-SUB"), mixed=True)
        if case.bound == "back"
    ],
    ids=str,
    indirect=True,
)
def test_64_megabytes_arrive(link):
    link.carry([[b"before"], [64 * MEGABYTE], [b"after"]])
