"""When a burst of sends is worth gathering: sans-I/O, time comes in.

The rules:

- A message that comes alone, and the first few of a burst, go out at once.
- Once `STREAK` messages came within `FAST` of one another, not counting the time that writing took, the next ones
  gather: writing each by itself would
  cost more than it takes to make it. They go out together at a size or a count (`gather`), before any wait of
  the caller, or when the keeper looks, whichever is first.
- Who waits with some in hand, as one who answers all that has come and then looks for more, sends the next ones in a
  row, too: then two are enough instead of `STREAK`.
- What fills a batch is what goes to one peer: where each message is for another one, more may gather.
- Gathering ends as soon as messages come more slowly than that.
"""

from __future__ import annotations

STREAK = 8
AGAIN = 2
SOME = 4
FAST = 25e-6  # s; about what one small write costs with all that it entails
BATCH_BYTES = 64 * 1024
BATCH_COUNT = 512
MOST_SPREAD = 32  # so many times more gather at the most, however many peers share them


class Pacer:
    """Watches flushes and says how many messages may gather before the next one."""

    __slots__ = ("_enough", "_last", "_streak", "gather")

    def __init__(self) -> None:
        self.gather = 0  # how many messages may gather; 0: send each at once
        self._streak = 0
        self._enough = STREAK
        self._last = 0.0

    def flushed(self, begun: float, ended: float, count: int, size: int, spread: int) -> None:
        """Note that `count` messages were flushed from `begun` to `ended`, in seconds.

        The most that went to one peer was `size` bytes, and of the messages the `spread`-th part.
        """
        elapsed = begun - self._last  # the caller's own time: how long the flush took says nothing
        self._last = ended
        if count == 0 or elapsed > FAST * count:
            self.gather = 0
            self._streak = 0
            return
        self._streak += count
        if self._streak >= self._enough:
            # Not above the count even for empty messages, not below 1 even for huge ones.
            batches = min(spread, MOST_SPREAD)
            fitting = BATCH_BYTES * count * batches // max(size * spread, 1)
            self.gather = min(BATCH_COUNT * batches, max(1, fitting))

    def rest(self, gathered: int) -> None:
        """Stop gathering: the caller is about to wait, and this many messages had gathered."""
        self.gather = 0
        self._streak = 0
        self._enough = AGAIN if gathered >= SOME else STREAK
