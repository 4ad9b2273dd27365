"""growth.svg: what one of n costs, over n. A line that does not rise says that n cost no more than n times one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.ledger import Run
from bench.palette import color_of, footer, legend
from bench.stats import Row, rows
from bench.svg import FAINT, WIDTH, Scale, document, line, polyline, text
from bench.table import format_value, side_name

LEFT, GAP, TOP, HEIGHT, COLUMNS = 56, 52, 84, 190, 3


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    group: str
    metric: str
    cost: Callable[[float, int], float]  # of a value and n: what one costs


PANELS = (
    Panel("connections: µs to connect each", "connections", "time", lambda seconds, n: seconds / n * 1e6),
    Panel("connections: kB for each", "connections", "rss", lambda kilobytes, n: kilobytes),
    Panel("subscribers: µs per delivery", "pub_sub", "rate", lambda rate, n: 1e6 / rate),
    Panel("topics: µs per message", "topics", "rate", lambda rate, n: 1e6 / rate),
    Panel("parts: µs per part of 32 B", "parts", "rate", lambda rate, n: 1e6 / rate / n),
    Panel("sockets in a Poller: µs per poll and socket", "poll", "rate", lambda rate, n: 1e6 / rate / n),
)


def drawing(run: Run) -> str:
    """Two rows of panels; empty: nothing of it was measured."""
    panels = [(panel, found) for panel in PANELS if (found := points(run, panel))]
    if not panels:
        return ""
    width = (WIDTH - LEFT - 16 - GAP * (COLUMNS - 1)) / COLUMNS
    body = [
        text(16, 24, "What one of n costs, over n: flat is n times one", size=14),
        *legend(run, {side for _, found in panels for side in found}),
    ]
    for number, (panel, found) in enumerate(panels):
        row, column = divmod(number, COLUMNS)
        body += panel_marks(
            run, panel, found, LEFT + column * (width + GAP), width, TOP + row * (HEIGHT + 64)
        )
    height = TOP + (-(-len(panels) // COLUMNS)) * (HEIGHT + 64) - 20
    return document(height, [*body, footer(run, height + 8)])


def points(run: Run, panel: Panel) -> dict[str, list[tuple[int, float]]]:
    """The costs by side, each with its n."""
    found: dict[str, list[tuple[int, float]]] = {}
    for row in rows(run):
        if (row.workload.group, row.metric.name) == (
            panel.group,
            panel.metric,
        ) and row.workload.variant.isdecimal():
            for side, value in row.values.items():
                if value:
                    found.setdefault(side, []).append(cost(panel, row, value))
    return found


def cost(panel: Panel, row: Row, value: float) -> tuple[int, float]:
    n = int(row.workload.variant)
    return n, panel.cost(value, n)


def panel_marks(
    run: Run, panel: Panel, found: dict[str, list[tuple[int, float]]], left: float, width: float, top: float
) -> Iterator[str]:
    numbers = sorted({n for spots in found.values() for n, _ in spots})
    values = [value for spots in found.values() for _, value in spots]
    horizontal = Scale(numbers[0] / 1.6, numbers[-1] * 1.6, left, left + width)
    vertical = Scale(min(values) / 3, max(values) * 3, top + HEIGHT, top)
    yield text(left, top - 10, panel.title, weight="bold")
    for n in numbers:
        yield line(horizontal(n), top, horizontal(n), top + HEIGHT, FAINT)
        yield text(horizontal(n), top + HEIGHT + 16, f"{n:,}", anchor="middle", size=10)
    for value in vertical.decades():
        yield line(left, vertical(value), left + width, vertical(value), FAINT)
        yield text(left - 8, vertical(value) + 4, f"{value:,g}", anchor="end", size=10)
    for side, spots in found.items():
        name = side_name(run.modules[side])
        marks = [
            (horizontal(n), vertical(value), f"{name}, {n:,}: {format_value(value)}") for n, value in spots
        ]
        yield from polyline(marks, color_of(run, side))
