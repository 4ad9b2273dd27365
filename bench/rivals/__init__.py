"""What can stand beside ours in a run: `python -m bench run --against pynng --against sockets`, `--against all`.

A rival is a module that the roles take for `zmq`. PyZMQ and pyomq are one as they are; for the others there is a
module here that gives them as much of PyZMQ's face as the workloads they can do ask for. A module with a table
`ROLES` plays those parts in its own way.

PyZMQ, pynng, pyomq and azmq are *peers*: the ratio is against the best of them in the same run. `sockets` is the
*limit*: what a program could do that needs no library, only its own loop.
"""

import importlib
from dataclasses import dataclass
from fnmatch import fnmatchcase

PLAIN = ("push_pull/tcp", "push_pull/ipc", "req_rep/tcp", "req_rep/ipc")
SMALL = ("10B", "100B", "1kB")


@dataclass(frozen=True, slots=True)
class Rival:
    name: str  # in tables and in the ledger
    module: str  # what the roles get
    package: str = ""  # what to install
    imports: str = ""  # what a program imports, if it is not `module`
    can: tuple[str, ...] = ("*",)  # globs of workloads
    cannot: tuple[str, ...] = ()
    is_limit: bool = False
    remark: str = ""

    def does(self, workload: str) -> bool:
        """Whether it can do a workload."""
        able = any(fnmatchcase(workload, glob) for glob in self.can)
        return able and not any(fnmatchcase(workload, glob) for glob in self.cannot)

    def obstacle(self) -> str:
        """Return why it cannot run here, and what to do; empty: it can."""
        try:
            importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            how = f"pip install {self.package}" if self.package else str(error)
            return f"{self.name} is not installed: {how}"
        except (ImportError, SyntaxError) as error:
            return f"{self.name} cannot be imported: {error}. {self.remark}".rstrip()
        return ""


RIVALS = {
    "pyzmq": Rival("PyZMQ", "zmq", "pyzmq"),
    "pynng": Rival(
        "pynng",
        "bench.rivals.pynng",
        "pynng",
        "pynng",
        # PUB of nng drops what does not fit into its buffers: nothing to compare where every message has to arrive.
        can=(
            "push_pull/*", "req_rep/*", "pair/*", "asyncio/tcp/push_pull*", "asyncio/tcp/req_rep*",
            "connect/*", "process/import",
        ),
        cannot=("*_frames", "*_busy", "asyncio/*_uvloop"),
    ),
    "pyomq": Rival(
        "pyomq",
        "bench.rivals.pyomq",
        "pyomq",
        "pyomq",
        # Its PUB drops with SNDHWM 0, too, and its PUSH falls silent with messages of a MB; there is no BACKLOG, no
        # gevent, and no option of a context.
        cannot=(
            *("pub_sub/*", "topics/*", "poll/*", "connections/*", "push_pull/*/*MB*"),
            *("zmqstream/*", "green/*", "curve/*"),
        ),
    ),
    "azmq": Rival(
        "azmq",
        "azmq",
        "azmq",
        can=(),
        remark="Its last release, 1.0.6 of 2016, is written for Python 3.5 and 3.6.",
    ),
    "sockets": Rival(
        "sockets",
        "bench.rivals.sockets",
        can=tuple(f"{group}/{size}" for group in PLAIN for size in SMALL),
        is_limit=True,
    ),
}  # fmt: skip

_BY_MODULE = {rival.module: rival for rival in RIVALS.values()}


def rival_of(module: str) -> Rival:
    """The rival that a module is; any other module is one with PyZMQ's whole face."""
    return _BY_MODULE.get(module) or Rival(module, module)


def named(names: list[str]) -> list[Rival]:
    """The rivals of these names, or modules; `all`: every one there is."""
    wanted = list(RIVALS) if "all" in names else names
    return [RIVALS.get(name) or rival_of(name) for name in wanted]
