"""PUBHandler: publish what a program logs on a PUB socket.

    logging.getLogger().addHandler(PUBHandler("tcp://127.0.0.1:5555"))

A record becomes two parts: its topic, and its text in UTF-8. The topic is ``root_topic.LEVEL.subtopic``, without what
is empty; the subtopic is what stands before "::" in the message: ``log.debug("disk.sda::97% full")``. Subscribe to
the first letters of a topic: "" is everything, "INFO" one level of a handler that has no root topic.
"""

from __future__ import annotations

import copy
import logging
from typing import Any, Final

from purezmq.constants import PUB
from purezmq.context import Context
from purezmq.socket import Socket

__all__ = ["TOPIC_DELIM", "PUBHandler", "TopicLogger"]

TOPIC_DELIM: Final = "::"  # between a message's subtopic and its text

_PLACED = "%(levelname)s %(filename)s:%(lineno)d - %(message)s\n"
_FORMATS = {
    logging.DEBUG: _PLACED,
    logging.INFO: "%(message)s\n",
    logging.WARNING: _PLACED,
    logging.ERROR: "%(levelname)s %(filename)s:%(lineno)d - %(message)s - %(exc_info)s\n",
    logging.CRITICAL: _PLACED,
}


class PUBHandler(logging.Handler):
    """Publishes log records on a socket.

    interface_or_socket: a socket of the caller's, or the endpoint at which a new PUB binds, in `context` or a new one.
    """

    formatters: dict[int, logging.Formatter | None]  # by level; a level that is not in it cannot be published
    ctx: Context[Any]
    socket: Socket[Any]

    def __init__(
        self,
        interface_or_socket: str | Socket[Any],
        context: Context[Any] | None = None,
        root_topic: str = "",
    ) -> None:
        super().__init__()
        self.root_topic = root_topic
        self.formatters = {level: logging.Formatter(text) for level, text in _FORMATS.items()}
        if isinstance(interface_or_socket, Socket):
            self.socket = interface_or_socket
            self.ctx = interface_or_socket.context
        else:
            self.ctx = context or Context()
            self.socket = self.ctx.socket(PUB)
            self.socket.bind(interface_or_socket)

    @property
    def root_topic(self) -> str:
        """What every topic begins with; "" for nothing. Bytes are decoded."""
        return self._root_topic

    @root_topic.setter
    def root_topic(self, value: str | bytes) -> None:
        self.setRootTopic(value)

    def setRootTopic(self, root_topic: str | bytes) -> None:
        """Set root_topic."""
        self._root_topic = root_topic.decode() if isinstance(root_topic, bytes) else root_topic

    def setFormatter(self, fmt: logging.Formatter | None, level: int = logging.NOTSET) -> None:
        """Format records of one level so, or those of all levels."""
        if level != logging.NOTSET:
            self.formatters[level] = fmt
            return
        for known in self.formatters:
            self.formatters[known] = fmt

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record. KeyError: its level has no formatter; setFormatter(fmt, level) gives it one."""
        formatter: Any = self.formatters[record.levelno]
        text: str = formatter.format(record)
        return text

    def emit(self, record: logging.LogRecord) -> None:
        """Publish a record. What cannot be formatted goes to handleError(); what the socket raises is raised."""
        subtopic, found, text = str(record.msg).partition(TOPIC_DELIM)
        if found:
            record = copy.copy(record)  # other handlers get it too
            record.msg = text
        else:
            subtopic = ""
        try:
            content = self.format(record).encode()
        except Exception:
            self.handleError(record)
            return
        topic = ".".join(filter(None, (self.root_topic, record.levelname, subtopic)))
        self.socket.send_multipart([topic.encode("utf8", "replace"), content])


class TopicLogger(logging.Logger):
    """A Logger whose methods take a topic first: ``logger.info("disk.sda", "%d%% full", 97)``."""

    def log(self, level: int, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log `msg % args` under a topic. kwargs as in logging.Logger.log()."""
        super().log(level, _joined(topic, msg), *args, **_past_us(kwargs))

    def debug(self, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log under a topic at level DEBUG."""
        super().debug(_joined(topic, msg), *args, **_past_us(kwargs))

    def info(self, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log under a topic at level INFO."""
        super().info(_joined(topic, msg), *args, **_past_us(kwargs))

    def warning(self, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log under a topic at level WARNING."""
        super().warning(_joined(topic, msg), *args, **_past_us(kwargs))

    warn = warning  # type: ignore[assignment]

    def error(self, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log under a topic at level ERROR."""
        super().error(_joined(topic, msg), *args, **_past_us(kwargs))

    def exception(self, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log under a topic at level ERROR, with the exception that is being handled."""
        kwargs.setdefault("exc_info", True)
        super().error(_joined(topic, msg), *args, **_past_us(kwargs))

    def critical(self, topic: str, msg: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log under a topic at level CRITICAL."""
        super().critical(_joined(topic, msg), *args, **_past_us(kwargs))

    fatal = critical  # type: ignore[assignment]


def _joined(topic: str, msg: str) -> str:
    return f"{topic}{TOPIC_DELIM}{msg}"


def _past_us(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Make the record tell the place of our caller, not ours."""
    kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
    return kwargs
