"""Run PyZMQ's own test suite on purezmq, in all three ways in, beside the same run on PyZMQ.

    python scripts/pyzmq_suite.py                     every way; exit status 1 if a test passes on PyZMQ only
    python scripts/pyzmq_suite.py --way backend -k poll

The suite comes from PyZMQ's source distribution of the pinned version and is run as it is; only for the way "import",
whose point is another line in the program, a copy is made whose imports say purezmq. Nothing of it is kept in this
project: it lives in .cache/, with an environment of its own. Tests that skip where PyZMQ lacks something and purezmq
has it run on purezmq: drafts by themselves, steerable proxies through pyzmq_suite_plugin.py.

A test that passes on PyZMQ has to pass on purezmq unless pyzmq_suite_waivers.py says why not. The ways run one after
the other, because some tests use fixed ports; a test that fails is run once more, because some measure time.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as xml
from pathlib import Path

from pyzmq_suite_waivers import WAIVERS

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "pyzmq-suite"
REQUIREMENTS = Path(__file__).with_name("pyzmq_suite_requirements.txt")
RECORDS = Path(__file__).with_name("pyzmq_suite_records.json")
PYZMQ: str = re.search(r"^pyzmq==(.+)$", REQUIREMENTS.read_text(), re.MULTILINE)[1]  # type: ignore[index]
PARTS = ["tests", "pytest.ini", "mypy.ini", "mypy_tests", "examples", "pyproject.toml"]

TITLES = {
    "pyzmq": f"PyZMQ {PYZMQ}",
    "import": "import purezmq as zmq",
    "dropin": "python -m purezmq.dropin",
    "backend": "PYZMQ_BACKEND=purezmq.backend",
}
RUN_TIMEOUT = 1200  # s for one way
TEST_TIMEOUT = 60  # s for one test
OUTCOMES = ("passed", "failed", "skipped")

Results = dict[str, str]  # test: outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--way", action="append", choices=list(TITLES), help="only this one (may be repeated)"
    )
    parser.add_argument("-k", default="", metavar="EXPRESSION", help="only tests that match, as in pytest")
    parser.add_argument("--large", action="store_true", help="also the test that needs 6 GB of memory")
    parser.add_argument("--python", default=sys.executable, help="the interpreter to run it on")
    parser.add_argument("--record", action="store_true", help="keep the counts, for docs/compatibility.md")
    options = parser.parse_args()

    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until we exit: one run on this machine at a time
        return run_and_compare(options)


def run_and_compare(options: argparse.Namespace) -> int:
    """Run the suite the ways that were asked for; return the exit status."""
    python = environment(options.python)
    ways = [way for way in TITLES if not options.way or way in options.way or way == "pyzmq"]
    results = {way: run(way, python, options.k, options.large) for way in ways}

    print(f"\n{'':34}" + "".join(f"{outcome:>9}" for outcome in OUTCOMES))
    for way, outcomes in results.items():
        counts = [sum(outcome == wanted for outcome in outcomes.values()) for wanted in OUTCOMES]
        print(f"{TITLES[way]:34}" + "".join(f"{count:9}" for count in counts))
        if options.record:
            record(python.parent.parent.name, way, counts)
    wrong = sum(compare(way, results[way], results["pyzmq"]) for way in ways if way != "pyzmq")
    print(
        f"\n{wrong} tests pass on PyZMQ only, and nobody has said why"
        if wrong
        else "\nNo test passes on PyZMQ only"
    )
    return 1 if wrong else 0


def record(version: str, way: str, counts: list[int]) -> None:
    """Keep these counts."""
    records = json.loads(RECORDS.read_text()) if RECORDS.exists() else {}
    records.setdefault(version, {})[way] = counts
    RECORDS.write_text(json.dumps(records, indent=1, sort_keys=True) + "\n")


def compare(way: str, ours: Results, theirs: Results) -> int:
    """Print which tests pass on PyZMQ but not here; return how many of them are not waived."""
    lost = [test for test, outcome in theirs.items() if outcome == "passed" and ours.get(test) != "passed"]
    wrong = 0
    for test in lost:
        reason = waived(test, way)
        wrong += reason is None
        print(f"{way:8} {ours.get(test, 'missing'):8} {test}   {f'waived: {reason}' if reason else ''}")
    return wrong


def waived(test: str, way: str) -> str | None:
    """Return why a test need not pass, or None."""
    for waiver in WAIVERS:
        if way in waiver.ways and re.search(rf"(^|::){re.escape(waiver.test)}($|\[)", test):
            return waiver.reason
    return None


def run(way: str, python: Path, expression: str, large: bool) -> Results:
    """Run the suite one way; return the outcome of each test. What PyZMQ does is asked only once."""
    print(f"======== {TITLES[way]}", flush=True)
    directory = python.parent.parent.with_name(f"{python.parent.parent.name}-{way}")
    if way == "pyzmq":
        arguments = f"{expression} {large} {REQUIREMENTS.read_text()}"
        directory = directory.with_name(
            f"{directory.name}-{hashlib.sha256(arguments.encode()).hexdigest()[:8]}"
        )
    report = directory / "report.xml"
    done = directory / "done"
    if way == "pyzmq" and done.exists():
        print("as before")
        return outcomes(report)
    prepare(directory, rewritten=way == "import")
    command = [
        str(python),
        *(["-m", "purezmq.dropin"] if way == "dropin" else []),
        "-m",
        "pytest",
        "tests",
        "-q",
    ]
    command += [
        "-p",
        "no:cacheprovider",
        f"--timeout={TEST_TIMEOUT}",
        "--reruns=1",
        "--tb=native",
        "--continue-on-collection-errors",
    ]
    command += [f"--junitxml={report}", "-k", expression, *(["-m", "not large"] if not large else [])]
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYZMQ", "ZMQ"))
    }
    if way != "pyzmq":
        command += ["-p", "pyzmq_suite_plugin"]
        environ["PYTHONPATH"] = str(Path(__file__).parent)
    if way == "backend":
        environ["PYZMQ_BACKEND"] = "purezmq.backend"
    with (directory / "output.txt").open("w") as output:
        try:
            subprocess.run(
                command, cwd=directory, env=environ, stdout=output, stderr=output, timeout=RUN_TIMEOUT
            )
        except subprocess.TimeoutExpired:
            sys.exit(f"still running after {RUN_TIMEOUT} s: see {output.name}")
    text = Path(output.name).read_text()
    if not report.exists():
        sys.exit(f"{text[-3000:]}\nthe run ended without a report: see {output.name}")
    print(text.splitlines()[-1], flush=True)
    done.touch()
    return outcomes(report)


def outcomes(report: Path) -> Results:
    """Read a JUnit report. A test that fails in its teardown has failed."""
    found: Results = {}
    for case in xml.parse(report).iter("testcase"):
        test = f"{case.get('classname', '')}::{case.get('name')}".removeprefix("tests.").replace(
            "purezmq", "zmq"
        )
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        if found.get(test) != "failed":
            found[test] = outcome
    return found


def prepare(directory: Path, rewritten: bool) -> None:
    """Unpack a fresh copy of the suite, without the zmq directory that stands beside it in the distribution."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    top = f"pyzmq-{PYZMQ}"
    with tarfile.open(source()) as archive:
        members = [
            m for m in archive.getmembers() if m.name.split("/")[1:2] and m.name.split("/")[1] in PARTS
        ]
        for member in members:
            member.name = member.name.removeprefix(f"{top}/")
            archive.extract(member, directory, filter="data")
    if rewritten:
        for path in directory.rglob("*.py"):
            path.write_text(rewrite(path.read_text()))


