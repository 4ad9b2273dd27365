"""What bind() of ipc does to what is at the path already."""

import errno
import os
import stat
from socket import AF_UNIX, socket

import pytest

from .tools import exchange, refused


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s"


@pytest.fixture
def served(zmq, ctx):
    """Check that a REP socket bound there answers."""

    def check(path):
        with ctx.socket(zmq.REP) as rep, ctx.socket(zmq.REQ) as req:
            for made in (rep, req):
                made.linger = 0
                made.rcvtimeo = made.sndtimeo = 5000
            rep.bind(f"ipc://{path}")
            req.connect(f"ipc://{path}")
            exchange(req, rep)
            assert stat.S_ISSOCK(os.lstat(path).st_mode)

    return check


def test_stale_socket_is_replaced(path, served):
    with socket(AF_UNIX) as stale:
        stale.bind(bytes(path))
    served(path)


def test_live_socket_is_replaced(path, served):
    with socket(AF_UNIX) as live:
        live.bind(bytes(path))
        live.listen()
        served(path)
        live.setblocking(False)
        with pytest.raises(BlockingIOError):
            live.accept()


def test_empty_file_is_replaced(path, served):
    path.touch()
    served(path)


def test_symbolic_link_is_replaced_and_its_target_kept(path, served):
    target = path.with_name("target")
    target.write_text("somebody's")
    path.symlink_to(target)
    served(path)
    assert target.read_text() == "somebody's"


def test_directory_is_eaddrinuse(zmq, ctx, path):
    path.mkdir()
    with ctx.socket(zmq.REP) as rep, refused(zmq, errno.EADDRINUSE):
        rep.bind(f"ipc://{path}")
    assert path.is_dir()


@pytest.mark.ours_only
def test_file_with_something_in_it_is_kept(zmq, ctx, path):
    # libzmq removes it
    path.write_text("somebody's")
    with ctx.socket(zmq.REP) as rep:
        with refused(zmq, errno.EADDRINUSE):
            rep.bind(f"ipc://{path}")
        assert path.read_text() == "somebody's"
        path.unlink()
        rep.bind(f"ipc://{path}")


@pytest.mark.ours_only
def test_file_of_another_kind_is_kept(zmq, ctx, path):
    # libzmq removes it
    os.mkfifo(path)
    with ctx.socket(zmq.REP) as rep, refused(zmq, errno.EADDRINUSE):
        rep.bind(f"ipc://{path}")
    assert stat.S_ISFIFO(os.lstat(path).st_mode)


@pytest.mark.ours_only
def test_path_that_is_too_long_keeps_its_file(zmq, ctx, tmp_path):
    # libzmq removes it before it measures
    path = tmp_path / ("x" * 120)
    path.touch()
    with ctx.socket(zmq.REP) as rep, refused(zmq, errno.ENAMETOOLONG):
        rep.bind(f"ipc://{path}")
    assert path.exists()
