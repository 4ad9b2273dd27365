"""zmq.devices, on both. Devices end with their context, which is theirs alone here."""

from __future__ import annotations

import importlib
import pickle
import threading
from multiprocessing import Process

import pytest

import purezmq
import purezmq.devices

KINDS = {
    "Device": ("in", "out"),
    "Proxy": ("in", "out", "mon"),
    "MonitoredQueue": ("in", "out", "mon"),
    "ProxySteerable": ("in", "out", "mon", "ctrl"),
}


@pytest.fixture
def devices(zmq):
    return importlib.import_module(f"{zmq.__name__}.devices")


@pytest.fixture
def run(zmq, context):
    """Returns run(device): it runs in this test's context until the test has closed its sockets."""
    running = []

    def run(device):
        # A shadow has sockets of its own: what the test destroys are not those that the device is using.
        device.context_factory = lambda: zmq.Context.shadow(context)
        device.start()
        running.append(device)

    yield run
    context.destroy(linger=0)
    for device in running:
        device.join(5)
        assert device.done


@pytest.fixture
def client(context):
    """Returns client(kind, endpoint, **options): a connected socket."""

    def client(kind, endpoint, **options):
        socket = context.socket(kind)
        for name, value in options.items():
            setattr(socket, name, value)
        socket.connect(endpoint)
        return socket

    return client


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["", "Thread", "Process"])
def test_all_kinds_have_all_methods(devices, kind, place):
    cls = getattr(devices, place + kind)
    assert place + kind in devices.__all__
    for side in ("in", "out", "mon", "ctrl"):
        for method in ("bind_{}", "connect_{}", "setsockopt_{}", "bind_{}_to_random_port"):
            assert hasattr(cls, method.format(side)) == (side in KINDS[kind])


def test_what_is_public(devices):
    assert len(devices.__all__) == 13
    assert callable(devices.monitored_queue)
    for name in (
        "basedevice",
        "proxydevice",
        "proxysteerabledevice",
        "monitoredqueue",
        "monitoredqueuedevice",
    ):
        assert getattr(devices, name).__all__


def test_device_keeps_what_it_is_given(zmq, devices):
    for kind in (zmq.STREAMER, zmq.FORWARDER, zmq.QUEUE):
        device = devices.ThreadDevice(kind, zmq.SUB, zmq.PUB)
        assert (device.device_type, device.in_type, device.out_type) == (kind, zmq.SUB, zmq.PUB)
        assert (device.daemon, device.done) == (True, False)
    steerable = devices.ThreadProxySteerable(zmq.PULL, zmq.PUSH, zmq.PUSH, zmq.PAIR)
    assert (steerable.mon_type, steerable.ctrl_type) == (zmq.PUSH, zmq.PAIR)
    assert devices.Proxy(zmq.PULL, zmq.PUSH).mon_type == zmq.PUB


def test_device_without_types_is_refused(zmq, devices):
    with pytest.raises(TypeError, match="in_type must be specified"):
        devices.Device(zmq.QUEUE)
    with pytest.raises(TypeError, match="out_type must be specified"):
        devices.Device(zmq.QUEUE, zmq.ROUTER)


def test_contexts_are_the_instance_in_a_thread_and_new_in_a_process(zmq, devices):
    for kind in KINDS:
        thread, process = getattr(devices, f"Thread{kind}"), getattr(devices, f"Process{kind}")
        assert thread.context_factory == getattr(devices, kind).context_factory == zmq.Context.instance
        assert process.context_factory is zmq.Context


def test_random_ports_are_in_range_and_differ(zmq, devices):
    device = devices.ThreadProxy(zmq.PULL, zmq.PUSH, zmq.PUSH)
    ports = [
        getattr(device, f"bind_{side}_to_random_port")("tcp://127.0.0.1", min_port=20_000, max_port=30_000)
        for side in ("in", "out", "mon")
    ]
    assert len(set(ports)) == 3
    assert all(20_000 <= port < 30_000 for port in ports)


def test_no_port_left_is_an_error(zmq, devices):
    device = devices.ThreadDevice(zmq.QUEUE, zmq.PULL, zmq.PUSH)
    probe = zmq.Context()
    with probe.socket(zmq.PULL) as socket:
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        with pytest.raises(zmq.ZMQBindError):
            device.bind_in_to_random_port("tcp://127.0.0.1", min_port=port, max_port=port + 1)
    probe.term()


