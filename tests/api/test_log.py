"""zmq.log: the handler, the logger, and the command that watches; on both."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import subprocess
import sys

import pytest

import purezmq


@pytest.fixture
def handlers(zmq):
    return importlib.import_module(f"{zmq.__name__}.log.handlers")


@pytest.fixture
def listen(zmq, context):
    """Returns listen(topic): a publisher and a subscriber that has subscribed already."""

    def listen(topic=b""):
        publisher, subscriber = context.socket(zmq.XPUB), context.socket(zmq.SUB)
        publisher.bind(f"inproc://{id(publisher)}")
        subscriber.connect(publisher.last_endpoint.decode())
        subscriber.subscribe(topic)
        assert publisher.recv() == b"\x01" + topic
        return publisher, subscriber

    return listen


@pytest.fixture
def logger():
    logger = logging.Logger("test", logging.DEBUG)
    yield logger
    logger.handlers.clear()


@pytest.fixture
def published(handlers, listen, logger):
    """A handler on the logger, and what receives its messages."""
    publisher, subscriber = listen()
    handler = handlers.PUBHandler(publisher)
    logger.addHandler(handler)
    return handler, subscriber


def test_record_is_published_under_its_level(logger, published):
    logger.info("hello %s", "there")
    assert published[1].recv_multipart() == [b"INFO", b"hello there\n"]


@pytest.mark.parametrize("root", ["root", b"root"])
def test_root_topic_comes_first(logger, published, root):
    handler, subscriber = published
    handler.root_topic = root
    assert handler.root_topic == "root"
    logger.warning("x")
    assert subscriber.recv() == b"root.WARNING"
    subscriber.recv()
    handler.setRootTopic("")
    logger.warning("x")
    assert subscriber.recv_multipart()[0] == b"WARNING"


@pytest.mark.parametrize(
    "said, topic, text",
    [
        ("disk.sda::full", "INFO.disk.sda", "full\n"),
        ("tøpic::héllo", "INFO.tøpic", "héllo\n"),
        ("a::b::c", "INFO.a", "b::c\n"),
        ("::x", "INFO", "x\n"),
        ("a:b", "INFO", "a:b\n"),
    ],
)
def test_subtopic_stands_before_the_delimiter(logger, published, said, topic, text):
    logger.info(said)
    assert published[1].recv_multipart() == [topic.encode(), text.encode()]


def test_record_stays_as_it_is_for_other_handlers(logger, published):
    seen = []
    other = logging.Handler()
    other.emit = lambda record: seen.append(record.getMessage())
    logger.addHandler(other)
    logger.info("topic::text")
    assert seen == ["topic::text"]


def test_message_may_be_any_object(logger, published):
    logger.info(ValueError("odd"))
    assert published[1].recv_multipart()[1] == b"odd\n"


@pytest.mark.parametrize(
    "level, expected",
    [
        ("debug", b"DEBUG test_log.py:"),
        ("info", b"hello\n"),
        ("warning", b"WARNING test_log.py:"),
        ("error", b"ERROR test_log.py:"),
        ("critical", b"CRITICAL test_log.py:"),
    ],
)
def test_each_level_has_its_format(logger, published, level, expected):
    getattr(logger, level)("hello")
    topic, text = published[1].recv_multipart()
    assert topic == level.upper().encode()
    assert text.startswith(expected)
    assert b"hello" in text


def test_formatter_of_one_level_and_of_all(logger, published):
    handler, subscriber = published
    handler.setFormatter(logging.Formatter("D %(message)s"), logging.DEBUG)
    logger.debug("x")
    logger.info("x")
    assert [subscriber.recv_multipart()[1] for _ in range(2)] == [b"D x", b"x\n"]
    handler.setFormatter(logging.Formatter("A %(message)s"))
    logger.debug("x")
    logger.info("x")
    assert [subscriber.recv_multipart()[1] for _ in range(2)] == [b"A x", b"A x"]
    handler.formatters[logging.INFO] = logging.Formatter("I %(message)s")
    logger.info("x")
    assert subscriber.recv_multipart()[1] == b"I x"


def test_what_cannot_be_formatted_goes_to_handle_error(logger, published):
    handler, subscriber = published
    failed = []
    handler.handleError = failed.append
    logger.info("%d", "no number")
    logger.log(25, "no formatter for this level")
    assert len(failed) == 2
    handler.setFormatter(logging.Formatter("%(message)s"), 25)
    logger.log(25, "now there is one")
    assert subscriber.recv_multipart() == [b"Level 25", b"now there is one"]


def test_handler_binds_a_socket_of_its_own(zmq, handlers, context):
    handler = handlers.PUBHandler("inproc://log", context, "root")
    assert (handler.ctx, handler.root_topic, handler.socket.type) == (context, "root", zmq.PUB)
    assert handler.socket.last_endpoint == b"inproc://log"
    handler.socket.close()
    alone = handlers.PUBHandler("inproc://log")
    assert alone.ctx is not context
    alone.ctx.destroy()


def test_handler_takes_the_context_of_its_socket(handlers, published, context):
    assert published[0].ctx is context
    assert handlers.TOPIC_DELIM == "::"


def test_closed_socket_is_the_callers_error(zmq, logger, published):
    published[0].socket.close()
    with pytest.raises(zmq.ZMQError):
        logger.info("x")


def test_topic_logger_takes_a_topic_first(zmq, handlers, listen):
    publisher, subscriber = listen()
    logger = handlers.TopicLogger("topics", logging.DEBUG)
    logger.addHandler(handlers.PUBHandler(publisher))
    logger.log(logging.INFO, "disk.sda", "%d%% full", 97)
    assert subscriber.recv_multipart() == [b"INFO.disk.sda", b"97% full\n"]


@pytest.mark.parametrize("method", ["debug", "info", "warning", "warn", "error", "critical", "fatal"])
def test_methods_of_topic_logger_have_their_levels_and_places(listen, method):
    # PyZMQ's all log at CRITICAL: its methods share the last loop variable.
    handlers = importlib.import_module("purezmq.log.handlers")
    records = []
    logger = handlers.TopicLogger("topics", logging.DEBUG)
    handler = logging.Handler()
    handler.emit = records.append
    logger.addHandler(handler)
    getattr(logger, method)("a.b", "%s", "text")
    [record] = records
    assert record.getMessage() == "a.b::text"
    level = {"warn": "warning", "fatal": "critical"}.get(method, method).upper()
    assert (record.levelname, record.filename) == (level, os.path.basename(__file__))
    try:
        raise RuntimeError("now")
    except RuntimeError:
        logger.exception("a.b", "text")
    assert (records[1].levelname, records[1].exc_info[0]) == ("ERROR", RuntimeError)


# -- python -m zmq.log -------------------------------------------------------------------------------------


@pytest.fixture
def watch(zmq, context):
    """Returns watch(*options): a publisher, and the command that watches it and has subscribed already."""
    processes = []

    def watch(*options):
        publisher = context.socket(zmq.XPUB)
        publisher.bind("tcp://127.0.0.1:*")
        publisher.rcvtimeo = 20_000  # a new interpreter
        command = [
            sys.executable,
            "-u",
            "-m",
            f"{zmq.__name__}.log",
            publisher.last_endpoint.decode(),
            *options,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert publisher.recv()[:1] == b"\x01"
        return publisher, process

    yield watch
    for process in processes:
        process.kill()
        process.communicate()


def test_watcher_prints_what_is_published_until_it_is_interrupted(watch):
    publisher, process = watch("--align", "--separator", " = ", "-t", "")
    for topic in (b"a.INFO", b"a.WARNING.x", b"INFO"):
        publisher.send_multipart([topic, b"text\n"])
    lines = [process.stdout.readline() for _ in range(3)]
    assert lines == ["a.INFO = text\n", "a.WARNING.x = text\n", "INFO.       .  = text\n"]
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0


def test_watcher_marks_time_and_level():
    command = importlib.import_module("purezmq.log.__main__")
    options = command._parser().parse_args(["tcp://x", "--timestamp", "--dateformat", "NOW", "--color"])
    view = command._View(options)
    assert view.line("root.ERROR", "x") == "NOW \x1b[91mroot.ERROR | x\x1b[39m"
    assert view.line("odd", "x") == "NOW odd | x\x1b[39m"


def test_watcher_goes_on_when_something_else_is_published(watch, zmq):
    if zmq is not purezmq:
        pytest.skip("PyZMQ's ends with an error")
    publisher, process = watch()
    publisher.send_multipart([b"a"])
    publisher.send_multipart([b"a", b"\xff", b"c"])
    assert [process.stdout.readline() for _ in range(2)] == ["a | \n", "a | \\xff c\n"]
