"""CLIENT and SERVER: messages of one part, and the routing ids that SERVER knows its peers by. RFC 41."""

import errno

import pytest

from .tools import eventually, fill, refused, silent, take

pytestmark = pytest.mark.usefixtures("drafts")


def test_server_answers_by_routing_id(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"question")
    request = server.recv(copy=False)
    assert request.bytes == b"question"
    assert 0 < request.routing_id < 2**32
    server.send(b"answer", routing_id=request.routing_id)
    assert client.recv() == b"answer"


def test_server_sends_a_received_frame_back_to_where_it_came_from(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"echo")
    server.send(server.recv(copy=False))
    assert client.recv() == b"echo"


def test_server_may_answer_many_times_and_unasked(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"here I am")
    routing_id = server.recv(copy=False).routing_id
    for number in range(3):
        server.send(b"%d" % number, routing_id=routing_id)
    assert take(client, 3) == [b"0", b"1", b"2"]


def test_server_tells_its_clients_apart(zmq, net):
    server, address = net.bind(zmq.SERVER)
    clients = [net.connect(zmq.CLIENT, address) for _ in range(3)]
    for number, client in enumerate(clients):
        client.send(b"%d" % number)
    frames = [server.recv(copy=False) for _ in clients]
    assert len({frame.routing_id for frame in frames}) == 3
    for frame in frames:
        server.send(b"to " + frame.bytes, routing_id=frame.routing_id)
    assert [client.recv() for client in clients] == [b"to 0", b"to 1", b"to 2"]


@pytest.mark.ours_only
def test_server_receives_frames_with_routing_ids_by_recv_multipart_too(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"x")
    (frame,) = server.recv_multipart(copy=False)
    server.send_multipart([b"y"], routing_id=frame.routing_id)
    assert client.recv() == b"y"


@pytest.mark.ours_only
def test_client_gets_frames_without_routing_id(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"x")
    server.send(server.recv(copy=False))
    assert client.recv(copy=False).routing_id == 0


def test_server_cannot_send_without_routing_id(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"x")
    server.recv()
    with refused(zmq, errno.EHOSTUNREACH):
        server.send(b"whom?")


def test_server_cannot_send_to_an_unknown_routing_id(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"x")
    routing_id = server.recv(copy=False).routing_id
    with refused(zmq, errno.EHOSTUNREACH):
        server.send(b"nobody", routing_id=routing_id ^ 1)


def test_server_cannot_send_to_a_client_that_has_left(zmq, net):
    client, server = net.link(zmq.CLIENT, zmq.SERVER)
    client.send(b"x")
    routing_id = server.recv(copy=False).routing_id
    client.close()

    def gone():
        server.poll(0)
        try:
            server.send(b"gone?", zmq.DONTWAIT, routing_id=routing_id)
        except zmq.ZMQError as error:
            return error.errno == errno.EHOSTUNREACH
        return False

    eventually(gone)


def test_server_that_would_overfill_a_client_has_to_wait(zmq, inproc):
    server, address = inproc.bind(zmq.SERVER, sndhwm=2)
    client = inproc.connect(zmq.CLIENT, address, rcvhwm=3)
    client.send(b"x")
    routing_id = server.recv(copy=False).routing_id
    for _ in range(5):
        server.send(b"y", zmq.DONTWAIT, routing_id=routing_id)
    with pytest.raises(zmq.Again):
        server.send(b"y", zmq.DONTWAIT, routing_id=routing_id)


def test_server_is_always_ready_for_writing(zmq, net):
    server, _ = net.bind(zmq.SERVER)
    assert server.poll(0, zmq.POLLOUT) == zmq.POLLOUT


def test_client_deals_its_messages_out_in_turn(zmq, net):
    first, one = net.bind(zmq.SERVER)
    second, other = net.bind(zmq.SERVER)
    client = net.connect(zmq.CLIENT, one, other)
    for server in (first, second):  # both are there
        client.send(b"hello")
        server.recv()
    for number in range(4):
        client.send(b"%d" % number)
    assert [sorted(take(first, 2) + take(second, 2))] == [[b"0", b"1", b"2", b"3"]]


def test_client_without_server_has_to_wait(zmq, net):
    client, _ = net.bind(zmq.CLIENT)
    assert fill(zmq, client) == 0
    assert not client.poll(0, zmq.POLLOUT)


def test_client_that_connects_twice_has_two_connections(zmq, wire):
    server, address = wire.bind(zmq.SERVER)
    client = wire.connect(zmq.CLIENT, address, address)
    for _ in range(2):
        client.send(b"x")
    assert len({server.recv(copy=False).routing_id for _ in range(2)}) == 2


def test_client_keeps_its_messages_for_a_server_that_is_to_come(zmq, wire):
    address = wire.absent()
    client = wire.connect(zmq.CLIENT, address)
    client.send(b"early")
    server = wire.bind_again(zmq.SERVER, address)
    assert server.recv() == b"early"


def test_a_client_does_not_speak_with_a_dealer(zmq, wire):
    dealer, address = wire.bind(zmq.DEALER)
    client = wire.connect(zmq.CLIENT, address)
    client.send(b"x")
    assert silent(dealer)
