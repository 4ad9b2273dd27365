"""Figures of a run as hand-written SVG: ratios.svg, throughput.svg, latency.svg, growth.svg."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bench import growth
from bench.ledger import Run
from bench.palette import color_of, footer, legend
from bench.stats import Row, rows
from bench.svg import FAINT, GREY, INK, WIDTH, Scale, document, line, polyline, text
from bench.table import TITLES, format_ratio, format_value, side_name
from bench.workload import LARGEST, SIZES

REACHED, BELOW = "#1a7f37", "#cf222e"


def draw(run: Run, folder: Path) -> list[Path]:
    """Write the figures `run` has values for into `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {
        "ratios": ratios(run),
        "throughput": throughput(run),
        "latency": latency(run),
        "growth": growth.drawing(run),
    }
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
    names = [
        side_name(module) for side, module in run.modules.items() if side in {row.best for row in measured}
    ]
    ours, others = side_name(run.modules["ours"]), names[0] if len(names) == 1 else "the best peer"
    heading = text(
        16, 24, f"{ours} / {others}: median ratio, range of the rounds; short bar: the floor", size=14
    )
    return document(int(y) + 8, [heading, *axis, *body, footer(run, int(y) + 22)])


def ratio_marks(row: Row, scale: Scale, y: float) -> Iterator[str]:
    assert row.ratio is not None
    color = {"ok": REACHED, "below": BELOW}.get(row.verdict, GREY)
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
    sizes = SIZES | LARGEST
    measured = [
        row for row in rows(run) if row.workload.group == group and row.workload.variant in sizes and row.ours
    ]
    values = [value for row in measured for value in row.values.values() if value]
    if not any(row.theirs for row in measured):
        return ""
    panels = {
        transport: list(found) for transport, found in groupby(measured, lambda row: row.workload.transport)
    }
    height, gap, left = 300, 24, 64
    panel_width = (WIDTH - left - 16 - gap * (len(panels) - 1)) / len(panels)
    vertical = Scale(min(values) / 1.4, max(values) * 1.4, height, 72)
    body = [
        text(16, 24, heading, size=14),
        *legend(run, {side for row in measured for side, value in row.values.items() if value}),
    ]
    for number, (transport, found) in enumerate(panels.items()):
        start = left + number * (panel_width + gap)
        shown = {row.workload.variant: row.workload.size for row in found}
        horizontal = Scale(min(shown.values()) / 1.5, max(shown.values()) * 1.5, start, start + panel_width)
        body.append(text(start, 62, transport, weight="bold"))
        body += grid(horizontal, vertical, shown, labelled=number == 0)
        for metric, dash in dashes.items():
            for side in run.modules:
                points = [row for row in found if row.metric.name == metric and row.values.get(side)]
                body += curve(run, points, side, dash, horizontal, vertical)
    body.append(footer(run, height + 44))
    return document(height + 30, body)


def curve(
    run: Run, points: Sequence[Row], side: str, dash: str, horizontal: Scale, vertical: Scale
) -> list[str]:
    spots = []
    for row in points:
        value = row.values[side]
        assert value is not None
        label = f"{side_name(run.modules[side])} {row.workload.variant}: {format_value(value)}"
        spots.append((horizontal(row.workload.size), vertical(value), label))
    return polyline(spots, color_of(run, side), dash) if spots else []


def grid(horizontal: Scale, vertical: Scale, sizes: dict[str, int], labelled: bool) -> Iterator[str]:
    for name, size in sizes.items():
        x = horizontal(size)
        yield line(x, vertical.end, x, vertical.start, FAINT)
        yield text(x, vertical.start + 16, name, anchor="middle", size=10)
    for value in vertical.decades():
        y = vertical(value)
        yield line(horizontal.start, y, horizontal.end, y, FAINT)
        if labelled:
            yield text(horizontal.start - 8, y + 4, f"{value:,.0f}", anchor="end", size=10)
