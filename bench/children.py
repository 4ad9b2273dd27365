"""The child processes of one measurement: started, listened to, and surely ended."""

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.conduct import Fields, Job

ROOT = Path(__file__).resolve().parent.parent
GRACE = 5.0  # seconds a child has beyond its own time limit before it is killed


class ChildError(Exception):
    """A child ended early, fell silent, or did not end; the text ends with what it wrote to stderr."""


class Child:
    """One process; a `Line` to the role that runs in it."""

    def __init__(self, family: "Children", job: Job) -> None:
        self.role = "+".join(job.roles)
        self.timeout = job.timeout + GRACE
        self.heard: deque[Fields] = deque()
        self._family = family
        self._errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", json.dumps(asdict(job))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, cwd=ROOT,
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, fields: Fields) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # ended already: hear() tells how
            self.process.stdin.write(json.dumps(fields) + "\n")
            self.process.stdin.flush()

    def hear(self) -> Fields:
        return self._family.hear(self)

    def failure(self, what: str) -> ChildError:
        self._errors.seek(0)
        written = self._errors.read().decode(errors="replace").strip().splitlines()
        return ChildError("\n".join([f"{self.role} {what}", *written[-20:]]))

    def end(self) -> None:
        """Kill the process if it still runs, and forget it."""
        self.process.kill()
        self.process.wait()
        self._errors.close()
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # of words the process did not live to hear
            self.process.stdin.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._family.arrivals.put((self, json.loads(line)))
        self._family.arrivals.put((self, None))


class Children:
    """All processes of one measurement. Leaving the `with` block kills those that still run."""

    def __init__(self) -> None:
        self.arrivals: queue.SimpleQueue[tuple[Child, Fields | None]] = queue.SimpleQueue()
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.end()

    def start(self, job: Job) -> Child:
        child = Child(self, job)
        self._children.append(child)
        return child

    def hear(self, child: Child) -> Fields:
        """The next words of `child`. Raises ChildError as soon as any of the family has failed."""
        while not child.heard:
            try:
                sender, fields = self.arrivals.get(timeout=child.timeout)
            except queue.Empty:
                raise child.failure("fell silent") from None
            if fields is not None:
                sender.heard.append(fields)
            elif sender.process.wait(child.timeout) or sender is child:
                raise sender.failure(f"ended early with exit code {sender.process.returncode}")
        return child.heard.popleft()

    def wait(self) -> None:
        """Wait until every child has ended by itself. Raises ChildError when one cannot."""
        deadline = time.monotonic() + max(child.timeout for child in self._children)
        for child in self._children:
            try:
                code = child.process.wait(deadline - time.monotonic())
            except subprocess.TimeoutExpired:
                raise child.failure("gave its result but did not end") from None
            if code:
                raise child.failure(f"gave its result and then failed with exit code {code}")
