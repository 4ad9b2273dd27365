"""zmq.proxy: messages pass both ways, a capture sees them all, and the end of the context ends it."""

import pytest

from .tools import Background, Net, eventually


@pytest.fixture
def run(zmq, ctx, tmp_path):
    """Run a proxy of its own context in a thread; return its Net. The proxy ends with that context."""
    context = zmq.Context()
    net = Net(zmq, context, "tcp", tmp_path)
    sockets, proxies = [], []

    def start(front, back, capture=None):
        sockets.extend(each for each in (front, back, capture) if each)
        proxies.append(Background(_proxy, zmq, front, back, capture))
        return net

    start.net = net
    yield start
    ending = Background(context.term)
    for proxy in proxies:
        assert proxy.join() == zmq.ETERM
    ending.join()


def _proxy(zmq, front, back, capture):
    try:
        zmq.proxy(front, back, capture)
    except zmq.ContextTerminated as error:
        return error.errno
    finally:
        for each in (front, back, capture):
            if each:
                each.close(linger=0)


def test_proxy_passes_requests_and_replies(zmq, wire, run):
    (router, front), (dealer, back) = run.net.bind(zmq.ROUTER), run.net.bind(zmq.DEALER)
    run(router, dealer)
    reqs = [wire.connect(zmq.REQ, front) for _ in range(3)]
    rep = wire.connect(zmq.REP, back)
    for i, req in enumerate(reqs):
        req.send_multipart([b"q", b"%d" % i])
    for _ in reqs:
        rep.send_multipart([b"a", *rep.recv_multipart()])
    assert [req.recv_multipart() for req in reqs] == [[b"a", b"q", b"%d" % i] for i in range(3)]


def test_proxy_streams_from_pull_to_push(zmq, tcp, run):
    (inlet, front), (outlet, back) = run.net.bind(zmq.PULL), run.net.bind(zmq.PUSH)
    run(inlet, outlet)
    push, pull = tcp.connect(zmq.PUSH, front), tcp.connect(zmq.PULL, back)
    messages = [[b"%d" % i, b"tail"] for i in range(500)]
    for message in messages:
        push.send_multipart(message)
    assert [pull.recv_multipart() for _ in messages] == messages


def test_proxy_passes_on_what_several_peers_send(zmq, wire, run):
    (inlet, front), (outlet, back) = run.net.bind(zmq.PULL), run.net.bind(zmq.PUSH)
    run(inlet, outlet)
    pushes, pull = [wire.connect(zmq.PUSH, front) for _ in range(3)], wire.connect(zmq.PULL, back)
    for number in range(300):
        for place, push in enumerate(pushes):
            push.send_multipart(
                [b"%d" % place, b"%d" % number] if number % 7 == 0 else [b"%d %d" % (place, number)]
            )
    arrived = [b" ".join(pull.recv_multipart()).split() for _ in range(900)]
    for place in range(3):
        assert [int(number) for peer, number in arrived if int(peer) == place] == list(range(300))


def test_proxy_forwards_subscriptions_and_publications(zmq, tcp, run):
    (xsub, front), (xpub, back) = run.net.bind(zmq.XSUB), run.net.bind(zmq.XPUB)
    run(xsub, xpub)
    pub, sub = tcp.connect(zmq.XPUB, front), tcp.connect(zmq.SUB, back, subscribe=b"t")
    assert pub.recv() == b"\x01t"
    eventually(lambda: pub.send_multipart([b"topic", b"body"]) or sub.poll(5))
    assert sub.recv_multipart() == [b"topic", b"body"]
    sub.unsubscribe(b"t")
    assert pub.recv() == b"\x00t"


def test_proxy_shows_every_message_to_its_capture(zmq, tcp, run):
    (router, front), (dealer, back) = run.net.bind(zmq.ROUTER), run.net.bind(zmq.DEALER)
    capture, spy = run.net.bind(zmq.PUSH)
    run(router, dealer, capture)
    watcher = tcp.connect(zmq.PULL, spy)
    req, rep = tcp.connect(zmq.REQ, front, routing_id=b"me"), tcp.connect(zmq.REP, back)
    req.send(b"q")
    assert rep.recv() == b"q"
    rep.send(b"a")
    assert req.recv() == b"a"
    assert [watcher.recv_multipart() for _ in range(2)] == [[b"me", b"", b"q"], [b"me", b"", b"a"]]


