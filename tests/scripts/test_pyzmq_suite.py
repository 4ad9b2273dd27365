"""What scripts/pyzmq_suite.py makes of tests, and of what they gave."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
import pyzmq_suite

REPORT = """<testsuites><testsuite>
<testcase classname="tests.test_a.TestA" name="test_good"/>
<testcase classname="tests.test_a" name="test_bad[purezmq]"><failure message="m"/></testcase>
<testcase classname="tests.test_a" name="test_off"><skipped message="m"/></testcase>
<testcase classname="tests.test_a" name="test_teardown"/>
<testcase classname="tests.test_a" name="test_teardown"><error message="m"/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("line", "rewritten"),
    [
        ("import zmq", "import purezmq as zmq"),
        ("    import zmq.asyncio", "    import purezmq.asyncio, purezmq as zmq"),
        ("import zmq.asyncio as zaio", "import purezmq.asyncio as zaio"),
        ("import zmq.green as zmq", "import purezmq.green as zmq"),
        ("from zmq import green as gzmq", "from purezmq import green as gzmq"),
        ("from zmq.utils.garbage import gc", "from purezmq.utils.garbage import gc"),
        ('[sys.executable, "-m", "zmq.curve_keygen"]', '[sys.executable, "-m", "purezmq.curve_keygen"]'),
        ("from zmq_test_utils import x", "from zmq_test_utils import x"),
        ('_repr_cls = "zmq.Socket"', '_repr_cls = "zmq.Socket"'),
    ],
)
def test_rewrite_changes_imports_only(line, rewritten):
    assert pyzmq_suite.rewrite(f"first\n{line}\nlast") == f"first\n{rewritten}\nlast"


def test_outcomes_are_read_from_a_report(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert pyzmq_suite.outcomes(report) == {
        "test_a.TestA::test_good": "passed",
        "test_a::test_bad[zmq]": "failed",
        "test_a::test_off": "skipped",
        "test_a::test_teardown": "failed",
    }


def test_compare_counts_what_passes_on_pyzmq_only(capsys):
    theirs = {"a::t": "passed", "b::t": "passed", "c::t": "skipped", "test_cython::test_cython[3]": "passed"}
    ours = {"a::t": "passed", "c::t": "failed"}
    assert pyzmq_suite.compare("backend", ours, theirs) == 1
    assert [line.split()[:3] for line in capsys.readouterr().out.splitlines()] == [
        ["backend", "missing", "b::t"],
        ["backend", "missing", "test_cython::test_cython[3]"],
    ]
