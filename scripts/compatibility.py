"""Fill in the parts of docs/compatibility.md and docs/libzmq.md that other files decide.

    python scripts/compatibility.py           rewrite them
    python scripts/compatibility.py --check   exit status 1 if they are out of date

A part stands between ``<!-- NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import libzmq_page
from pyzmq_suite_waivers import EVERY_WAY, WAIVERS

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
WAYS = {
    "import": "`import purezmq as zmq`",
    "dropin": "`python -m purezmq.dropin`",
    "backend": "`PYZMQ_BACKEND=purezmq.backend`",
}


def main() -> int:
    outdated = False
    for name, parts in PAGES.items():
        page = DOCS / name
        text = page.read_text()
        wanted = filled_in(text, parts)
        outdated = outdated or text != wanted
        if "--check" not in sys.argv[1:]:
            page.write_text(wanted)
    return int("--check" in sys.argv[1:] and outdated)


def filled_in(text: str, parts: dict[str, Callable[[], str]]) -> str:
    """Return a page with its parts made anew."""
    for name, render in parts.items():
        before, beginning, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        assert end, f"no page has a part {name}"
        text = before + beginning + render() + end + after
    return text


def suite() -> str:
    """Return the table of what PyZMQ's suite gave."""
    records = json.loads((HERE / "pyzmq_suite_records.json").read_text())
    lines = [
        "| | " + " | ".join(f"Python {version}" for version in records) + " |",
        "|---" * (len(records) + 1) + "|",
    ]
    for way, title in {"pyzmq": "PyZMQ itself", **WAYS}.items():
        counts = [records[version].get(way) for version in records]
        cells = ["{} / {} / {}".format(*count) if count else "" for count in counts]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def waivers() -> str:
    """Return the table of the tests that need not pass."""
    lines = ["| test | way | why |", "|---|---|---|"]
    for waiver in WAIVERS:
        ways = "every" if waiver.ways == EVERY_WAY else ", ".join(WAYS[way] for way in waiver.ways)
        lines.append(f"| `{waiver.test}` | {ways} | {waiver.reason} |")
    return "\n".join(lines) + "\n"


def software() -> str:
    """Return the list of what real_software.py does with Jupyter."""
    return _checks("real_software_requirements.txt", "real_software_checks.py")


def others() -> str:
    """Return the list of what real_software.py --others does."""
    return _checks("real_software_others_requirements.txt", "real_software_others.py")


def _checks(requirements: str, program: str) -> str:
    pins = re.findall(r"^([\w-]+)==(\S+)$", (HERE / requirements).read_text(), re.MULTILINE)
    checks = [
        node
        for node in ast.parse((HERE / program).read_text()).body
        if isinstance(node, ast.FunctionDef)
        and ast.unparse(node.returns or node) == "str"
        and not node.args.args
    ]
    lines = [f"With {', '.join(f'{name} {version}' for name, version in pins)}:", ""]
    return "\n".join([*lines, *(f"- {check.name}: {ast.get_docstring(check)}" for check in checks)]) + "\n"


PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "compatibility.md": {"suite": suite, "waivers": waivers, "software": software, "others": others},
    "libzmq.md": libzmq_page.PARTS,
}


if __name__ == "__main__":
    sys.exit(main())
