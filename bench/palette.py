"""What all figures of a run share: a colour for each side, the legend and the footer."""

from collections.abc import Collection, Iterator

from bench.ledger import Run
from bench.svg import GREY, OURS, RIVALS, WIDTH, line, text
from bench.table import side_name


def color_of(run: Run, side: str) -> str:
    if side == "ours":
        return OURS
    others = [each for each in run.modules if each != "ours"]
    return RIVALS[others.index(side) % len(RIVALS)]


def legend(run: Run, drawn: Collection[str]) -> Iterator[str]:
    """Right of the heading, one entry for each side that is drawn."""
    sides = [side for side in run.modules if side in drawn]
    for number, side in enumerate(sides):
        x = WIDTH - 100 * (len(sides) - number)
        yield line(x, 20, x + 18, 20, color_of(run, side), width=3)
        yield text(x + 24, 24, side_name(run.modules[side]))


def footer(run: Run, y: float) -> str:
    return text(16, y, run.title(), color=GREY, size=10)
