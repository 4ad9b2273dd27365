"""Tables of a run and of what changed between two, for the terminal or as Markdown."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bench.ledger import Run
from bench.rivals import rival_of
from bench.stats import Change, Row, rows

TITLES = {
    ("push_pull", "rate"): "PUSH→PULL, msg/s",
    ("req_rep", "p50"): "REQ↔REP one way, p50, µs",
    ("req_rep", "p99"): "REQ↔REP one way, p99, µs",
    ("pair", "p50"): "PAIR ping-pong between threads one way, p50, µs",
    ("pair", "p99"): "PAIR ping-pong between threads one way, p99, µs",
    ("multipart", "rate"): "PUSH→PULL of 3 parts, msg/s",
    ("content", "rate"): "PUSH→PULL of JSON and of NumPy arrays, msg/s",
    ("pub_sub", "rate"): "PUB→N×SUB of 100 B, delivered msg/s",
    ("router_dealer", "rate"): "ROUTER↔N×DEALER echo of 100 B, round trips/s",
    ("poll", "rate"): "Poller over n sockets, one of them active, polls/s",
    ("asyncio", "rate"): "asyncio: PUSH→PULL of 100 B, msg/s; 1,000 tasks on 1,000 sockets, trips/s",
    ("asyncio", "p50"): "asyncio: REQ↔REP one way, p50, µs",
    ("asyncio", "p99"): "asyncio: REQ↔REP one way, p99, µs",
    (
        "zmqstream",
        "rate",
    ): "ZMQStream: PUSH→stream, msg/s; ROUTER↔DEALER echo, one request in flight and 100, trips/s",
    ("green", "rate"): "gevent: PUSH→PULL of 100 B, msg/s; 100 greenlets with a DEALER each, trips/s",
    ("curve", "rate"): "CURVE: PUSH→PULL, msg/s; handshakes/s",
    ("curve", "p50"): "CURVE: REQ↔REP of 100 B one way, p50, µs",
    ("curve", "p99"): "CURVE: REQ↔REP of 100 B one way, p99, µs",
    ("connections", "time"): "n connections on one PULL: time until each has delivered a message, s",
    ("connections", "rss"): "… memory for each, kB",
    ("connections", "share"): "… throughput when 1 % of them send, as a share of that of one connection",
    ("connections", "rate"): "… throughput when 1 % of them send, msg/s",
    ("connect", "p50"): "New REQ: connect and first round trip, p50, µs",
    ("parts", "rate"): "n parts of 32 B in a message, msg/s",
    ("topics", "rate"): "PUB→SUB, n topics by turns, msg/s",
    ("proxy", "rate"): "Through a proxy: PUSH→PULL, PUB→SUB of 100 B, msg/s",
    ("proxy", "p50"): "Through a ROUTER-DEALER proxy: REQ↔REP of 100 B one way, p50, µs",
    ("proxy", "p99"): "Through a ROUTER-DEALER proxy: REQ↔REP of 100 B one way, p99, µs",
    ("process", "import"): "Import time, ms",
    ("process", "rss"): "Growth of resident memory, kB (1000_peers: per peer)",
    ("process", "wakeups"): "Wake-ups of threads in one second at rest",
}
Group = tuple[str, list[list[str]]]  # title, lines of cells


def side_name(module: str) -> str:
    return rival_of(module).name


def format_value(value: float | None) -> str:
    """Three significant digits, with k or M."""
    if value is None:
        return "–"
    for limit, divisor, suffix in ((1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if abs(value) >= limit * 0.9995:
            return f"{three_digits(value / divisor)}{suffix}"
    return three_digits(value)


def three_digits(value: float) -> str:
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


def format_floor(row: Row) -> str:
    floor = row.metric.floor
    if floor is None:
        return ""
    sign = "≥" if row.metric.higher_is_better else "≤"
    if floor.absolute:
        return f"{sign} {floor.limit:g} {row.metric.unit}".rstrip()
    return f"{sign} {floor.limit:.1f}×"


def format_rounds(ratios: Sequence[float]) -> str:
    return f"{min(ratios):.2f}–{max(ratios):.2f}" if len(ratios) > 1 else ""


def format_ratio(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}×"


def run_columns(run: Run) -> list[str]:
    names = [side_name(module) for module in run.modules.values()]
    columns = ["", *names, "MB/s", *(f"{name} CPU" for name in names), "ratio", "rounds"]
    if len(peers(run)) > 1:
        columns.append("to")
    if limited(run):
        columns.append("of limit")
    return [*columns, "floor", ""]


def peers(run: Run) -> list[str]:
    """The sides that the ratio may be against."""
    return [side for side, module in run.modules.items() if side != "ours" and not rival_of(module).is_limit]


def limited(run: Run) -> bool:
    return any(rival_of(module).is_limit for module in run.modules.values())


def run_groups(run: Run) -> Iterator[Group]:
    order = list(TITLES)
    measured = sorted(rows(run), key=lambda row: order.index((row.workload.group, row.metric.name)))
    for key, group in groupby(measured, lambda row: (row.workload.group, row.metric.name)):
        yield TITLES[key], [run_cells(run, row) for row in group]


def run_cells(run: Run, row: Row) -> list[str]:
    cells = [
        row.workload.name.partition("/")[2],
        *(format_value(row.values[side]) if side in row.values else "" for side in run.modules),
        megabytes_per_second(row, row.ours),
        *(format_cpu(row, side) for side in run.modules),
        format_ratio(row.ratio),
        format_rounds(row.ratios),
    ]
    if len(peers(run)) > 1:
        cells.append(side_name(run.modules[row.best]) if row.best else "")
    if limited(run):
        cells.append(format_ratio(row.limit_ratio) if row.limit_ratio is not None else "")
    return [*cells, format_floor(row), row.verdict]


def format_cpu(row: Row, side: str) -> str:
    """µs per message, once for a workload with several metrics."""
    used = row.cpu.get(side)
    return three_digits(used) if used is not None and row.metric is row.workload.metrics[0] else ""


def megabytes_per_second(row: Row, value: float | None) -> str:
    if value is None or row.metric.unit != "msg/s":
        return ""
    return three_digits(value * row.workload.size * row.workload.parts / 1e6)


CHANGE_COLUMNS = ["", "old ratio", "new ratio", "change", "noise", "old ours", "new ours", "floor"]


def change_groups(changes: Iterable[Change]) -> Iterator[Group]:
    real = sorted((change for change in changes if change.is_real), key=lambda change: -abs(change.change))
    for title, better in (("worse", False), ("better", True)):
        lines = [change_cells(change) for change in real if change.is_better == better]
        if lines:
            yield title, lines


def change_cells(change: Change) -> list[str]:
    old, new = change.old, change.new
    verdicts = old.verdict if old.verdict == new.verdict else f"{old.verdict} → {new.verdict}"
    return [
        f"{new.workload.name} {new.metric.name}",
        format_ratio(old.ratio),
        format_ratio(new.ratio),
        f"{change.change:+.0%}",
        f"±{change.noise:.0%}",
        format_value(old.ours),
        format_value(new.ours),
        verdicts,
    ]


def as_text(columns: Sequence[str], groups: Iterable[Group]) -> str:
    """Columns aligned over all groups: the first to the left, values to the right."""
    groups = list(groups)
    lines = [columns, *(line for _, lines in groups for line in lines)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]

    def aligned(line: Sequence[str]) -> str:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        return "  " + "  ".join(cells).rstrip()

    text = [aligned(columns)]
    for title, group in groups:
        text += ["", title, *(aligned(line) for line in group)]
    return "\n".join(text)


def as_markdown(columns: Sequence[str], groups: Iterable[Group]) -> str:
    """One table; the title of a group is a row of its own."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    text = [line(columns), line(["---"] + ["---:"] * (len(columns) - 1))]
    for title, group in groups:
        text.append(line([f"**{title}**"] + [""] * (len(columns) - 1)))
        text += [line(cells) for cells in group]
    return "\n".join(text)
