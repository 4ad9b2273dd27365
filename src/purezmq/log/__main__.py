"""Print what a PUBHandler publishes: ``python -m purezmq.log tcp://127.0.0.1:5555``. Ctrl-C ends it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from purezmq.constants import SUB
from purezmq.context import Context

_ANSI = {
    "DEBUG": "\x1b[96m",
    "INFO": "\x1b[97m",
    "WARNING": "\x1b[33m",
    "ERROR": "\x1b[91m",
    "CRITICAL": "\x1b[91m",
}
_RESET = "\x1b[39m"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = _parser().parse_args(arguments)
    if options.color:
        _enable_colors()
    view = _View(options)
    with Context() as context, context.socket(SUB) as socket:
        socket.subscribe(options.topic)
        socket.connect(options.zmq_pub_url)
        try:
            while True:
                topic, *texts = socket.recv_multipart()
                print(view.line(_shown(topic), " ".join(map(_shown, texts))), flush=True)
        except KeyboardInterrupt:
            pass


class _View:
    """Turns records into lines; with --align it remembers how wide each column of the topics has become."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options: Any = options
        self._widths: list[int] = []

    def line(self, topic: str, text: str) -> str:
        """Return the line to print."""
        words = topic.split(".")
        level = words[0] if len(words) == 1 else words[1]  # the level comes first, or after a root topic
        color = _ANSI.get(level, "") if self._options.color else ""
        if self._options.align:
            topic = self._aligned(words)
        stamp = f"{datetime.now().strftime(self._options.dateformat)} " if self._options.timestamp else ""
        return f"{stamp}{color}{topic}{self._options.separator}{text}{_RESET if self._options.color else ''}"

    def _aligned(self, words: list[str]) -> str:
        words = words + [" "] * (len(self._widths) - len(words))
        self._widths += [0] * (len(words) - len(self._widths))
        self._widths = [max(width, len(word)) for width, word in zip(self._widths, words, strict=True)]
        return ".".join(word.ljust(width) for width, word in zip(self._widths, words, strict=True))


def _shown(part: bytes) -> str:
    return part.decode(errors="backslashreplace").strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("ZMQ Log Watcher", description="Print what a PUBHandler publishes.")
    parser.add_argument("zmq_pub_url", help="the endpoint of the PUB socket")
    parser.add_argument("-t", "--topic", default="", help="only what begins with this topic")
    parser.add_argument("--timestamp", action="store_true", help="begin each line with the local time")
    parser.add_argument("--separator", default=" | ", help="what to print between topic and text")
    parser.add_argument("--dateformat", default="%Y-%d-%m %H:%M", help="how --timestamp writes the time")
    parser.add_argument("--align", action="store_true", help="keep the parts of the topics in columns")
    parser.add_argument("--color", action="store_true", help="color each line by its level")
    return parser


def _enable_colors() -> None:
    """Have old Windows consoles understand colors, too, where colorama is installed."""
    try:
        import colorama  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        return
    colorama.init()


if __name__ == "__main__":
    main()
