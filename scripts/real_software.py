"""Run software that knows nothing of purezmq on it: Jupyter's kernel, clients, notebooks and server.

    python scripts/real_software.py               all that real_software_checks.py does
    python scripts/real_software.py server        one of them
    python scripts/real_software.py --others      instead of Jupyter: Salt, ipyparallel, locust and more
    python scripts/real_software.py --pyzmq       the same on PyZMQ, to compare

Makes an environment of its own in .cache/: purezmq is installed and put in PyZMQ's place (purezmq dropin enable), then
the programs come unmodified from the package registry, and pip finds nothing missing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "real-software"
HERE = Path(__file__).parent
TIMEOUT = 300  # s for all checks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("check", nargs="*", help="only these checks")
    parser.add_argument("--others", action="store_true", help="other programs, which take longer to install")
    parser.add_argument("--pyzmq", action="store_true", help="on PyZMQ instead of purezmq")
    parser.add_argument("--python", default=sys.executable, help="the interpreter to run it on")
    options = parser.parse_args()
    requirements, checks = "real_software_requirements.txt", "real_software_checks.py"
    if options.others:
        requirements, checks = "real_software_others_requirements.txt", "real_software_others.py"
    python = environment(options.python, HERE / requirements, options.pyzmq)
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYZMQ", "JUPYTER"))
    }
    environ["ON"] = "zmq" if options.pyzmq else "purezmq"
    return subprocess.run(
        [python, HERE / checks, *options.check], env=environ, timeout=TIMEOUT, check=False
    ).returncode


def environment(interpreter: str, requirements: Path, with_pyzmq: bool) -> Path:
    """Return the Python of an environment with the programs, and this working tree's purezmq or PyZMQ."""
    version = subprocess.run(
        [interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    place = CACHE / f"{version}-{requirements.stem}{'-pyzmq' if with_pyzmq else ''}"
    python = place / "bin" / "python"
    stamp = place / "requirements"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Making {place}", flush=True)
        subprocess.run([interpreter, "-m", "venv", "--clear", place], check=True)
        if not with_pyzmq:
            pip(python, "install", "--editable", str(ROOT))
            subprocess.run([place / "bin" / "purezmq", "dropin", "enable"], check=True)
        pip(python, "install", "--requirement", str(requirements))
        stamp.write_text(wanted)
    pip(python, "check")
    return python


def pip(python: Path, *arguments: str) -> None:
    """Run pip."""
    command = [str(python), "-m", "pip", "-qq", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, timeout=900)


if __name__ == "__main__":
    sys.exit(main())
