"""The examples of monitoring and of waiting for subscribers run, and lose nothing."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_observe_tells_who_comes_and_that_all_have_read():
    done = subprocess.run(
        [sys.executable, EXAMPLES / "observe.py"], timeout=30, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines.count("Read news: nobody came too late") == 3
    assert lines[-1] == "Sent 3 messages to 3 readers"
    assert sum(line.startswith("HANDSHAKE_SUCCEEDED tcp://127.0.0.1:") for line in lines) == 3


def test_publisher_that_starts_when_ready_loses_nothing():
    command = [sys.executable, EXAMPLES / "pubsub/starts_when_ready.py", "2", "500"]
    done = subprocess.run(command, timeout=30, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines.count("Read 500 messages, the first is 'news 0'") == 2
    assert lines[-1] == "Sent 1000, dropped 0"