REWRITES = [
    (r"^([ \t]*)import zmq$", r"\1import purezmq as zmq"),
    (r"^([ \t]*)import zmq\.([\w.]+)$", r"\1import purezmq.\2, purezmq as zmq"),
    (r"^([ \t]*)import zmq\.([\w.]+) as (\w+)$", r"\1import purezmq.\2 as \3"),
    (r"^([ \t]*)from zmq\b", r"\1from purezmq"),
    (r'"zmq\.curve_keygen"', r'"purezmq.curve_keygen"'),  # python -m
    (r'\["zmq", "zmq\.green"\]', r'["purezmq", "purezmq.green"]'),  # to be imported by these names
]


def rewrite(text: str) -> str:
    """Return a program with purezmq in its imports, as somebody would who moves to it."""
    for pattern, replacement in REWRITES:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


def source() -> Path:
    """Return PyZMQ's source distribution, downloaded once."""
    path = CACHE / f"pyzmq-{PYZMQ}.tar.gz"
    if not path.exists():
        pip(
            Path(sys.executable),
            "download",
            "--no-deps",
            "--no-binary=pyzmq",
            f"--dest={CACHE}",
            f"pyzmq=={PYZMQ}",
        )
    return path


def environment(interpreter: str) -> Path:
    """Return the Python of an environment with PyZMQ, what its tests need, and this working tree's purezmq."""
    version = subprocess.run(
        [interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    place = CACHE / version
    python = place / "bin" / "python"
    stamp = place / "requirements"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Making {place}", flush=True)
        subprocess.run([interpreter, "-m", "venv", "--clear", str(place)], check=True)
        pip(python, "install", "--requirement", str(REQUIREMENTS))
        pip(python, "install", "--no-deps", "--editable", str(ROOT))
        stamp.write_text(wanted)
    return python


def pip(python: Path, *arguments: str) -> None:
    """Run pip."""
    command = [str(python), "-m", "pip", "-qq", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, timeout=900)


if __name__ == "__main__":
    sys.exit(main())
