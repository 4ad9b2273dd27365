"""The ledger: one JSON line per run, only ever appended to.

    {"date": "2025-01-31T12:00:00+00:00", "python": "3.11.7", "platform": "Linux-…", "cpus": 2, "load": 0.1,
     "pyzmq": "27.3.0", "libzmq": "4.3.5", "commit": "1a2b3c4-dirty",
     "modules": {"ours": "purezmq", "PyZMQ": "zmq"}, "versions": {"ours": "0.1.0", "PyZMQ": "27.3.0"},
     "rounds": 5, "apart": false, "quick": false,
     "results": {"push_pull/tcp/10B": {"rate": {"ours": [1200000.0, …], "PyZMQ": […]}, "cpu": {"ours": […], …}}}}

A value is null when that measurement failed; a side that cannot do a workload is not among its values. The sides of
older lines are "ours" and "theirs".
"""

import importlib
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

# workload → metric → side → one value a round
Results = dict[str, dict[str, dict[str, list[float | None]]]]


@dataclass(frozen=True, slots=True)
class Run:
    date: str
    python: str
    platform: str
    cpus: int  # that the run may use: see taskset
    load: float  # average of the last minute when the run began
    pyzmq: str
    libzmq: str
    commit: str
    modules: dict[str, str]  # by side
    rounds: int
    apart: bool  # binder and connectors each had their own half of the CPUs
    quick: bool
    results: Results
    versions: dict[str, str] = field(default_factory=dict)  # by side

    def title(self) -> str:
        parts = [
            self.date[:16].replace("T", " "),
            f"commit {self.commit}",
            f"Python {self.python}",
            f"{self.cpus} CPUs{', apart' if self.apart else ''}",
            f"PyZMQ {self.pyzmq} (libzmq {self.libzmq})",
            *(
                f"{side} {found}"
                for side, found in self.versions.items()
                if found and side not in ("ours", "PyZMQ")
            ),
            "quick" if self.quick else f"{self.rounds} rounds",
        ]
        return "  ".join(parts)


def new_run(modules: dict[str, str], rounds: int, apart: bool, quick: bool) -> Run:
    """A run with the facts of this machine and moment, and no results yet."""
    theirs = importlib.import_module("zmq")
    return Run(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        python=platform.python_version(),
        platform=platform.platform(),
        cpus=len(os.sched_getaffinity(0)),
        load=round(os.getloadavg()[0], 2),
        pyzmq=theirs.__version__,
        libzmq=theirs.zmq_version(),
        commit=commit(),
        modules=modules,
        rounds=rounds,
        apart=apart,
        quick=quick,
        results={},
        versions={side: version(module) for side, module in modules.items()},
    )


def version(module: str) -> str:
    """What a module says of its version; empty: nothing."""
    return str(getattr(importlib.import_module(module), "__version__", ""))


def commit() -> str:
    """The checked-out commit, `-dirty` when tracked files differ from it; `none` before the first."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=7", "--exclude=*"]
    result = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    return result.stdout.strip() or "none"


def append(path: Path, run: Run) -> None:
    with path.open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(asdict(run)) + "\n")


def read(path: Path) -> list[Run]:
    if not path.exists():
        return []
    return [Run(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def last_two(runs: Sequence[Run]) -> tuple[Run | None, Run]:
    """The newest run that is not quick, and the newest before it that can be compared: the same sides,
    as many CPUs and used alike, a workload in common.

    Raises LookupError when there is none to report on.
    """
    full = [run for run in runs if not run.quick]
    if not full:
        raise LookupError("the ledger holds no run to report on: python -m bench run")
    new = full[-1]
    for old in reversed(full[:-1]):
        same_sides = list(old.modules.values()) == list(new.modules.values())
        same_setting = same_sides and (old.cpus, old.apart) == (new.cpus, new.apart)
        if same_setting and old.results.keys() & new.results.keys():
            return old, new
    return None, new
