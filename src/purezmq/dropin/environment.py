"""Put purezmq in PyZMQ's place for a whole Python environment, and undo it.

Rules:

- Two things are added to site-packages, and nothing else is touched: a .pth file, which installs the finder when an
  interpreter starts, and a pyzmq-….dist-info, which satisfies what requires the distribution pyzmq.
- Where PyZMQ is installed its files and its dist-info stay, and ours is not added: the finder goes before them.
- Both are listed in our dist-info's RECORD: ``pip uninstall pyzmq`` undoes it, too, and ``pip install
  --force-reinstall pyzmq`` puts PyZMQ in its place.
- All or nothing: the .pth file, which switches it on, comes last when enabling and goes first when disabling.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

from purezmq.dropin import SHIM

__all__ = ["CannotChange", "disable", "enable", "status"]

_PTH = "purezmq-dropin.pth"
_DIST_INFOS = "pyzmq-*.dist-info"  # of one version after another, as purezmq follows PyZMQ
_INSTALLER = "purezmq"  # tells our dist-info from PyZMQ's


class CannotChange(Exception):
    """The environment cannot be changed; it is as it was before."""


def enable() -> str:
    """Switch this interpreter's environment over; return what there is to say. Once more does no harm."""
    site = _site_packages()
    _refuse_the_systems(site)
    added: list[Path] = []
    try:
        if not _pyzmq_is_installed(site):
            _write_dist_info(site, added)
        _write(site / _PTH, _pth(), added)
        for outdated in _our_dist_infos(site):
            if outdated.name != _source().name:
                _remove(outdated)
    except OSError as reason:
        for path in reversed(added):
            _remove(path)
        raise CannotChange(f"cannot write to {site}: {reason.strerror}") from None
    return status()


def disable() -> str:
    """Undo enable(); return what there is to say. Once more does no harm."""
    site = _site_packages()
    try:
        _remove(site / _PTH)
        for directory in _our_dist_infos(site):
            _remove(directory)
    except OSError as reason:
        raise CannotChange(f"cannot change {site}: {reason.strerror}") from None
    return status()


def status() -> str:
    """Return in a line whether the environment is switched over."""
    site = _site_packages()
    try:
        found = (site / _PTH).read_text()
    except FileNotFoundError:
        return f"disabled: `import zmq` is not changed in {sys.prefix}"
    if found != _pth():
        return f"enabled in {sys.prefix} by another purezmq: enable it again to have {Path(SHIM).parents[1]}"
    return f"enabled: `import zmq` finds purezmq in {sys.prefix}"


def _site_packages() -> Path:
    return Path(sysconfig.get_path("purelib"))


def _refuse_the_systems(site: Path) -> None:
    """PEP 668: what belongs to the system's package manager is not ours to change."""
    managed = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    if sys.prefix == sys.base_prefix and managed.exists():
        raise CannotChange(f"{site} belongs to the system: make a virtual environment and enable it there")


def _pyzmq_is_installed(site: Path) -> bool:
    """Return whether PyZMQ itself is in site-packages, or in the one for compiled packages where that is another."""
    found = distributions(name="pyzmq", path=[str(site), sysconfig.get_path("platlib")])
    return any((each.read_text("INSTALLER") or "").strip() != _INSTALLER for each in found)


def _our_dist_infos(site: Path) -> list[Path]:
    return [
        directory
        for directory in site.glob(_DIST_INFOS)
        if (directory / "INSTALLER").exists() and (directory / "INSTALLER").read_text().strip() == _INSTALLER
    ]


def _source() -> Path:
    """Return the dist-info to copy."""
    return next(Path(SHIM).glob(_DIST_INFOS))


def _pth() -> str:
    # A line for the path, where type checkers look, too, and one that runs. It says nothing once purezmq is gone.
    return f"{SHIM}\nimport os; exec('try: import _purezmq_dropin as d; d.install()\\nexcept ImportError: pass')\n"


def _write_dist_info(site: Path, added: list[Path]) -> None:
    source = _source()
    directory = site / source.name
    names = [*sorted(path.name for path in source.iterdir()), "RECORD"]
    record = "".join(f"{path},,\n" for path in [_PTH, *(f"{directory.name}/{name}" for name in names)])
    if not directory.exists():
        directory.mkdir()
        added.append(directory)
    for name in names[:-1]:
        _write(directory / name, (source / name).read_text(), added)
    _write(directory / "RECORD", record, added)


def _write(path: Path, text: str, added: list[Path]) -> None:
    """Write a file at once, or not at all; note it in `added` if it is new."""
    if path.exists() and path.read_text() == text:
        return
    new = not path.exists()
    beside = path.with_name(f"{path.name}.new-{os.getpid()}")
    try:
        beside.write_text(text)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if new:
        added.append(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
