"""python -m purezmq.dropin PROGRAM…"""

from __future__ import annotations

import os

import pytest

SAY = "import sys, zmq; print(zmq.__name__, sys.argv[1:])"


def test_program_runs_as_if_started_directly(run, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(f"{SAY}\nprint(sys.argv[0], __name__, __file__, sys.path[0], __spec__)\n")
    done = run("-m", "purezmq.dropin", str(program), "-x", "--", "a b")
    assert done.stdout.splitlines() == [
        "purezmq ['-x', '--', 'a b']",
        f"{program} __main__ {program} {tmp_path} None",
    ], done.stderr


def test_installed_command_runs_by_its_name(run, tmp_path, monkeypatch):
    command = tmp_path / "command"
    command.write_text(f"#!/usr/bin/env python3\n{SAY}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    done = run("-m", "purezmq.dropin", "command", "x")
    assert done.stdout == "purezmq ['x']\n", done.stderr


def test_help_says_what_can_be_run(run):
    assert "-m MODULE" in run("-m", "purezmq.dropin", "--help").stdout


def test_module_runs(run, tmp_path):
    (tmp_path / "module.py").write_text(SAY)
    assert run("-m", "purezmq.dropin", "-m", "module", "-m", cwd=tmp_path).stdout == "purezmq ['-m']\n"


def test_code_runs(run):
    assert run("-m", "purezmq.dropin", "-c", SAY, "-c").stdout == "purezmq ['-c']\n"


def test_modules_of_zmq_run(run):
    assert run("-m", "purezmq.dropin", "-m", "zmq.log", "--help").stdout.startswith("usage: ")


@pytest.mark.parametrize("options", [["-X", "dev", "-W", "error"], ["-Xdev", "-Werror"]])
@pytest.mark.parametrize("module", [["-m", "purezmq.dropin"], ["-mpurezmq.dropin"]])
def test_options_of_the_interpreter_stay(run, options, module):
    done = run(*options, *module, "-c", "import sys; print(sys.flags.dev_mode, sys.warnoptions)")
    assert done.stdout == "True ['default', 'error']\n"


def test_exit_status_and_input_are_the_programs(run):
    done = run("-m", "purezmq.dropin", "-c", "import sys; print(input()); sys.exit(7)", input="text\n")
    assert (done.stdout, done.returncode) == ("text\n", 7)


def test_path_of_the_user_stays_behind_the_shim(run):
    done = run("-m", "purezmq.dropin", "-c", "import os; print(os.environ['PYTHONPATH'])")
    shim, source = done.stdout.strip().split(os.pathsep)
    assert shim == os.path.join(source, "purezmq", "dropin", "shim")


@pytest.mark.parametrize("arguments", [[], ["-m"], ["-c"]])
def test_usage_is_told_when_there_is_no_program(run, arguments):
    done = run("-m", "purezmq.dropin", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m purezmq.dropin PROGRAM")


def test_interpreter_that_ignores_pythonpath_is_refused_in_a_line(environment):
    done = environment.run("-E", "-m", "purezmq.dropin", "-c", "pass")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "PYTHONPATH" in done.stderr
