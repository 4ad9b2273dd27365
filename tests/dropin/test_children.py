"""Processes that a switched-over process starts."""

from __future__ import annotations

import multiprocessing

import pytest

MULTIPROCESSING = """
import purezmq

purezmq.install_as_zmq()
import multiprocessing
import zmq, zmq.asyncio


def child(results):
    import sys
    results.put((zmq.__name__, sys.modules["zmq.asyncio"].__name__, "purezmq.asyncio" in sys.modules))


if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    results = context.SimpleQueue()
    process = context.Process(target=child, args=(results,))
    process.start()
    print(*results.get())
    process.join()
"""


def test_subprocess_of_a_subprocess_finds_purezmq(python):
    assert (
        python("""
import subprocess, sys
say = "import zmq.utils.z85, sys, purezmq; print(zmq is purezmq is sys.modules['zmq'], zmq.utils.z85.__name__)"
child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {say!r}])"
subprocess.run([sys.executable, "-c", say])
subprocess.run([sys.executable, "-c", child])
""")
        == ["True purezmq.utils.z85"] * 2
    )


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing_finds_purezmq(run, tmp_path, method):
    program = tmp_path / "program.py"
    program.write_text(MULTIPROCESSING.format(method=method))
    done = run("-W", "ignore", str(program))  # 3.12 warns of fork when there are threads
    assert done.stdout.split() == ["purezmq", "purezmq.asyncio", "True"], done.stderr


def test_module_of_zmq_runs_as_a_program(python):
    output = python("""
import subprocess, sys
subprocess.run([sys.executable, "-m", "zmq.log", "--help"])
import runpy
runpy.run_module("zmq.curve_keygen", run_name="__main__")
""")
    assert output[0].startswith("usage: ")
    assert any("SECRET" in line for line in output)


def test_child_that_imports_no_zmq_imports_nothing_of_it(python):
    assert python("""
import subprocess, sys
program = "import sys; print([name for name in sys.modules if 'zmq' in name])"
subprocess.run([sys.executable, "-c", program])
""") == ["[]"]


def test_child_knows_the_distribution_before_it_imports_zmq(python):
    assert python("""
import subprocess, sys
program = "import importlib.metadata; print(importlib.metadata.version('pyzmq'))"
subprocess.run([sys.executable, "-c", program])
""") == ["27.3.0"]


def test_another_interpreter_finds_purezmq_where_it_is(run, environment):
    (environment.site / "purezmq-source.pth").unlink()
    assert environment.run("-c", "import purezmq").returncode != 0
    done = run(
        "-c",
        """
import os, subprocess, sys
del os.environ["PYTHONPATH"]
import purezmq
purezmq.install_as_zmq()
subprocess.run([sys.argv[1], "-c", "import zmq.error, purezmq; print(zmq is purezmq, zmq.error.__name__)"])
""",
        environment.python,
    )
    assert done.stdout == "True purezmq.error\n", done.stderr
