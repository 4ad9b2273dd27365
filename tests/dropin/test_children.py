"""Processes that a switched-over process starts."""

from __future__ import annotations

import multiprocessing

import pytest

from purezmq.dropin import SHIM
from tests.dropin.conftest import SOURCE

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
""") == ["['_purezmq_dropin']"]


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


@pytest.mark.parametrize("options", [[], ["-S"]], ids=["with site", "without site"])
def test_child_finds_purezmq_with_site_or_without(python, options):
    program = "import zmq; print(zmq.__name__)"
    assert python(f"""
import os, subprocess, sys
os.environ["PYTHONPATH"] += os.pathsep + {str(SOURCE)!r}
subprocess.run([sys.executable, *{options}, "-c", {program!r}])
""") == ["purezmq"]


def test_child_that_puts_pyzmq_first_on_its_path_finds_purezmq(python):
    program = """
import importlib.metadata, sys
sys.path.insert(0, str(importlib.metadata.distribution("pytest").locate_file("")))
import zmq; print(zmq.__name__)
"""
    assert python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])") == [
        "purezmq"
    ]


def test_sitecustomize_of_the_user_is_run(python, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys; print(__file__ == sys.modules[__name__].__file__)"
    )
    program = "import sitecustomize, sys, zmq; print(sitecustomize.__file__, sys.path[1], zmq.__name__)"
    assert python(f"""
import os, subprocess, sys
os.environ["PYTHONPATH"] += os.pathsep + {str(tmp_path)!r}
subprocess.run([sys.executable, "-c", {program!r}])
""") == ["True", f"{tmp_path / 'sitecustomize.py'} {SHIM} purezmq"]


def test_sitecustomize_of_the_user_that_fails_is_told_and_does_no_harm(python, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import nothing_of_this_name")
    program = "import zmq; print(zmq.__name__)"
    assert python(f"""
import os, subprocess, sys
os.environ["PYTHONPATH"] += os.pathsep + {str(tmp_path)!r}
done = subprocess.run([sys.executable, "-c", {program!r}], capture_output=True, text=True)
print(done.stdout.strip(), "nothing_of_this_name" in done.stderr)
""") == ["purezmq True"]
