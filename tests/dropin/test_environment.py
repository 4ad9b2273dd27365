"""purezmq dropin enable, disable, status: in virtual environments."""

from __future__ import annotations

import os
import pathlib
import tempfile

import pytest

from tests.dropin.conftest import SOURCE, Environment

NAME = "import zmq, zmq.error; print(zmq.__name__, zmq.error.__name__)"
IS_PUREZMQ = "purezmq purezmq.error\n"

# Root may write everywhere; nobody may not even read the interpreter's modules, so they are imported before.
AS_NOBODY = """
import os, sys, importlib.metadata, purezmq.__main__ as command
list(importlib.metadata.distributions(name="pyzmq"))
action = sys.argv[1]
sys.argv = ["purezmq", "dropin", "status"]
command.main()
if os.geteuid() == 0:
    os.seteuid(65534)
sys.argv[2] = action
sys.exit(command.main())
"""


def test_zmq_is_purezmq_from_enable_to_disable(environment):
    assert environment.run("-c", NAME).returncode != 0
    assert environment.dropin("enable").returncode == 0
    assert environment(NAME) == IS_PUREZMQ
    assert environment.dropin("disable").returncode == 0
    assert environment.run("-c", NAME).returncode != 0


def test_disable_leaves_the_environment_as_it_was(environment):
    before = environment.files()
    environment.dropin("enable")
    assert environment.files() != before
    environment.dropin("disable")
    assert environment.files() == before


def test_enable_and_disable_are_idempotent(environment):
    before = environment.files()
    environment.dropin("enable")
    enabled = environment.files()
    assert environment.dropin("enable").returncode == 0
    assert environment.files() == enabled
    environment.dropin("disable")
    assert environment.dropin("disable").returncode == 0
    assert environment.files() == before


def test_status_tells_which_it_is(environment):
    assert environment.dropin("status").stdout.startswith("disabled")
    assert environment.dropin("enable").stdout == environment.dropin("status").stdout
    assert environment.dropin("status").stdout.startswith("enabled")
    assert environment.dropin("disable").stdout.startswith("disabled")


def test_distribution_pyzmq_is_there(environment):
    environment.dropin("enable")
    assert (
        environment("""
import importlib.metadata as metadata
from importlib.metadata import distributions
print(metadata.version("pyzmq"))
import sysconfig
print([found.version for found in distributions(name="pyzmq", path=[sysconfig.get_path("purelib")])])
""")
        == "27.3.0\n['27.3.0']\n"
    )


def test_every_file_added_is_in_the_record(environment):
    # so that `pip uninstall pyzmq` takes them all
    before = set(environment.files())
    environment.dropin("enable")
    added = {name for name in set(environment.files()) - before if (environment.site / name).is_file()}
    record = (environment.site / "pyzmq-27.3.0.dist-info" / "RECORD").read_text()
    assert {line.split(",")[0] for line in record.splitlines()} == added


@pytest.mark.parametrize("version", ["26.4.0", "27.3.0"])
def test_installed_pyzmq_stays_untouched_behind_purezmq(environment, version):
    environment.add_pyzmq(version)
    before = environment.files()
    environment.dropin("enable")
    assert environment(NAME) == IS_PUREZMQ
    assert environment("import importlib.metadata as m; print(m.version('pyzmq'))") == "27.3.0\n"
    assert {name: environment.files()[name] for name in before} == before
    environment.dropin("disable")
    assert environment.files() == before
    assert environment("import zmq; print(zmq.__version__)") == f"{version}\n"


def test_interpreter_imports_next_to_nothing_until_zmq_is_imported(environment):
    before = set(environment("import sys; print(*sys.modules)").split())
    environment.dropin("enable")
    enabled = set(environment("import sys; print(*sys.modules)").split())
    assert enabled - before == {"_purezmq_dropin", "__future__", "sitecustomize"}


def test_children_and_isolated_interpreters_find_it(environment):
    environment.dropin("enable")
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', {NAME!r}])"
    assert environment(program) == IS_PUREZMQ


def test_enabled_environment_is_quiet_when_purezmq_is_gone(environment, tmp_path):
    environment.dropin("enable")
    pth = environment.site / "purezmq-dropin.pth"
    pth.write_text(pth.read_text().replace(str(SOURCE), str(tmp_path / "gone")))
    (environment.site / "purezmq-source.pth").unlink()
    done = environment.run("-c", "print('fine')")
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_environment_of_another_purezmq_is_told_and_can_be_taken_over(environment, tmp_path):
    environment.dropin("enable")
    enabled = environment.files()
    pth = environment.site / "purezmq-dropin.pth"
    pth.write_text(pth.read_text().replace(str(SOURCE), str(tmp_path / "elsewhere")))
    assert "another purezmq" in environment.dropin("status").stdout
    environment.dropin("enable")
    assert environment.files() == enabled


def test_dist_info_of_an_older_purezmq_is_replaced(environment):
    before = environment.files()
    environment.dropin("enable")
    enabled = environment.files()
    (environment.site / "pyzmq-27.3.0.dist-info").rename(environment.site / "pyzmq-27.2.0.dist-info")
    environment.dropin("enable")
    assert environment.files() == enabled
    (environment.site / "pyzmq-27.3.0.dist-info").rename(environment.site / "pyzmq-27.2.0.dist-info")
    environment.dropin("disable")
    assert environment.files() == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are not POSIX's")
@pytest.mark.parametrize("action, failure", [("enable", "write to"), ("disable", "change")])
def test_read_only_environment_is_told_in_a_line_and_not_changed(action, failure):
    with tempfile.TemporaryDirectory() as name:  # pytest's are closed to other users
        os.chmod(name, 0o755)
        environment = Environment(pathlib.Path(name) / "environment")
        if action == "disable":
            environment.dropin("enable")
        before = environment.files()
        environment.site.chmod(0o555)
        done = environment.run("-c", AS_NOBODY, action)
        environment.site.chmod(0o755)
        message = f"purezmq dropin: cannot {failure} {environment.site}: Permission denied\n"
        assert (done.returncode, done.stderr) == (1, message)
        assert environment.files() == before


def test_command_without_arguments_says_what_it_can(environment):
    assert environment.run("-m", "purezmq").stderr.startswith("usage: purezmq")
    assert environment.run("-m", "purezmq", "--version").stdout.startswith("purezmq ")
