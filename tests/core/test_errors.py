"""The exception tree and libzmq's texts, compared with the installed PyZMQ where it has them."""

from __future__ import annotations

import errno
import pickle
import threading
from collections.abc import Callable

import pytest
import zmq
import zmq.error

from purezmq import errors

NUMBERS = [*map(int, zmq.Errno), errno.EINTR, errno.ENOENT, errno.EMFILE, 0, 156384712, 156384767]


def hierarchy(error: type) -> list[str]:
    return [base.__name__ for base in error.__mro__]


@pytest.mark.parametrize("name", zmq.error.__all__)
def test_class_has_the_same_ancestors(name: str) -> None:
    assert hierarchy(getattr(errors, name)) == hierarchy(getattr(zmq.error, name))


@pytest.mark.parametrize("number", NUMBERS)
def test_strerror_is_libzmqs(number: int) -> None:
    assert errors.strerror(number) == zmq.strerror(number)


@pytest.mark.parametrize(
    "make",
    [
        lambda module: module.ZMQError(22),
        lambda module: module.ZMQError(22, "text"),
        lambda module: module.ZMQError(0),
        lambda module: module.ZMQError(99999),
        lambda module: module.ZMQError(msg="text", errno=11),
        lambda module: module.ZMQError("text"),
        lambda module: module.Again(),
        lambda module: module.Again(1, "ignored"),
        lambda module: module.ContextTerminated(),
        lambda module: module.ContextTerminated(1, "ignored"),
        lambda module: module.ZMQBindError("text"),
        lambda module: module.NotDone(),
        lambda module: module.ZMQVersionError("5.0"),
        lambda module: module.ZMQVersionError("5.0", "flying"),
        lambda module: module.DraftFDWarning("text"),
    ],
)
def test_exception_looks_the_same(make: Callable[[object], Exception]) -> None:
    our, their = make(errors), make(zmq.error)
    assert (str(our), repr(our), our.args) == (str(their), repr(their), their.args)
    assert vars(our) == vars(their)


def test_interrupted_system_call_ignores_its_arguments() -> None:
    interrupted = errors.InterruptedSystemCall(1, "ignored")
    assert interrupted.errno == errno.EINTR
    assert interrupted.strerror == zmq.strerror(errno.EINTR)
    assert str(interrupted).startswith("Interrupted system call")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (zmq.EAGAIN, errors.Again),
        (zmq.ETERM, errors.ContextTerminated),
        (errno.EINTR, errors.InterruptedSystemCall),
        (zmq.EINVAL, errors.ZMQError),
        (zmq.EFSM, errors.ZMQError),
    ],
)
def test_error_picks_the_class_by_errno(number: int, kind: type[errors.ZMQError]) -> None:
    made = errors.error(number)
    assert type(made) is kind
    assert made.errno == number
    assert made.strerror == zmq.strerror(number)


@pytest.mark.parametrize("number", [zmq.EFSM, zmq.EAGAIN, zmq.ETERM, errno.EINTR])
def test_error_appends_its_hint(number: int) -> None:
    made = errors.error(number, "do this")
    assert made.strerror == zmq.strerror(number) + " (do this)"
    assert made.strerror in str(made)


def test_zmq_errno_is_the_last_of_this_thread() -> None:
    errors.ZMQError(errno.EINVAL)
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(errors.zmq_errno()))
    thread.start()
    thread.join()
    assert (errors.zmq_errno(), seen) == (errno.EINVAL, [0])


def test_zmq_error_without_errno_takes_the_last_one() -> None:
    errors.ZMQError(errno.EINVAL)
    assert errors.ZMQError().errno == errno.EINVAL
    assert errors.ZMQError(msg="text").errno == errno.EINVAL


def test_draft_fd_warning_explains_itself() -> None:
    assert "thread-safe" in str(errors.DraftFDWarning())


def test_protocol_error_is_not_for_the_application() -> None:
    assert not issubclass(errors.ProtocolError, errors.ZMQBaseError)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EAGAIN, zmq.ETERM])
def test_error_survives_pickling(number: int) -> None:
    made = errors.error(number, "do this")
    again = pickle.loads(pickle.dumps(made))
    assert (type(again), again.errno, again.strerror) == (type(made), made.errno, made.strerror)