def test_queue_passes_requests_and_replies(zmq, devices, run, client):
    device = devices.ThreadDevice(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
    front = device.bind_in_to_random_port("tcp://127.0.0.1")
    back = device.bind_out_to_random_port("tcp://127.0.0.1")
    run(device)
    requester, replier = (
        client(zmq.REQ, f"tcp://127.0.0.1:{front}"),
        client(zmq.REP, f"tcp://127.0.0.1:{back}"),
    )
    requester.send_multipart([b"a", b"b"])
    assert replier.recv_multipart() == [b"a", b"b"]
    replier.send(b"c")
    assert requester.recv() == b"c"


@pytest.mark.parametrize("side", ["in", "out"])
def test_one_socket_may_be_both_sides(zmq, devices, run, context, side):
    device = devices.ThreadDevice(zmq.QUEUE, zmq.REP, -1)
    requester = context.socket(zmq.REQ)
    requester.bind("inproc://requester")
    getattr(device, f"connect_{side}")("inproc://requester")
    run(device)
    requester.send(b"hello")
    assert requester.recv() == b"hello"


def test_options_are_set_before_binding(zmq, devices, run, client, context):
    device = devices.ThreadProxy(zmq.PAIR, zmq.DEALER, zmq.PUSH)
    device.setsockopt_in(zmq.LINGER, 0)
    device.setsockopt_out(zmq.IDENTITY, b"device")
    device.setsockopt_mon(zmq.SNDHWM, 10)
    router = context.socket(zmq.ROUTER)
    router.bind("inproc://out")
    device.bind_in("inproc://in")
    device.connect_out("inproc://out")
    device.bind_mon("inproc://mon")
    monitor = context.socket(zmq.PULL)
    monitor.connect("inproc://mon")
    run(device)
    pair = client(zmq.PAIR, "inproc://in")
    pair.send(b"x")
    assert router.recv_multipart() == [b"device", b"x"]
    assert monitor.recv() == b"x"


def test_device_ends_when_its_context_does(zmq, devices):
    device = devices.ThreadDevice(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
    context = zmq.Context()
    made = threading.Event()

    def factory():
        made.set()
        return context

    device.context_factory = factory
    device.start()
    assert made.wait(5)
    context.term()
    device.join(5)
    assert device.done
    assert not device.launcher.is_alive()


def test_plain_device_runs_in_the_callers_thread(zmq, devices):
    device = devices.Device(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
    context = zmq.Context()
    device.context_factory = lambda: context
    device.bind_in("inproc://here")
    probe = context.socket(zmq.DEALER)
    probe.connect("inproc://here")
    probe.send(b"x")
    assert not device.done
    device.join(0.01)
    thread = threading.Thread(target=device.start)
    thread.start()
    probe.close(linger=0)
    context.term()
    device.join()
    assert device.done
    thread.join()


def test_other_errors_are_raised_and_sockets_closed(zmq, devices, context):
    device = devices.Device(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
    device.context_factory = lambda: context
    device.bind_in("nonsense://")
    with pytest.raises(zmq.ZMQError):
        device.run()
    assert device.done
    assert all(socket.closed for socket in device._sockets)


def test_process_device_works_in_a_process(zmq, devices, client):
    device = devices.ProcessMonitoredQueue(zmq.PULL, zmq.PUSH, zmq.PUSH, b"from", b"to")
    ports = [
        getattr(device, f"bind_{side}_to_random_port")("tcp://127.0.0.1") for side in ("in", "out", "mon")
    ]
    device.start()
    try:
        assert isinstance(device.launcher, Process)
        push, pull, monitor = (
            client(kind, f"tcp://127.0.0.1:{port}")
            for kind, port in zip((zmq.PUSH, zmq.PULL, zmq.PULL), ports, strict=True)
        )
        push.send(b"x")
        assert pull.recv() == b"x"
        assert monitor.recv_multipart() == [b"from", b"x"]
    finally:
        device.launcher.terminate()
        device.join(5)
    assert not device.launcher.is_alive()


def test_process_device_can_be_sent_to_a_new_interpreter():
    # multiprocessing's start method "spawn" pickles what is to run.
    device = purezmq.devices.ProcessMonitoredQueue(purezmq.ROUTER, purezmq.DEALER)
    device.bind_in("tcp://127.0.0.1:5555")
    device.setsockopt_mon(purezmq.LINGER, 0)
    twin = pickle.loads(pickle.dumps(device.run)).__self__
    assert twin._in.binds == ["tcp://127.0.0.1:5555"]
    assert twin._mon.options == [(purezmq.LINGER, 0)]


# -- monitored_queue ---------------------------------------------------------------------------------------


@pytest.fixture
def queue(zmq, devices, run, context):
    """Returns queue(in_type, out_type, *prefixes): sockets for the in, out and monitor side of a running queue."""

    def queue(in_type, out_type, peer_type, *prefixes, names=("", "")):
        device = devices.ThreadMonitoredQueue(in_type, out_type, zmq.PUSH, *prefixes)
        peers = []
        for side, name in zip(("in", "out"), names, strict=True):
            peer = context.socket(peer_type)
            if name:
                peer.identity = name.encode()
            peer.bind(f"inproc://{side}")
            getattr(device, f"connect_{side}")(f"inproc://{side}")
            peers.append(peer)
        monitor = context.socket(zmq.PULL)
        monitor.bind("inproc://mon")
        device.connect_mon("inproc://mon")
        run(device)
        return [*peers, monitor]

    return queue


@pytest.mark.parametrize("prefixes", [(), (b"foo", b"bar")])
def test_monitor_is_told_the_direction(zmq, queue, prefixes):
    alice, bob, monitor = queue(zmq.PAIR, zmq.PAIR, zmq.PAIR, *prefixes)
    into, out = prefixes or (b"in", b"out")
    alice.send_multipart([b"a", b"b"])
    assert bob.recv_multipart() == [b"a", b"b"]
    assert monitor.recv_multipart() == [into, b"a", b"b"]
    bob.send(b"c")
    assert alice.recv() == b"c"
    assert monitor.recv_multipart() == [out, b"c"]


def test_routers_on_both_sides_swap_routing_ids(zmq, queue):
    alice, bob, _ = queue(zmq.ROUTER, zmq.ROUTER, zmq.DEALER, names=("alice", "bob"))
    received = None
    while received is None:  # a ROUTER drops what is for a peer that has not come yet
        alice.send_multipart([b"bob", b"hello"])
        if bob.poll(100):
            received = bob.recv_multipart()
    assert received == [b"alice", b"hello"]
    bob.send_multipart([b"alice", b"back"])
    assert alice.recv_multipart() == [b"bob", b"back"]


def test_many_messages_keep_their_order(zmq, queue):
    alice, bob, monitor = queue(zmq.PAIR, zmq.PAIR, zmq.PAIR)
    for number in range(500):
        alice.send(b"%d" % number)
    assert [int(bob.recv()) for _ in range(500)] == list(range(500))
    assert [int(monitor.recv_multipart()[1]) for _ in range(500)] == list(range(500))


@pytest.mark.parametrize("place", range(3))
def test_monitored_queue_refuses_what_is_no_socket(zmq, devices, context, place):
    sockets = [context.socket(zmq.PAIR) for _ in range(3)]
    sockets[place] = "in"
    with pytest.raises((TypeError, AttributeError)):
        devices.monitored_queue(*sockets)


def test_prefix_is_bytes(zmq, devices, context):
    sockets = [context.socket(zmq.PAIR) for _ in range(3)]
    with pytest.raises(TypeError):
        devices.monitored_queue(*sockets, "in", "out")


# -- steerable ---------------------------------------------------------------------------------------------


def test_steerable_device_ends_when_it_is_told_to():
    device = purezmq.devices.ThreadProxySteerable(purezmq.PULL, purezmq.PUSH, purezmq.PUSH, purezmq.PAIR)
    with purezmq.Context() as context:
        context.linger = 0
        device.context_factory = lambda: context
        control = context.socket(purezmq.PAIR)
        control.bind("inproc://control")
        device.connect_ctrl("inproc://control")
        device.bind_in("inproc://in")
        device.start()
        control.send(b"TERMINATE")
        device.join(5)
        assert device.done


def test_steerable_device_without_control_is_a_proxy():
    device = purezmq.devices.ThreadProxySteerable(purezmq.PULL, purezmq.PUSH)
    context = purezmq.Context()
    context.linger = 0
    context.rcvtimeo = 5000
    device.context_factory = lambda: context
    push, pull = context.socket(purezmq.PUSH), context.socket(purezmq.PULL)
    push.bind("inproc://in")
    pull.bind("inproc://out")
    device.connect_in("inproc://in")
    device.connect_out("inproc://out")
    device.start()
    push.send(b"x")
    assert pull.recv() == b"x"
    context.destroy()
    device.join(5)
    assert device.done
