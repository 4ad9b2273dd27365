"""Programs in processes of their own, with purezmq on the path, or in environments of their own."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import venv
from collections.abc import Callable

import pytest

import purezmq

SOURCE = pathlib.Path(purezmq.__file__).parents[1]

Run = Callable[..., subprocess.CompletedProcess[str]]


def run_python(
    *arguments: str, python: str = sys.executable, **options: object
) -> subprocess.CompletedProcess[str]:
    """Run Python with purezmq's source on PYTHONPATH, and nothing else of this process's PYTHON*."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environ["PYTHONPATH"] = str(SOURCE)
    return subprocess.run(
        [python, *arguments], env=environ, capture_output=True, text=True, timeout=50, check=False, **options
    )  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def run() -> Run:
    """run("-c", "print(1)").stdout: what a Python process says."""
    return run_python


@pytest.fixture
def python() -> Callable[[str], list[str]]:
    """python(code): the lines that a process prints that was switched over first; it must end well."""

    def python(code: str) -> list[str]:
        done = run_python("-c", f"import purezmq; purezmq.install_as_zmq()\n{code}")
        assert not done.returncode, done.stderr
        return done.stdout.splitlines()

    return python


class Environment:
    """A virtual environment that has purezmq's source as an editable install has it, and not pip."""

    def __init__(self, directory: pathlib.Path) -> None:
        venv.create(directory, with_pip=False, symlinks=os.name != "nt")
        scripts = directory / ("Scripts" if os.name == "nt" else "bin")
        self.python = str(scripts / "python")
        self.directory = directory
        self.site = pathlib.Path(self("import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (self.site / "purezmq-source.pth").write_text(f"{SOURCE}\n")

    def __call__(self, code: str) -> str:
        """Run code; return what it prints."""
        done = self.run("-c", code)
        assert not done.returncode, done.stderr
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return subprocess.run(
            [self.python, *arguments],
            env=environ,
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    def dropin(self, action: str) -> subprocess.CompletedProcess[str]:
        """``purezmq dropin enable|disable|status``."""
        return self.run("-m", "purezmq", "dropin", action)

    def files(self) -> dict[str, bytes]:
        """All files and directories of site-packages, and what is in them."""
        return {
            str(path.relative_to(self.site)): path.read_bytes() if path.is_file() else b""
            for path in self.site.rglob("*")
            if "__pycache__" not in path.parts
        }

    def add_pyzmq(self, version: str) -> None:
        """Put in what has the look of an installed PyZMQ."""
        (self.site / "zmq").mkdir()
        (self.site / "zmq" / "__init__.py").write_text(f"__version__ = {version!r}\n")
        dist_info = self.site / f"pyzmq-{version}.dist-info"
        dist_info.mkdir()
        (dist_info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pyzmq\nVersion: {version}\n")
        (dist_info / "INSTALLER").write_text("pip\n")


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> Environment:
    return Environment(tmp_path / "environment")
