"""The table of what is measured, how much of it, and the floor each number has to reach."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

SIZES = {"10B": 10, "100B": 100, "1kB": 1_000, "10kB": 10_000, "100kB": 100_000, "1MB": 1_000_000}
SMALL = 1_000


@dataclass(frozen=True, slots=True)
class Floor:
    """What a metric has to reach: a bound on the ratio to PyZMQ, or (`absolute`) on our own value."""

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

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]

    @property
    def transport(self) -> str:
        return self.name.split("/")[1]

    @property
    def variant(self) -> str:
        return self.name.rpartition("/")[2]

    def quick(self) -> "Workload":
        """The same with just enough to see that it works."""
        return replace(self, count=max(self.count // 20, min(self.count, 2)), warm_up=-(-self.warm_up // 20))


ONE_WAY = (
    Metric("p50", "µs", higher_is_better=False, floor=Floor(0.6)),
    Metric("p99", "µs", higher_is_better=False, floor=Floor(1.0)),
)

# Messages or round trips per measurement: PyZMQ takes 0.5 to 1.5 s for them on two cores of 2024.
COUNTS = {
    # size: PUSH→PULL over tcp and ipc, over inproc; REQ↔REP over tcp and ipc, over inproc
    "10B": (2_000_000, 1_000_000, 10_000, 20_000),
    "100B": (1_200_000, 1_000_000, 10_000, 20_000),
    "1kB": (600_000, 1_000_000, 10_000, 20_000),
    "10kB": (120_000, 300_000, 10_000, 20_000),
    "100kB": (20_000, 40_000, 6_000, 15_000),
    "1MB": (2_500, 6_000, 1_000, 3_000),
}


def push_pull() -> Iterator[Workload]:
    for transport in ("tcp", "ipc", "inproc"):
        for variant, size in SIZES.items():
            if transport == "inproc":
                floor, count = 1.5, COUNTS[variant][1]
            else:
                floor, count = 1.2 if size <= SMALL else 1.0, COUNTS[variant][0]
            name, roles = f"push_pull/{transport}/{variant}", ("pull", "push")
            yield Workload(name, (rate(floor),), roles, size, count=count, warm_up=count // 10)


def req_rep() -> Iterator[Workload]:
    for transport in ("tcp", "ipc", "inproc"):
        for variant, size in SIZES.items():
            count = COUNTS[variant][3 if transport == "inproc" else 2]
            name, roles = f"req_rep/{transport}/{variant}", ("rep", "req")
            yield Workload(name, ONE_WAY, roles, size, count=count, warm_up=count // 10)


def multipart() -> Iterator[Workload]:
    roles = ("pull_parts", "push_parts")
    yield Workload(
        "multipart/tcp/3x100B", (rate(1.0),), roles, size=100, parts=3, count=150_000, warm_up=15_000
    )


def pub_sub() -> Iterator[Workload]:
    # Two processes of 16 subscribers stand for 32: on few cores more processes measure the scheduler.
    for sockets, processes, count in ((1, 1, 1_000_000), (4, 2, 500_000), (32, 2, 60_000)):
        yield Workload(
            f"pub_sub/tcp/{sockets}",
            (rate(1.0),),
            ("pub", "sub"),
            size=100,
            count=count,
            warm_up=100,
            sockets=sockets,
            processes=processes,
        )


def router_dealer() -> Iterator[Workload]:
    trips = (Metric("rate", "trips/s", higher_is_better=True),)
    yield Workload("router_dealer/tcp/1", trips, ("router", "dealer"), size=100, count=20_000, warm_up=2_000)
    yield Workload(
        "router_dealer/tcp/100", trips, ("router", "dealers"), size=100, count=600, warm_up=20, sockets=100
    )


def asyncio() -> Iterator[Workload]:
    yield Workload(
        "asyncio/tcp/push_pull_100B",
        (rate(8.0),),
        ("async_pull", "async_push"),
        100,
        count=100_000,
        warm_up=5_000,
    )
    latency = (replace(ONE_WAY[0], floor=Floor(0.7)), ONE_WAY[1])
    yield Workload(
        "asyncio/tcp/req_rep_100B", latency, ("async_rep", "async_req"), 100, count=5_000, warm_up=500
    )
    yield Workload(
        "asyncio/inproc/1000_tasks",
        (rate(2.0),),
        ("async_waiters", "onlooker"),
        size=100,
        count=30,
        warm_up=3,
        sockets=1_000,
    )
    yield Workload(
        "asyncio/tcp/1000_tasks",
        (replace(rate(2.0), unit="trips/s"),),
        ("router", "async_dealers"),
        size=100,
        count=10,
        warm_up=1,
        sockets=1_000,
    )


def loops() -> Iterator[Workload]:
    roles = ("stream_pull", "push")
    yield Workload("zmqstream/tcp/push_pull_100B", (rate(1.0),), roles, 100, count=60_000, warm_up=5_000)
    trips = (replace(rate(1.0), unit="trips/s"),)
    roles = ("stream_router", "stream_dealer")
    yield Workload("zmqstream/tcp/echo_100B", trips, roles, 100, count=5_000, warm_up=500)
    roles = ("stream_router", "stream_dealer_ahead")
    yield Workload("zmqstream/tcp/echo_100B_ahead", trips, roles, 100, count=20_000, warm_up=1_000)
    roles = ("green_pull", "push")
    yield Workload("green/tcp/push_pull_100B", (rate(1.0),), roles, 100, count=400_000, warm_up=5_000)
    trips = (replace(trips[0], floor=None),)  # as of router_dealer
    roles = ("router", "green_dealers")
    yield Workload("green/tcp/100_greenlets", trips, roles, 100, count=100, warm_up=5, sockets=100)


def curve() -> Iterator[Workload]:
    for variant, floor in (("100B", 0.8), ("1kB", 1.0), ("10kB", 1.0), ("1MB", 1.0)):
        size, count = SIZES[variant], COUNTS[variant][0] // 3
        name, roles = f"curve/tcp/push_pull_{variant}", ("curve_pull", "curve_push")
        yield Workload(name, (rate(floor),), roles, size, count=count, warm_up=count // 10)
    latency = (replace(ONE_WAY[0], floor=Floor(0.8)), ONE_WAY[1])
    roles = ("curve_rep", "curve_req")
    yield Workload("curve/tcp/req_rep_100B", latency, roles, 100, count=10_000, warm_up=1_000)
    handshakes = (replace(rate(1.0), unit="handshakes/s"),)
    roles = ("curve_greeter", "curve_comers")
    yield Workload("curve/tcp/handshakes", handshakes, roles, count=500, warm_up=20)


def proxy() -> Iterator[Workload]:
    roles = ("proxied_pull", "push")
    yield Workload("proxy/tcp/push_pull_100B", (rate(1.0),), roles, 100, count=300_000, warm_up=30_000)
    roles = ("proxied_sub", "proxied_pub")
    yield Workload("proxy/tcp/pub_sub_100B", (rate(1.0),), roles, 100, count=300_000, warm_up=100)
    # Python takes 16 us for a hop, and on two cores three processes share it: half the speed of C is asked for.
    latency = tuple(replace(metric, floor=Floor(2.0)) for metric in ONE_WAY)
    roles = ("proxied_rep", "proxied_req")
    yield Workload("proxy/tcp/req_rep_100B", latency, roles, 100, count=5_000, warm_up=500)


def process() -> Iterator[Workload]:
    yield Workload("process/import", (at_most(60, "import", "ms"),), count=7)
    yield Workload("process/idle_socket", (at_most(2_000, "rss", "kB"),), ("router", "idle_socket"), count=1)
    yield Workload(
        "process/1000_peers", (at_most(20, "rss", "kB"),), ("idle_peers", "idle_dealers"), sockets=1_000
    )


def rate(floor: float) -> Metric:
    return Metric("rate", "msg/s", higher_is_better=True, floor=Floor(floor))


def at_most(limit: float, name: str, unit: str) -> Metric:
    return Metric(name, unit, higher_is_better=False, floor=Floor(limit, absolute=True))


WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for source in (
        push_pull,
        req_rep,
        multipart,
        pub_sub,
        router_dealer,
        asyncio,
        loops,
        curve,
        proxy,
        process,
    )
    for workload in source()
}


def select(patterns: Sequence[str]) -> list[Workload]:
    """The workloads one of `patterns` names: a glob, or a name or the beginning of one up to a slash."""
    if not patterns:
        return list(WORKLOADS.values())
    globs = [form for pattern in patterns for form in (pattern, pattern.rstrip("/") + "/*")]
    return [
        workload for name, workload in WORKLOADS.items() if any(fnmatchcase(name, glob) for glob in globs)
    ]
