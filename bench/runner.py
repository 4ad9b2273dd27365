"""Run the workloads on all sides, alternately, round after round."""

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.children import ROOT, ChildError, Children
from bench.conduct import Job, conduct, merge
from bench.ledger import Results
from bench.rivals import rival_of
from bench.stats import CPU
from bench.workload import Workload

Progress = Callable[[str], None]
TRIES = 2  # on a busy machine a child may not come up in time, on PyZMQ's side, too


def run_rounds(
    workloads: Sequence[Workload],
    modules: dict[str, str],
    rounds: int,
    apart: bool,
    timeout: float,
    progress: Progress,
) -> tuple[Results, list[str]]:
    """Measure every workload `rounds` times on each side that can do it; return the values and what failed.

    A round goes through all workloads, so that a slow minute of the machine shows as spread between
    rounds. All sides of a workload run one after the other; who goes first changes every round. A side that
    failed gets a second try, and `progress` is told; one that failed twice is left out from then on.
    """
    rivals = {side: rival_of(module) for side, module in modules.items()}
    sides = {load.name: [side for side in modules if rivals[side].does(load.name)] for load in workloads}
    results: Results = {
        load.name: {name: {side: [] for side in sides[load.name]} for name in measured_by(load)}
        for load in workloads
    }
    tries: Counter[tuple[str, str]] = Counter()
    failures: dict[tuple[str, str], str] = {}
    for number in range(rounds):
        for position, load in enumerate(workloads, 1):
            progress(f"round {number + 1}/{rounds}  {position:2}/{len(workloads)}  {load.name}")
            turn = number % max(len(sides[load.name]), 1)
            for side in (*sides[load.name][turn:], *sides[load.name][:turn]):
                values: dict[str, float] = {}
                while not values and tries[load.name, side] < TRIES:
                    try:
                        values = measure(load, modules[side], apart, timeout)
                    except ChildError as error:
                        tries[load.name, side] += 1
                        failures[load.name, side] = f"{load.name}, {side}, round {number + 1}: {error}"
                        progress(failures[load.name, side])
                for name in measured_by(load):
                    results[load.name][name][side].append(values.get(name))
    return results, [failures[each] for each, count in tries.items() if count == TRIES]


def measured_by(workload: Workload) -> list[str]:
    """The names of all values that a workload gives."""
    return [metric.name for metric in workload.metrics] + [CPU] * bool(workload.roles)


def measure(workload: Workload, module: str, apart: bool, timeout: float) -> dict[str, float]:
    """Run `workload` once with `module` on both ends; return its values by metric name.

    `apart` keeps the binder on one half of the CPUs and the connectors on the other.
    """
    if not workload.roles:
        imported = rival_of(module).imports or module
        return {"import": import_milliseconds(imported, workload.count, timeout)}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Children() as children:
        endpoints = {"tcp": "tcp://127.0.0.1:*", "ipc": f"ipc://{folder}/socket", "inproc": "inproc://bench"}
        job = Job(
            module=module,
            roles=workload.roles,
            endpoint=endpoints.get(workload.transport, endpoints["tcp"]),
            size=workload.size,
            count=workload.count,
            warm_up=workload.warm_up,
            sockets=workload.sockets,
            parts=workload.parts,
            topics=workload.topics,
            processes=workload.processes,
            place=0,
            cpus=(),
            timeout=timeout * workload.patience,
        )
        if workload.transport == "inproc":
            results = [children.start(job).hear()]
        else:
            places = itertools.count()
            (binder, connector), (here, there) = workload.roles, halves() if apart else ((), ())
            results = conduct(
                lambda: children.start(replace(job, roles=(binder,), cpus=here)),
                lambda endpoint: children.start(
                    replace(job, roles=(connector,), cpus=there, endpoint=endpoint, place=next(places))
                ),
                workload.processes,
            )
        children.wait()
    values = merge(results)
    if CPU in values:
        values[CPU] *= 1e6 / max(workload.count * workload.sockets, 1)
    return values


def halves() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The CPUs this run may use, split in two; a single one stands on both sides."""
    cpus = sorted(os.sched_getaffinity(0))
    half = len(cpus) // 2
    return tuple(cpus[:half] or cpus), tuple(cpus[half:])


def import_milliseconds(module: str, samples: int, timeout: float) -> float:
    """Median time of an interpreter that imports `module`, minus that of one that does not; bytecode is cached."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def interpreter(source: str) -> float:
        start = time.perf_counter()
        command = [sys.executable, "-c", source]
        try:
            subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise ChildError(str(error)) from None
        except subprocess.CalledProcessError as error:
            raise ChildError(error.stderr.strip()) from None
        return (time.perf_counter() - start) * 1e3

    interpreter(f"import {module}")  # compiles what has no bytecode yet
    bare, full = [], []
    for _ in range(samples):
        bare.append(interpreter("pass"))
        full.append(interpreter(f"import {module}"))
    return statistics.median(full) - statistics.median(bare)
