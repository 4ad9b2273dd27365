"""The example of monitoring runs, and loses nothing."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "observe.py"


def test_observe_tells_who_comes_and_that_all_have_read():
    done = subprocess.run([sys.executable, EXAMPLE], timeout=30, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines.count("Read news: nobody came too late") == 3
    assert lines[-1] == "Sent 3 messages to 3 readers"
    assert sum(line.startswith("HANDSHAKE_SUCCEEDED tcp://127.0.0.1:") for line in lines) == 3
