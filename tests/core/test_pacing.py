"""Pacer: when sends gather, and how many."""

import pytest

from purezmq.core.pacing import AGAIN, BATCH_BYTES, BATCH_COUNT, FAST, MOST_SPREAD, SOME, STREAK, Pacer


def paced(*, size=100, count=1, pause=FAST / 2, flushes=STREAK, spread=1):
    """Return a Pacer after so many flushes of so many messages, with so long a pause before each message."""
    pacer = Pacer()
    now = 0.0
    for _ in range(flushes + 1):  # before the first one there was a long pause
        now += pause * count
        pacer.flushed(now, now + 1.0, count, size, spread)
        now += 1.0
    return pacer


def test_a_message_that_comes_alone_is_not_kept_waiting():
    assert paced(pause=FAST * 2).gather == 0


def burst_that_gathers(pacer):
    """Flush after a pause, then in a row until the pacer has messages gather; return how many flushes that took."""
    pacer.flushed(100.0, 101.0, 1, 100, 1)
    for count in range(1, 2 * STREAK):
        assert pacer.gather == 0
        pacer.flushed(101.0, 101.0, 1, 100, 1)
        if pacer.gather:
            assert pacer.gather == BATCH_COUNT
            return count
    raise AssertionError("nothing gathers")


def test_the_first_of_a_burst_are_not_kept_waiting():
    pacer = Pacer()
    assert burst_that_gathers(pacer) == STREAK


def test_large_messages_gather_up_to_a_size():
    assert paced(size=BATCH_BYTES // 4).gather == 4
    assert paced(size=BATCH_BYTES * 4).gather == 1


@pytest.mark.parametrize(
    ("size", "gather"), [(64 * 100, BATCH_COUNT * 8), (BATCH_BYTES // 2, 512 * 2)], ids=["count", "size"]
)
def test_what_fills_a_batch_is_what_goes_to_one_peer(size, gather):
    # 512 messages to eight peers, which get 64 each, of `size` bytes together.
    assert paced(count=512, size=size, spread=8).gather == gather


def test_however_many_peers_share_a_batch_it_is_bounded():
    assert paced(count=512, size=100, spread=512).gather == BATCH_COUNT * MOST_SPREAD
    # One message of half a batch for each of 512 peers.
    assert paced(count=512, size=BATCH_BYTES // 2, spread=512).gather == 2 * MOST_SPREAD


def test_gathering_ends_when_messages_come_slowly():
    pacer = paced()
    pacer.flushed(100.0, 101.0, 1, 100, 1)
    assert pacer.gather == 0


def test_gathering_ends_before_a_wait():
    pacer = paced()
    pacer.rest(0)
    assert pacer.gather == 0


@pytest.mark.parametrize(("gathered", "enough"), [(SOME, AGAIN), (SOME - 1, STREAK)])
def test_a_burst_that_ended_in_a_wait_with_some_in_hand_is_taken_for_one_of_many(gathered, enough):
    pacer = paced()
    pacer.rest(gathered)
    assert burst_that_gathers(pacer) == enough
