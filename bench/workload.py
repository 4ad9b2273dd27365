"""What a workload is: what it measures, how much of it, and the floor each number has to reach."""

from dataclasses import dataclass, replace

SIZES = {"10B": 10, "100B": 100, "1kB": 1_000, "10kB": 10_000, "100kB": 100_000, "1MB": 1_000_000}
LARGEST = {"64MB": 64_000_000}  # of PUSH→PULL over tcp and ipc
SMALL = 1_000


@dataclass(frozen=True, slots=True)
class Floor:
    """What a metric has to reach: a bound on the ratio to the best peer, or (`absolute`) on our own value."""

    limit: float
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    unit: str
    higher_is_better: bool
    floor: Floor | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """One row to measure. Without roles it is the import time, which the runner takes by itself."""

    name: str  # group/transport/variant
    metrics: tuple[Metric, ...]
    roles: tuple[str, ...] = ()  # binder, connector
    size: int = 0  # bytes of one part
    parts: int = 1
    count: int = 0  # messages or round trips per socket; interpreters for the import time
    warm_up: int = 0
    sockets: int = 1  # connecting side, in all
    processes: int = 1  # connecting side
    topics: int = 1  # that PUB sends by turns
    least: int = 1  # messages that a shorter form keeps
    patience: float = 1.0  # times the time that a child may take
    needs: str = ""  # a package of this name, else the workload is left out

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]

    @property
    def transport(self) -> str:
        return self.name.split("/")[1]

    @property
    def variant(self) -> str:
        return self.name.rpartition("/")[2]

    def short(self) -> "Workload":
        """The same with enough to see where it stands."""
        return self._cut(5)

    def quick(self) -> "Workload":
        """The same with just enough to see that it works."""
        return self._cut(20)

    def _cut(self, divisor: int) -> "Workload":
        count = max(self.count // divisor, min(self.count, max(2, self.least)))
        return replace(self, count=count, warm_up=-(-self.warm_up // divisor))


def rate(floor: float, unit: str = "msg/s") -> Metric:
    return Metric("rate", unit, higher_is_better=True, floor=Floor(floor))


def one_way(p50: float, p99: float | None) -> tuple[Metric, Metric]:
    """Latencies in µs, with a floor of the ratio for each."""
    return (
        Metric("p50", "µs", higher_is_better=False, floor=Floor(p50)),
        Metric("p99", "µs", higher_is_better=False, floor=Floor(p99) if p99 is not None else None),
    )


def at_most(limit: float, name: str, unit: str) -> Metric:
    """A metric whose floor is our own value."""
    return Metric(name, unit, higher_is_better=False, floor=Floor(limit, absolute=True))


def no_more_than(ratio: float, name: str, unit: str) -> Metric:
    """A metric of which less is better, with a floor of the ratio."""
    return Metric(name, unit, higher_is_better=False, floor=Floor(ratio))


def at_least(limit: float, name: str, unit: str) -> Metric:
    """A metric of which more is better, whose floor is our own value."""
    return Metric(name, unit, higher_is_better=True, floor=Floor(limit, absolute=True))
