"""Routing ids and groups by every way to send and receive; multipart stays out of single-part types everywhere."""

import asyncio
import errno

import pytest

import purezmq as zmq
import purezmq.asyncio

PATIENCE = 5000  # ms


@pytest.fixture
def context():
    with zmq.Context() as context:
        yield context
        context.destroy(linger=0)


def link(context, connector, binder, address="inproc://addressed"):
    bound, connected = context.socket(binder), context.socket(connector)
    for socket in (bound, connected):
        socket.rcvtimeo = socket.sndtimeo = PATIENCE
    bound.bind(address)
    connected.connect(bound.get(zmq.LAST_ENDPOINT).decode())
    return connected, bound


@pytest.mark.parametrize("address", ["inproc://addressed", "tcp://127.0.0.1:*"])
def test_every_form_of_content_takes_a_routing_id(context, address):
    client, server = link(context, zmq.CLIENT, zmq.SERVER, address)
    client.send(b"hello")
    to = {"routing_id": server.recv(copy=False).routing_id}
    server.send_string("text", **to)
    server.send_json({"a": 1}, **to)
    server.send_pyobj([1, 2], **to)
    server.send_multipart([b"part"], **to)
    server.send_serialized("bytes", lambda text: [text.encode()], **to)
    server.send(memoryview(b"view"), copy=False, **to)
    server.send(zmq.Frame(b"frame"), **to)
    assert client.recv_string() == "text"
    assert client.recv_json() == {"a": 1}
    assert client.recv_pyobj() == [1, 2]
    assert client.recv_multipart() == [b"part"]
    assert client.recv_serialized(lambda parts: parts[0].decode()) == "bytes"
    assert [client.recv(), client.recv()] == [b"view", b"frame"]


@pytest.mark.parametrize("address", ["inproc://addressed", "tcp://127.0.0.1:*"])
def test_a_large_buffer_is_sent_to_a_routing_id_without_a_copy(context, address):
    client, server = link(context, zmq.CLIENT, zmq.SERVER, address)
    client.send(b"hello")
    request = server.recv(copy=False)
    content = bytearray(b"x" * 300_000)
    tracker = server.send(content, copy=False, track=True, routing_id=request.routing_id)
    assert client.recv() == content
    tracker.wait(PATIENCE / 1000)


def test_an_argument_goes_before_what_the_frame_says(context):
    client, server = link(context, zmq.CLIENT, zmq.SERVER)
    client.send(b"hello")
    frame = server.recv(copy=False)
    wrong = zmq.Frame(b"x")
    wrong.routing_id = frame.routing_id ^ 1
    server.send(wrong, routing_id=frame.routing_id)
    assert client.recv() == b"x"


def test_recv_into_takes_addressed_parts(context):
    client, server = link(context, zmq.CLIENT, zmq.SERVER)
    client.send(b"hello")
    buffer = bytearray(10)
    assert server.recv_into(buffer) == 5
    assert buffer[:5] == b"hello"


def test_a_burst_to_a_group_arrives_whole(context):
    dish, radio = link(context, zmq.DISH, zmq.RADIO, "tcp://127.0.0.1:*")
    dish.join("g")
    while not dish.poll(5):
        radio.send(b"?", group="g")
    while dish.poll(5):
        dish.recv()
    sent = [b"%d" % number for number in range(900)]
    for number in sent:
        radio.send(number, group="g")
    assert [dish.recv() for _ in sent] == sent


@pytest.mark.parametrize("wrong", [{"routing_id": "1"}, {"routing_id": 1.5}, {"group": 5}])
def test_an_address_of_the_wrong_type_is_refused(context, wrong):
    with pytest.raises(TypeError):
        context.socket(zmq.SERVER).send(b"x", **wrong)


def test_a_socket_that_is_closed_joins_nothing(context):
    dish = context.socket(zmq.DISH)
    dish.close()
    for method in (dish.join, dish.leave):
        with pytest.raises(zmq.ZMQError) as caught:
            method("g")
        assert caught.value.errno == errno.ENOTSOCK


def test_asyncio_sends_to_routing_ids_and_groups():
    async def play():
        with purezmq.asyncio.Context() as context:
            client, server = link(context, zmq.CLIENT, zmq.SERVER, "tcp://127.0.0.1:*")
            await client.send(b"question")
            request = await server.recv(copy=False)
            await server.send_multipart([b"answer"], routing_id=request.routing_id)
            assert await client.recv() == b"answer"
            radio, dish = link(context, zmq.RADIO, zmq.DISH, "udp://127.0.0.1:*")
            dish.join("g")
            await radio.send_string("news", group="g")
            assert (await dish.recv(copy=False)).group == "g"
            context.destroy(linger=0)

    asyncio.run(play())


def test_asyncio_refuses_several_parts():
    async def play():
        with purezmq.asyncio.Context() as context:
            client, _ = link(context, zmq.CLIENT, zmq.SERVER)
            with pytest.raises(zmq.ZMQError) as caught:
                await client.send_multipart([b"1", b"2"])
            assert caught.value.errno == errno.EINVAL
            context.destroy(linger=0)

    asyncio.run(play())
