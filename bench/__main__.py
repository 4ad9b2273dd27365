"""The commands: `python -m bench run`, `python -m bench report` and `python -m bench plot`."""

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import figures, ledger, table
from bench.ledger import Run
from bench.rivals import RIVALS, named
from bench.runner import run_rounds
from bench.stats import changes
from bench.workload import Workload
from bench.workloads import WORKLOADS, select

LEDGER = Path(__file__).parent / "ledger.jsonl"
PLOTS = Path(__file__).parent.parent / "docs" / "plots"
TIMEOUT, QUICK_TIMEOUT = 40.0, 15.0  # seconds one child may take


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except (LookupError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m bench", description="purezmq beside its peers")
    commands = result.add_subparsers(required=True)

    run_parser = commands.add_parser("run", help="measure, print the table, append to the ledger")
    run_parser.set_defaults(command=run)
    run_parser.add_argument("--rounds", type=int, help="default 5, with --short 2, with --quick 1")
    run_parser.add_argument(
        "--only", action="append", default=[], metavar="PATTERN", help="'push_pull/tcp', '*/10B'; repeatable"
    )
    run_parser.add_argument("--short", action="store_true", help="a fifth of the counts: about five minutes")
    run_parser.add_argument("--quick", action="store_true", help="a smoke test: small counts, not recorded")
    run_parser.add_argument(
        "--apart",
        action="store_true",
        help="each end on its own half of the CPUs: less noise, less like life",
    )
    run_parser.add_argument("--ours", default="purezmq", metavar="MODULE")
    run_parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="RIVAL",
        help=f"{', '.join(RIVALS)}, all, or a module; repeatable; default pyzmq",
    )

    report_parser = commands.add_parser("report", help="what changed between two runs beyond noise")
    report_parser.set_defaults(command=report)
    report_parser.add_argument("--list", action="store_true", help="number the runs in the ledger")
    report_parser.add_argument(
        "--runs", type=int, nargs=2, metavar=("OLD", "NEW"), help="by number, -1 the newest"
    )
    report_parser.add_argument("--table", action="store_true", help="the whole table of the newer run first")
    plot_parser = commands.add_parser("plot", help="draw a recorded run")
    plot_parser.set_defaults(command=plot)
    plot_parser.add_argument("--run", type=int, default=-1, help="by number, default the newest")
    plot_parser.add_argument("--to", type=Path, default=PLOTS, metavar="DIR", help="default docs/plots")

    for each in (run_parser, report_parser):
        each.add_argument("--markdown", action="store_true", help="tables as Markdown")
    for each in (run_parser, report_parser, plot_parser):
        each.add_argument("--ledger", type=Path, metavar="FILE", help="default bench/ledger.jsonl")
    return result


def run(options: argparse.Namespace) -> int:
    workloads = select(options.only)
    if not workloads:
        families = ", ".join(dict.fromkeys(name.partition("/")[0] for name in WORKLOADS))
        raise LookupError(f"no workload is named like {' or '.join(options.only)}, but there are {families}")
    importlib.import_module(options.ours)
    modules = {"ours": options.ours, **rivals_here(options.against or ["pyzmq"])}
    workloads = [workload for workload in workloads if can_run(workload)]
    rounds = options.rounds or (1 if options.quick else 2 if options.short else 5)
    facts = ledger.new_run(modules, rounds, options.apart, options.quick or options.short)
    if options.quick:
        workloads = [workload.quick() for workload in workloads]
    elif options.short:
        workloads = [workload.short() for workload in workloads]
    results, failures = run_rounds(
        workloads,
        modules,
        rounds,
        options.apart,
        timeout=QUICK_TIMEOUT if options.quick else TIMEOUT,
        progress=say,
    )
    finished = replace(facts, results=results)
    # What a smoke test measured means nothing: keep it only where it was asked for.
    if options.ledger or not options.quick:
        ledger.append(options.ledger or LEDGER, finished)
    print_run(finished, options.markdown)
    if failures:
        print("\nfailed:", *failures, sep="\n\n")
    return 1 if failures else 0


def rivals_here(names: list[str]) -> dict[str, str]:
    """The modules to measure against by side; those that cannot run here are left out with a word.

    Raises LookupError when none is left.
    """
    obstacles = []
    found = {}
    for rival in named(names):
        obstacle = rival.obstacle()
        if obstacle:
            obstacles.append(obstacle)
        else:
            found[rival.name] = rival.module
    if not found:
        raise LookupError("\n".join(obstacles))
    for obstacle in obstacles:
        say(f"left out: {obstacle}")
    return found


def can_run(workload: Workload) -> bool:
    """Whether what a workload needs besides the two sides is here; if not, say so."""
    missing = bool(workload.needs) and importlib.util.find_spec(workload.needs) is None
    if missing:
        say(f"left out: {workload.name} needs {workload.needs}: pip install {workload.needs}")
    return not missing


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def report(options: argparse.Namespace) -> int:
    runs = ledger.read(options.ledger or LEDGER)
    if options.list:
        for number, each in enumerate(runs):
            print(f"{number:3}  {each.title()}  {len(each.results)} workloads")
        return 0
    if options.runs:
        old, new = (runs[number] for number in options.runs)
    else:
        old, new = ledger.last_two(runs)
    if options.table:
        print_run(new, options.markdown)
        print()
    if old is None:
        print("No earlier run to compare with.")
    else:
        print_changes(old, new, options.markdown)
    return 0


def plot(options: argparse.Namespace) -> int:
    runs = ledger.read(options.ledger or LEDGER)
    if not runs:
        raise LookupError("the ledger holds no run to draw: python -m bench run")
    for path in figures.draw(runs[options.run], options.to):
        print(f"drew {path}")
    return 0


def print_run(each: Run, markdown: bool) -> None:
    render = table.as_markdown if markdown else table.as_text
    print(each.title(), render(table.run_columns(each), table.run_groups(each)), sep="\n\n")


def print_changes(old: Run, new: Run, markdown: bool) -> None:
    print(f"old: {old.title()}\nnew: {new.title()}\n")
    found = changes(old, new)
    real = [change for change in found if change.is_real]
    if real:
        render = table.as_markdown if markdown else table.as_text
        print(render(table.CHANGE_COLUMNS, table.change_groups(real)), end="\n\n")
    print(f"{len(real)} of {len(found)} rows changed beyond noise.")


if __name__ == "__main__":
    sys.exit(main())