def test_proxy_of_one_socket_turns_messages_back(zmq, tcp, run):
    dealer, address = run.net.bind(zmq.DEALER)
    run(dealer, dealer)
    peer = tcp.connect(zmq.DEALER, address)
    peer.send_multipart([b"a", b"b"])
    assert peer.recv_multipart() == [b"a", b"b"]


def test_proxy_ends_when_its_context_ends(zmq, run):
    (router, _), (dealer, _) = run.net.bind(zmq.ROUTER), run.net.bind(zmq.DEALER)
    run(router, dealer)


def test_device_is_a_proxy(zmq, tcp, run, monkeypatch):
    monkeypatch.setattr(zmq, "proxy", lambda front, back, capture: zmq.device(zmq.QUEUE, front, back))
    (router, front), (dealer, back) = run.net.bind(zmq.ROUTER), run.net.bind(zmq.DEALER)
    run(router, dealer)
    req, rep = tcp.connect(zmq.REQ, front), tcp.connect(zmq.REP, back)
    req.send(b"q")
    rep.send(rep.recv())
    assert req.recv() == b"q"


def test_proxy_waits_for_a_capture_that_is_full(zmq, tcp, run):
    (inlet, front), (outlet, back) = run.net.bind(zmq.PULL), run.net.bind(zmq.PUSH)
    capture, spy = run.net.bind(zmq.PUSH)  # nobody is there yet: it takes nothing
    run(inlet, outlet, capture)
    push, pull = tcp.connect(zmq.PUSH, front), tcp.connect(zmq.PULL, back)
    messages = [b"%d" % i for i in range(20)]
    for message in messages:
        push.send(message)
    watcher = tcp.connect(zmq.PULL, spy)
    assert [pull.recv() for _ in messages] == messages
    assert [watcher.recv() for _ in messages] == messages


def test_proxy_passes_on_what_its_capture_drops(zmq, tcp, run):
    (inlet, front), (outlet, back) = run.net.bind(zmq.PULL), run.net.bind(zmq.PUSH)
    capture, _ = run.net.bind(zmq.PUB)
    run(inlet, outlet, capture)
    push, pull = tcp.connect(zmq.PUSH, front), tcp.connect(zmq.PULL, back)
    push.send_multipart([b"a", b"b"])
    assert pull.recv_multipart() == [b"a", b"b"]


def test_proxy_of_pairs_passes_both_ways(zmq, wire, run):
    (one, front), (other, back) = run.net.bind(zmq.PAIR), run.net.bind(zmq.PAIR)
    run(one, other)
    left, right = wire.connect(zmq.PAIR, front), wire.connect(zmq.PAIR, back)
    for number in range(100):
        left.send(b"%d" % number)
        right.send_multipart([b"x", b"%d" % number])
    assert [right.recv() for _ in range(100)] == [b"%d" % number for number in range(100)]
    assert [left.recv_multipart() for _ in range(100)] == [[b"x", b"%d" % number] for number in range(100)]


def test_proxy_reads_no_more_while_the_back_is_full(zmq, tcp, run):
    (inlet, front), (outlet, back) = run.net.bind(zmq.PULL, rcvhwm=2), run.net.bind(zmq.PUSH, sndhwm=2)
    run(inlet, outlet)
    push = tcp.connect(zmq.PUSH, front, sndhwm=2)
    push.sndtimeo = 300
    sent = 0
    with pytest.raises(zmq.Again):
        while sent < 500:
            push.send(b"x" * 100_000)
            sent += 1
    assert sent < 500
    pull = tcp.connect(zmq.PULL, back)
    assert [len(pull.recv()) for _ in range(sent)] == [100_000] * sent
