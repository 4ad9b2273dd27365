"""The table of what is measured, how much of it, and the floor each number has to reach."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from bench.workload import (
    LARGEST,
    SIZES,
    SMALL,
    Metric,
    Workload,
    at_least,
    at_most,
    no_more_than,
    one_way,
    rate,
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
    "64MB": (40, 0, 0, 0),
}
TOPICS = 10_000


def push_pull() -> Iterator[Workload]:
    for transport in ("tcp", "ipc"):
        for variant, size in (SIZES | LARGEST).items():
            name, count = f"push_pull/{transport}/{variant}", COUNTS[variant][0]
            floor = rate(1.5 if size <= SMALL else 1.1)
            yield Workload(name, (floor,), ("pull", "push"), size, count=count, warm_up=count // 10, least=8)
            if size > SMALL:
                roles = ("pull_frames", "push_frames")
                name += "_frames"
                yield Workload(name, (floor,), roles, size, count=count, warm_up=count // 10, least=8)
    for variant, size in SIZES.items():
        name, count = f"push_pull/inproc/{variant}", COUNTS[variant][1]
        yield Workload(name, (rate(2.0),), ("pull", "push"), size, count=count, warm_up=count // 10)


def req_rep() -> Iterator[Workload]:
    for transport in ("tcp", "ipc", "inproc"):
        latency = one_way(0.6, 1.0) if transport == "inproc" else one_way(0.5, 0.8)
        for variant, size in SIZES.items():
            count = COUNTS[variant][3 if transport == "inproc" else 2]
            name = f"req_rep/{transport}/{variant}"
            yield Workload(name, latency, ("rep", "req"), size, count=count, warm_up=count // 10)
        if transport != "inproc":
            # 5 ms, CPython's switch interval, go by whenever the thread that computes has the interpreter.
            name, busy = f"req_rep/{transport}/10B_busy", one_way(1.0, 1.0)
            yield Workload(name, busy, ("rep", "busy_req"), 10, count=3_000, warm_up=100, least=500)
    name = "pair/inproc/10B"
    yield Workload(name, one_way(1.5, None), ("pong", "ping"), 10, count=20_000, warm_up=2_000)


def content() -> Iterator[Workload]:
    """More than one part, and more than bytes."""
    roles = ("pull_parts", "push_parts")
    yield Workload("multipart/tcp/3x32B", (rate(1.2),), roles, 32, 3, count=300_000, warm_up=15_000)
    roles = ("pull_json", "push_json")
    yield Workload("content/tcp/json", (rate(1.0),), roles, 150, count=100_000, warm_up=5_000)
    pyobj = Workload("content/tcp/pyobj_1MB", (rate(3.0),), ("pull_arrays", "push_arrays"), SIZES["1MB"])
    yield replace(pyobj, count=1_500, warm_up=50, needs="numpy")


def pub_sub() -> Iterator[Workload]:
    # Two processes of 16 subscribers stand for 32: on few cores more processes measure the scheduler.
    many = (1, 1, 1_000_000), (4, 2, 500_000), (32, 2, 60_000), (256, 2, 8_000)
    for sockets, processes, count in many:
        load = Workload(f"pub_sub/tcp/{sockets}", (rate(1.2),), ("pub", "sub"), size=100, warm_up=100)
        yield replace(load, count=count, sockets=sockets, processes=processes)
    for sockets, processes, _ in many:
        load = Workload(f"pub_sub/tcp/{sockets}_topics", (rate(1.2),), ("pub_topics", "sub_topics"), size=100)
        count = 500_000 // sockets
        yield replace(load, count=count, sockets=sockets, processes=processes, topics=TOPICS, least=40)


def router_dealer() -> Iterator[Workload]:
    trips = (rate(1.2, "trips/s"),)
    load = Workload("router_dealer/tcp/1", trips, ("router", "dealer"), size=100, count=20_000, warm_up=2_000)
    yield load
    load = replace(load, name="router_dealer/tcp/100", roles=("router", "dealers"), sockets=100)
    yield replace(load, count=600, warm_up=20)
    yield replace(load, name="router_dealer/tcp/1000", sockets=1_000, count=60, warm_up=2)


def poll() -> Iterator[Workload]:
    for sockets, count in ((1, 200_000), (100, 200_000), (1_000, 30_000)):
        load = Workload(f"poll/tcp/{sockets}", (rate(1.0, "polls/s"),), ("pub_for_one", "poll_one"), size=10)
        yield replace(load, count=count, warm_up=count // 20, parts=sockets)


def asyncio() -> Iterator[Workload]:
    for loop, needs in (("", ""), ("_uvloop", "uvloop")):
        roles = (f"async_pull{loop}", f"async_push{loop}")
        load = Workload(f"asyncio/tcp/push_pull_100B{loop}", (rate(10.0),), roles, 100, needs=needs)
        yield replace(load, count=100_000, warm_up=5_000)
        roles = (f"async_rep{loop}", f"async_req{loop}")
        load = Workload(f"asyncio/tcp/req_rep_100B{loop}", one_way(0.6, 1.0), roles, 100, needs=needs)
        yield replace(load, count=5_000, warm_up=500)
    roles = ("async_waiters", "onlooker")
    load = Workload("asyncio/inproc/1000_tasks", (rate(2.0),), roles, size=100, sockets=1_000)
    yield replace(load, count=30, warm_up=3)
    roles = ("router", "async_dealers")
    load = Workload("asyncio/tcp/1000_tasks", (rate(2.0, "trips/s"),), roles, size=100, sockets=1_000)
    yield replace(load, count=10, warm_up=1)


def loops() -> Iterator[Workload]:
    roles = ("stream_pull", "push")
    yield Workload("zmqstream/tcp/push_pull_100B", (rate(1.0),), roles, 100, count=60_000, warm_up=5_000)
    trips = (rate(1.0, "trips/s"),)
    roles = ("stream_router", "stream_dealer")
    yield Workload("zmqstream/tcp/echo_100B", trips, roles, 100, count=5_000, warm_up=500)
    roles = ("stream_router", "stream_dealer_ahead")
    yield Workload("zmqstream/tcp/echo_100B_ahead", trips, roles, 100, count=20_000, warm_up=1_000)
    roles = ("green_pull", "push")
    yield Workload("green/tcp/push_pull_100B", (rate(1.0),), roles, 100, count=400_000, warm_up=5_000)
    trips = (replace(trips[0], floor=None),)
    roles = ("router", "green_dealers")
    yield Workload("green/tcp/100_greenlets", trips, roles, 100, count=100, warm_up=5, sockets=100)


def curve() -> Iterator[Workload]:
    for variant in ("100B", "1kB", "10kB", "1MB"):
        size, count = SIZES[variant], COUNTS[variant][0] // 3
        name, roles = f"curve/tcp/push_pull_{variant}", ("curve_pull", "curve_push")
        yield Workload(name, (rate(1.0),), roles, size, count=count, warm_up=count // 10)
    roles = ("curve_rep", "curve_req")
    yield Workload("curve/tcp/req_rep_100B", one_way(0.8, 1.0), roles, 100, count=10_000, warm_up=1_000)
    roles = ("curve_greeter", "curve_comers")
    yield Workload("curve/tcp/handshakes", (rate(1.0, "handshakes/s"),), roles, count=500, warm_up=20)


def connections() -> Iterator[Workload]:
    """Many connections of one socket; the workload `10000` is the one with floors."""
    for number in (100, 1_000, 10_000):
        metrics: tuple[Metric, ...] = (
            no_more_than(1.0, "time", "s"),
            no_more_than(0.5, "rss", "kB"),
            at_least(0.8, "share", ""),
            Metric("rate", "msg/s", higher_is_better=True),
        )
        if number < 10_000:
            metrics = tuple(replace(metric, floor=None) for metric in metrics)
        roles = ("crowded_pull", "crowd")
        load = Workload(f"connections/tcp/{number}", metrics, roles, size=100, parts=number)
        yield replace(load, count=100_000, warm_up=5_000, least=10_000, patience=max(number / 3_000, 1))
    roles = ("echo", "comer")
    latency = (no_more_than(0.7, "p50", "µs"),)
    yield Workload("connect/tcp/first_message", latency, roles, size=10, count=300, warm_up=10)


def growth() -> Iterator[Workload]:
    """What n parts and n topics cost: the rate counts the parts, so it should not fall with n."""
    for parts in (1, 10, 100, 1_000):
        load = Workload(
            f"parts/tcp/{parts}", (Metric("rate", "msg/s", True),), ("pull_parts", "push_parts"), 32
        )
        yield replace(load, parts=parts, count=200_000 // parts + 100, warm_up=20_000 // parts + 10)
    for topics in (1, 100, 10_000, 100_000):
        load = Workload(
            f"topics/tcp/{topics}", (Metric("rate", "msg/s", True),), ("pub_topics", "sub_topics"), 100
        )
        yield replace(load, topics=topics, count=300_000, least=200)


def proxy() -> Iterator[Workload]:
    roles = ("proxied_pull", "push")
    yield Workload("proxy/tcp/push_pull_100B", (rate(1.0),), roles, 100, count=300_000, warm_up=30_000)
    roles = ("proxied_sub", "proxied_pub")
    yield Workload("proxy/tcp/pub_sub_100B", (rate(1.0),), roles, 100, count=300_000, warm_up=100)
    # Python takes 16 us for a hop, and on two cores three processes share it: half the speed of C is asked for.
    roles = ("proxied_rep", "proxied_req")
    yield Workload("proxy/tcp/req_rep_100B", one_way(2.0, 2.0), roles, 100, count=5_000, warm_up=500)


def process() -> Iterator[Workload]:
    yield Workload("process/import", (no_more_than(1.0, "import", "ms"),), count=7)
    yield Workload("process/idle_socket", (at_most(2_000, "rss", "kB"),), ("router", "idle_socket"), count=1)
    yield Workload(
        "process/1000_peers", (at_most(20, "rss", "kB"),), ("idle_peers", "idle_dealers"), sockets=1_000
    )
    roles = ("router", "resting_sockets")
    yield Workload(
        "process/100_idle_sockets", (at_most(0, "wakeups", "/s"),), roles, count=1, warm_up=1, sockets=100
    )


WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for source in (
        push_pull, req_rep, content, pub_sub, router_dealer, poll, asyncio, loops, curve, connections, growth, proxy,
        process,
    )
    for workload in source()
}  # fmt: skip


def select(patterns: Sequence[str]) -> list[Workload]:
    """The workloads one of `patterns` names: a glob, or a name or the beginning of one up to a slash."""
    if not patterns:
        return list(WORKLOADS.values())
    globs = [form for pattern in patterns for form in (pattern, pattern.rstrip("/") + "/*")]
    return [
        workload for name, workload in WORKLOADS.items() if any(fnmatchcase(name, glob) for glob in globs)
    ]
