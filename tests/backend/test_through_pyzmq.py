"""PyZMQ's own layer on our backend, in processes that are started with PYZMQ_BACKEND.

What sockets do is tests/contracts, which runs this way as well (make contracts-backend); here is what the seam itself
may get wrong.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from zmq.backend.select import public_api, select_backend

BEGINNING = """
import errno, gc, threading, warnings
import zmq
assert zmq.backend.Socket.__module__ == "purezmq.backend.socket"
warnings.simplefilter("error")
context = zmq.Context()
pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
"""
END = """
context.destroy(linger=0)
"""


def through_pyzmq(program):
    """Run a program with a connected push and pull; return what it prints."""
    return run(BEGINNING + program + END)


def run(program):
    environ = {**os.environ, "PYZMQ_BACKEND": "purezmq.backend"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.split()


def test_backend_has_every_name_that_pyzmq_takes():
    assert set(select_backend("purezmq.backend")) == {*public_api, "monitored_queue"}


def test_our_select_backend_takes_what_pyzmqs_takes():
    import purezmq.backend

    assert purezmq.backend.public_api == public_api
    assert purezmq.backend.select_backend("purezmq.backend") == select_backend("purezmq.backend")


def test_backend_that_fails_is_an_import_error(tmp_path, monkeypatch):
    import purezmq.backend

    (tmp_path / "broken_backend.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="broken_backend"):
        purezmq.backend.select_backend("broken_backend")


def test_importing_the_backend_imports_no_pyzmq():
    assert run("import sys, purezmq.backend; print('zmq' in sys.modules)") == ["False"]


def test_messages_pass_whole_and_part_by_part():
    assert through_pyzmq("""
push.send(b"one")
push.send_multipart([b"a", b"", b"c"])
push.send(b"x", zmq.SNDMORE)
push.send(b"y")
print(pull.recv().decode(), pull.recv_multipart(), pull.recv(), pull.rcvmore, pull.recv(), pull.rcvmore)
""") == ["one", "[b'a',", "b'',", "b'c']", "b'x'", "1", "b'y'", "0"]


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("pull.recv(zmq.DONTWAIT)", "zmq.Again EAGAIN"),
        ("pull.recv(zmq.DONTWAIT, copy=False)", "zmq.Again EAGAIN"),
        ("pull.recv_into(bytearray(1), flags=zmq.DONTWAIT)", "zmq.Again EAGAIN"),
        ("pull.send(b'x')", "zmq.ZMQError ENOTSUP"),
        ("push.send(b'x', zmq.SNDMORE, copy=False); push.recv()", "zmq.ZMQError ENOTSUP"),
        ("push.connect('nonsense')", "zmq.ZMQError EINVAL"),
        ("push.unbind('tcp://127.0.0.1:1')", "zmq.ZMQError ENOENT"),
        ("push.set(zmq.SNDHWM, -1)", "zmq.ZMQError EINVAL"),
        ("push.get(zmq.SUBSCRIBE)", "zmq.ZMQError EINVAL"),
        ("push.close(); push.get(zmq.LINGER)", "zmq.ZMQError ENOTSOCK"),
        ("zmq.Context(-1)", "zmq.ZMQError EINVAL"),
        ("zmq.Frame(b'').get('User-Id')", "zmq.ZMQError EINVAL"),
        ("zmq.curve_public(' ' * 40)", "zmq.ZMQError EINVAL"),
        ("pull.close(); zmq.proxy(push, pull)", "zmq.ZMQError ENOTSOCK"),
    ],
)
def test_errors_are_pyzmqs(statement, error):
    kind, number = error.split()
    assert through_pyzmq(f"""
try:
    {statement}
except zmq.ZMQError as reason:
    print(type(reason) is {kind}, reason.errno == getattr(errno, '{number}'), bool(str(reason)))
""") == ["True", "True", "True"]


def test_term_wakes_a_blocked_call_with_pyzmqs_error():
    assert through_pyzmq("""
def receive():
    try:
        pull.recv()
    except zmq.ContextTerminated:
        print("woken")
    pull.close(), push.close()
thread = threading.Thread(target=receive)
thread.start()
context.term()
thread.join()
""") == ["woken"]


def test_endpoint_stands_once_in_the_text_of_an_error():
    text = " ".join(
        through_pyzmq("""
try:
    pull.bind("ipc:///nowhere/at/all")
except zmq.ZMQError as reason:
    print(reason)
""")
    )
    assert text == "No such file or directory for ipc path \"/nowhere/at/all\" (addr='ipc:///nowhere/at/all')"


def test_frames_are_of_pyzmqs_class_and_know_their_place():
    assert through_pyzmq("""
push.send_multipart([zmq.Frame(b"a"), b"b"])
frames = pull.recv_multipart(copy=False)
print([type(frame) is zmq.Frame and frame.more for frame in frames], frames)
""") == ["[True,", "False]", "[<zmq.Frame(b'a')>,", "<zmq.Frame(b'b')>]"]


def test_trackers_are_pyzmqs_and_are_done_when_the_buffer_is():
    assert through_pyzmq("""
content = bytearray(b"x" * 100_000)
tracker = push.send(content, copy=False, track=True)
print(type(tracker) is zmq.MessageTracker, pull.recv() == content)
tracker.wait(10)
print(tracker.done, push.send(b"small", copy=False, track=True) is zmq._FINISHED_TRACKER)
""") == ["True", "True", "True", "True"]


def test_shadows_share_the_socket_and_leave_it_open():
    assert through_pyzmq("""
shadow = zmq.Socket.shadow(pull.underlying)
push.send_multipart([b"1", b"2"])
print(pull.recv(), shadow.rcvmore, shadow.recv())
del shadow
gc.collect()
print(pull.closed, zmq.Context.shadow(context.underlying).underlying == context.underlying)
""") == ["b'1'", "1", "b'2'", "False", "True"]


def test_poller_tells_sockets_and_descriptors_apart():
    assert through_pyzmq("""
import os
readable, writable = os.pipe()
poller = zmq.Poller()
for source in (pull, push, readable):
    poller.register(source, zmq.POLLIN if source is not push else zmq.POLLOUT)
push.send(b"x")
os.write(writable, b"x")
pull.poll()
print([source in (pull, push, readable) for source, _ in poller.poll()], pull.poll(0), push.poll(0))
os.close(readable), os.close(writable)
""") == ["[True,", "True,", "True]", "1", "0"]


def test_socket_that_could_not_be_made_is_collected_quietly():
    assert through_pyzmq("""
for refused in (lambda: context.socket(99), lambda: zmq.Socket(shadow=12345)):
    try:
        refused()
    except zmq.ZMQError as reason:
        print(reason.errno == (zmq.EINVAL if "99" in str(reason) else zmq.ENOTSOCK))
gc.collect()
""") == ["True", "True"]


def test_collected_context_is_terminated_with_its_sockets():
    assert through_pyzmq("""
warnings.simplefilter("ignore", ResourceWarning)
other = zmq.Context()
socket = other.socket(zmq.PUSH)
core = other._core
del socket, other
gc.collect()
print(core.closed)
""") == ["True"]


def test_context_that_is_collected_by_a_keeper_does_not_stop_that_keeper():
    assert through_pyzmq("""
warnings.simplefilter("ignore", ResourceWarning)
other = zmq.Context()
socket = other.socket(zmq.PUSH)
socket.connect("inproc://nobody")
socket.send(b"pending for ever")
last, alive = [socket, other], threading.Event()
del socket, other
keeper = context._core.keeper
keeper.later(last.clear)
keeper.later(alive.set)
print(alive.wait(10))
""") == ["True"]
