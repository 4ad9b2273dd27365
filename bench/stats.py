"""Numbers from rounds: medians, ratios, spread, verdicts, and what changed beyond noise."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.ledger import Run
from bench.rivals import rival_of
from bench.workload import Metric, Workload
from bench.workloads import WORKLOADS

Values = Sequence[float | None]

CPU = "cpu"  # µs per message or round trip of all processes together, user and system; every workload has it

LEAST_NOISE = 0.03  # no two runs agree better than this, however close their rounds are
NOISE_OF_ONE_ROUND = 0.25  # one round shows no spread: believe only large changes


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one workload in one run: medians over the rounds by side, and ratios ours / best peer's.

    The best peer is that with the best median of this run, and `ratio` the median of the rounds' ratios to it.
    None: never measured, or nothing to divide by.
    """

    workload: Workload
    metric: Metric
    values: dict[str, float | None]
    cpu: dict[str, float | None]  # µs per message
    best: str | None  # the side of the best peer
    ratios: tuple[float, ...]
    limit_ratio: float | None  # ours / the bare socket loop's

    @property
    def ours(self) -> float | None:
        return self.values.get("ours")

    @property
    def theirs(self) -> float | None:
        return self.values[self.best] if self.best is not None else None

    @property
    def ratio(self) -> float | None:
        return median(self.ratios)

    @property
    def verdict(self) -> str:
        """`ok` or `below` the floor; `failed` without a value; empty without a floor or a peer to compare with."""
        floor = self.metric.floor
        if self.ours is None or (self.best is None and None in self.values.values()):
            return "failed"
        if floor is None or (self.best is None and not floor.absolute):
            return ""
        value = self.ours if floor.absolute else self.ratio
        if value is None:
            return "failed"
        reached = value >= floor.limit if self.metric.higher_is_better else value <= floor.limit
        return "ok" if reached else "below"


@dataclass(frozen=True, slots=True)
class Change:
    """A row in two runs. `change` is that of the ratio, relative; `noise` what it has to exceed to be one."""

    old: Row
    new: Row
    change: float
    noise: float

    @property
    def is_real(self) -> bool:
        return abs(self.change) > self.noise

    @property
    def is_better(self) -> bool:
        return (self.change > 0) == self.new.metric.higher_is_better


def rows(run: Run) -> Iterator[Row]:
    """Every row of `run` in the order of the workload table; workloads no longer in it are left out."""
    for name, workload in WORKLOADS.items():
        for metric in workload.metrics:
            measured = run.results.get(name, {}).get(metric.name)
            if measured is not None and any(measured.values()):
                yield row(run, workload, metric, measured)


def row(run: Run, workload: Workload, metric: Metric, measured: dict[str, list[float | None]]) -> Row:
    values = {side: median(rounds) for side, rounds in measured.items()}
    cpu = {side: median(rounds) for side, rounds in run.results[workload.name].get(CPU, {}).items()}
    limits = {side for side, module in run.modules.items() if rival_of(module).is_limit}
    peers = [
        (value, side) for side, value in values.items() if value is not None and side not in {"ours", *limits}
    ]
    best = (max if metric.higher_is_better else min)(peers)[1] if peers else None
    ours = measured.get("ours", [])
    limit = next((median(per_round_ratios(ours, measured[side])) for side in limits & measured.keys()), None)
    ratios = per_round_ratios(ours, measured[best]) if best is not None else ()
    return Row(workload, metric, values, cpu, best, ratios, limit)


def changes(old: Run, new: Run) -> list[Change]:
    """Every row that both runs have a ratio for."""
    before = {(row.workload.name, row.metric.name): row for row in rows(old)}
    found = []
    for row in rows(new):
        earlier = before.get((row.workload.name, row.metric.name))
        if earlier is not None and earlier.ratio is not None and row.ratio is not None:
            threshold = max(noise(earlier.ratios) + noise(row.ratios), LEAST_NOISE)
            found.append(Change(earlier, row, row.ratio / earlier.ratio - 1, threshold))
    return found


def median(values: Values) -> float | None:
    measured = [value for value in values if value is not None]
    return statistics.median(measured) if measured else None


def per_round_ratios(ours: Values, theirs: Values) -> tuple[float, ...]:
    """Ours over theirs of each round that has both. Zero growth or time on a side makes no ratio."""
    pairs = zip(ours, theirs, strict=True)
    return tuple(a / b for a, b in pairs if a is not None and b is not None and a > 0 and b > 0)


def noise(ratios: Sequence[float]) -> float:
    """The range of the rounds over their median."""
    if len(ratios) < 2:
        return NOISE_OF_ONE_ROUND
    return (max(ratios) - min(ratios)) / statistics.median(ratios)
