"""docs/compatibility.md says what the scripts know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_page_is_up_to_date():
    command = [sys.executable, SCRIPTS / "compatibility.py", "--check"]
    assert subprocess.run(command, timeout=30).returncode == 0, "run: python scripts/compatibility.py"
