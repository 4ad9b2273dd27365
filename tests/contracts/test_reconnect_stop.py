"""RECONNECT_STOP: who is not dialled again."""

import socket as plain

import pytest

from .tools import PATIENCE, eventually, fill, silent


@pytest.fixture
def deaf():
    """A plain listening socket."""
    with plain.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE / 1000)
        yield server


def address_of(server):
    return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_who_refuses_is_dialled_again(zmq, tcp):
    address = tcp.absent()
    push = tcp.connect(zmq.PUSH, address, reconnect_ivl=5)
    push.send(b"x")
    assert silent(push)
    assert tcp.bind_again(zmq.PULL, address).recv() == b"x"


def test_who_refuses_is_not_dialled_again_with_conn_refused(zmq, tcp):
    address = tcp.absent()
    push = tcp.connect(zmq.PUSH, address, reconnect_ivl=1, reconnect_stop=zmq.RECONNECT_STOP_CONN_REFUSED)
    eventually(lambda: not push.poll(1, zmq.POLLOUT))  # the pipe is gone
    assert fill(zmq, push) == 0
    pull = tcp.bind_again(zmq.PULL, address)
    assert silent(pull)


def test_who_hangs_up_in_the_handshake_is_dialled_again(zmq, tcp, deaf):
    tcp.connect(zmq.PUSH, address_of(deaf), reconnect_ivl=1)
    for _ in range(2):
        deaf.accept()[0].close()


def test_who_hangs_up_in_the_handshake_is_not_dialled_again_with_handshake_failed(zmq, tcp, deaf):
    push = tcp.connect(
        zmq.PUSH, address_of(deaf), reconnect_ivl=1, reconnect_stop=zmq.RECONNECT_STOP_HANDSHAKE_FAILED
    )
    deaf.accept()[0].close()
    eventually(lambda: not push.poll(1, zmq.POLLOUT))
    deaf.settimeout(0.05)
    with pytest.raises(TimeoutError):
        deaf.accept()


def test_who_leaves_after_the_handshake_is_dialled_again_whatever(zmq, tcp):
    address = tcp.absent()
    push = tcp.connect(zmq.PUSH, address, reconnect_ivl=5)
    for _ in range(2):
        pull = tcp.bind_again(zmq.PULL, address)
        while not pull.poll(5):
            push.send(b"x")  # some may go where nobody is any more
        push.set(zmq.RECONNECT_STOP, 7)  # for later connects
        pull.close()
