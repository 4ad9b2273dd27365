"""Figures of a run as hand-written SVG: ratios.svg, throughput.svg, latency.svg."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from bench.ledger import Run
from bench.stats import Row, rows
from bench.table import TITLES, format_ratio, format_value, side_name
from bench.workload import SIZES

INK, FAINT, PAPER = "#24292f", "#d0d7de", "#ffffff"
OURS, THEIRS = "#0969da", "#bc4c00"
REACHED, BELOW, NEITHER = "#1a7f37", "#cf222e", "#57606a"
WIDTH = 960


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis: values from `low` to `high` onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        clipped = min(max(value, self.low), self.high)
        share = math.log(clipped / self.low) / math.log(self.high / self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def decades(self) -> list[float]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**exponent for exponent in range(first, last + 1)]


def draw(run: Run, folder: Path) -> list[Path]:
    """Write the figures `run` has values for into `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {"ratios": ratios(run), "throughput": throughput(run), "latency": latency(run)}
    paths = []
    for name, drawing in drawings.items():
        if drawing:
            path = folder / f"{name}.svg"
            path.write_text(drawing, encoding="utf-8")
            paths.append(path)
    return paths


def ratios(run: Run) -> str:
    """Every row's ratio on one logarithmic axis, with the range of its rounds and its floor."""
    measured = sorted(
        (row for row in rows(run) if row.ratio is not None),
        key=lambda row: list(TITLES).index((row.workload.group, row.metric.name)),
    )
    if not measured:
        return ""
    everything = [ratio for row in measured for ratio in row.ratios]
    scale = Scale(min(0.5, *everything) / 1.05, max(2.0, *everything) * 1.05, 190, WIDTH - 90)
    body: list[str] = []
    y = 64.0
    for key, group in groupby(measured, lambda row: (row.workload.group, row.metric.name)):
        members = list(group)
        hint = "right is better" if members[0].metric.higher_is_better else "left is better"
        y += 14
        body.append(text(16, y, f"{TITLES[key]} ({hint})", weight="bold"))
        for row in members:
            y += 17
            body += ratio_marks(row, scale, y)
        y += 12
    axis = [
        part
        for value in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
        if scale.low <= value <= scale.high
        for part in (
            line(scale(value), 56, scale(value), y, INK if value == 1 else FAINT),
            text(scale(value), 50, f"{value:g}×", anchor="middle"),
        )
    ]
    names = f"{side_name(run.modules['ours'])} / {side_name(run.modules['theirs'])}"
    heading = text(16, 24, f"{names}: median ratio, range of the rounds; short bar: the floor", size=14)
    return document(int(y) + 8, [heading, *axis, *body, footer(run, int(y) + 22)])


def ratio_marks(row: Row, scale: Scale, y: float) -> Iterator[str]:
    assert row.ratio is not None
    color = {"ok": REACHED, "below": BELOW}.get(row.verdict, NEITHER)
    middle = y - 4
    yield text(scale.start - 12, y, row.workload.name.partition("/")[2], anchor="end")
    yield line(scale(min(row.ratios)), middle, scale(max(row.ratios)), middle, color, width=3)
    yield f'<circle cx="{scale(row.ratio)}" cy="{middle}" r="4.5" fill="{color}"/>'
    floor = row.metric.floor
    if floor is not None and not floor.absolute:
        yield line(scale(floor.limit), middle - 6, scale(floor.limit), middle + 6, INK, width=2)
    mark = {"ok": " ✓", "below": " ✗"}.get(row.verdict, "")
    yield text(WIDTH - 16, y, format_ratio(row.ratio) + mark, anchor="end", color=color)


def throughput(run: Run) -> str:
    return over_sizes(run, "push_pull", {"rate": ""}, "PUSH→PULL, messages per second over message size")


def latency(run: Run) -> str:
    return over_sizes(
        run,
        "req_rep",
        {"p50": "", "p99": "5 4"},
        "REQ↔REP, µs one way over message size: p50 solid, p99 dashed",
    )


def over_sizes(run: Run, group: str, dashes: dict[str, str], heading: str) -> str:
    """One panel per transport, both axes logarithmic, a line per side and metric."""
    measured = [row for row in rows(run) if row.workload.group == group and row.ours and row.theirs]
    if not measured:
        return ""
    values = [value for row in measured for value in (row.ours, row.theirs) if value]
    panels = {
        transport: list(found) for transport, found in groupby(measured, lambda row: row.workload.transport)
    }
    height, gap, left = 300, 24, 64
    panel_width = (WIDTH - left - 16 - gap * (len(panels) - 1)) / len(panels)
    vertical = Scale(min(values) / 1.4, max(values) * 1.4, height, 72)
    body = [text(16, 24, heading, size=14), *legend(run)]
    for number, (transport, found) in enumerate(panels.items()):
        start = left + number * (panel_width + gap)
        horizontal = Scale(min(SIZES.values()) / 1.5, max(SIZES.values()) * 1.5, start, start + panel_width)
        body.append(text(start, 62, transport, weight="bold"))
        body += grid(horizontal, vertical, labelled=number == 0)
        for metric, dash in dashes.items():
            points = [row for row in found if row.metric.name == metric]
            body += curve(points, "ours", OURS, dash, horizontal, vertical)
            body += curve(points, "theirs", THEIRS, dash, horizontal, vertical)
    body.append(footer(run, height + 44))
    return document(height + 30, body)


def curve(
    points: Sequence[Row], side: str, color: str, dash: str, horizontal: Scale, vertical: Scale
) -> Iterator[str]:
    spots = []
    for row in points:
        value = row.ours if side == "ours" else row.theirs
        assert value is not None
        spots.append(
            (horizontal(row.workload.size), vertical(value), f"{row.workload.variant}: {format_value(value)}")
        )
    path = " ".join(f"{x},{y}" for x, y, _ in spots)
    stroke = f'stroke="{color}" stroke-width="2" stroke-dasharray="{dash or "none"}"'
    yield f'<polyline points="{path}" fill="none" {stroke}/>'
    for x, y, label in spots:
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"><title>{escape(label)}</title></circle>'


def grid(horizontal: Scale, vertical: Scale, labelled: bool) -> Iterator[str]:
    for name, size in SIZES.items():
        x = horizontal(size)
        yield line(x, vertical.end, x, vertical.start, FAINT)
        yield text(x, vertical.start + 16, name, anchor="middle", size=10)
    for value in vertical.decades():
        y = vertical(value)
        yield line(horizontal.start, y, horizontal.end, y, FAINT)
        if labelled:
            yield text(horizontal.start - 8, y + 4, f"{value:,.0f}", anchor="end", size=10)


def legend(run: Run) -> Iterator[str]:
    for number, (side, color) in enumerate((("ours", OURS), ("theirs", THEIRS))):
        x = WIDTH - 200 + number * 100
        yield line(x, 20, x + 18, 20, color, width=3)
        yield text(x + 24, 24, side_name(run.modules[side]))


def document(height: int, body: Sequence[str]) -> str:
    total = height + 24
    area = f'width="{WIDTH}" height="{total}"'
    space = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}"'
    head = f'<svg {space} {area} font-family="sans-serif">'
    return "\n".join([head, f'<rect {area} fill="{PAPER}"/>', *body, "</svg>", ""])


def footer(run: Run, y: float) -> str:
    return text(16, y, run.title(), color=NEITHER, size=10)


def line(x1: float, y1: float, x2: float, y2: float, color: str, width: int = 1) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="{width}"/>'


def text(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    weight: str = "normal",
    size: int = 11,
    color: str = INK,
) -> str:
    font = f'font-weight="{weight}" font-size="{size}" fill="{color}"'
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {font}>{escape(words)}</text>'
