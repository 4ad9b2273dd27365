"""Signals that arrive while a call waits: an exception ends it at once, a handler that returns resumes it (PEP 475).

Each child interrupts itself by nothing: its parent waits until it sleeps. Afterwards the socket must still work.
"""

import signal

import pytest

BEGIN = """
import signal, socket, sys, threading, time
import purezmq as zmq
ctx = zmq.Context()

def proven(ctx=ctx):
    "Show that the engine still works."
    a, b = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
    b.connect("tcp://127.0.0.1:%d" % a.bind_to_random_port("tcp://127.0.0.1"))
    a.send(b"to b"), b.send(b"to a")
    assert (a.recv(), b.recv()) == (b"to a", b"to b")
    a.close(), b.close()
"""

END = """
try:
    print("waiting")
    wait()
    print("came back")
except KeyboardInterrupt:
    print("interrupted")
check()
proven()
for one in sockets:
    one.close(0)
ctx.term()
print("done")
"""

RECEIVER = """
pull, push = sockets = [ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)]
push.connect("tcp://127.0.0.1:%d" % pull.bind_to_random_port("tcp://127.0.0.1"))
push.send(b"first"), pull.recv()

def check():
    push.send(b"after")
    assert pull.poll(5000) and pull.recv() == b"after"
"""

FULL = """
pull, push = sockets = [ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)]
pull.rcvhwm = push.sndhwm = 10
push.connect("{scheme}://x" if "{scheme}" == "inproc" else pull.bind("tcp://127.0.0.1:*") and pull.last_endpoint)
if "{scheme}" == "inproc":
    pull.bind("inproc://x")

def wait():
    global sent
    sent = 0
    while True:
        push.send(b"%d" % sent + bytes(100_000))
        sent += 1

def check():
    "What was sent arrives whole and in order; the interrupted one may or may not have gone."
    for number in range(sent):
        message = pull.recv()
        assert message == b"%d" % number + bytes(100_000), message[:20]
    push.send(b"after")
    last = pull.recv()
    if last != b"after":
        assert last == b"%d" % sent + bytes(100_000) and pull.recv() == b"after"
"""

WAITS = {
    "recv": RECEIVER + "\ndef wait(): pull.recv()",
    "recv of one peer over inproc": RECEIVER.replace(
        '"tcp://127.0.0.1:%d" % pull.bind_to_random_port("tcp://127.0.0.1")',
        '(pull.bind("inproc://x"), "inproc://x")[1]',
    )
    + "\ndef wait(): pull.recv()",
    "recv_multipart with RCVTIMEO": RECEIVER + "\npull.rcvtimeo = 20_000\ndef wait(): pull.recv_multipart()",
    "socket.poll": RECEIVER + "\ndef wait(): pull.poll()",
    "Poller.poll of two sockets": RECEIVER
    + """
poller = zmq.Poller()
sockets.append(ctx.socket(zmq.PULL))
poller.register(pull, zmq.POLLIN), poller.register(sockets[2], zmq.POLLIN)
def wait(): poller.poll()
""",
    "zmq.select": RECEIVER + "\ndef wait(): zmq.select([pull, sys.stdin], [], [])",
    "send without a peer": """
sockets = [ctx.socket(zmq.PUSH)]
def wait(): sockets[0].send(b"nobody")
def check():
    pull = ctx.socket(zmq.PULL)
    pull.connect("tcp://127.0.0.1:%d" % sockets[0].bind_to_random_port("tcp://127.0.0.1"))
    sockets[0].send(b"after")
    assert pull.recv() == b"after"
    pull.close()
""",
    "send at the HWM over tcp": FULL.replace("{scheme}", "tcp"),
    "send at the HWM over inproc": FULL.replace("{scheme}", "inproc"),
    "recv while another thread waits in the same socket": RECEIVER
    + """
thread = threading.Thread(target=pull.recv)
thread.start()
while not pull._core.waiters:
    time.sleep(0.001)
def wait(): pull.recv()
check_alone = check
def check():
    push.send(b"for the thread")
    thread.join()
    check_alone()
""",
    "term": """
sockets = [ctx.socket(zmq.PULL)]
def wait():
    ctx.term()
def check():
    for one in sockets: one.close()
    ctx.term()
proven = lambda again=proven: again(zmq.Context.instance())
""",
    "term while a closed socket lingers": """
sockets = []
push = ctx.socket(zmq.PUSH)
push.reconnect_ivl = 10
with socket.create_server(("127.0.0.1", 0)) as absent:
    port = absent.getsockname()[1]
push.connect("tcp://127.0.0.1:%d" % port)
push.send(b"in the end")
push.close()
def wait():
    ctx.term()
def check():
    with zmq.Context() as other, other.socket(zmq.PULL) as pull:
        pull.bind("tcp://127.0.0.1:%d" % port)
        assert pull.recv() == b"in the end"
proven = lambda again=proven: again(zmq.Context.instance())
""",
}


@pytest.mark.parametrize("waiting", WAITS)
def test_exception_out_of_a_handler_ends_the_wait_at_once(child, waiting):
    process = child(BEGIN + WAITS[waiting] + END)
    assert process.line() == "waiting"
    process.signal_in_sleep()
    code, output, errors = process.wait()
    assert (output.split("\n"), errors, code) == (["interrupted", "done"], "", 0)


RESUMED = """
handled = 0
def handler(number, frame):
    global handled
    handled += 1
    print("handled")
signal.signal(signal.SIGUSR1, handler)
pull, push = sockets = [ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)]
push.connect("tcp://127.0.0.1:%d" % pull.bind_to_random_port("tcp://127.0.0.1"))
push.send(b"first"), pull.recv()
other = ctx.socket(zmq.PULL)
def answer():
    input()
    push.send(b"answer")
threading.Thread(target=answer, daemon=True).start()
poller = zmq.Poller()
poller.register(pull, zmq.POLLIN), poller.register(other, zmq.POLLIN)
print("waiting")
{wait}
assert handled == 2
print("resumed")
ctx.destroy(0)
"""

RESUMING = {
    "recv": "assert pull.recv() == b'answer'",
    "socket.poll": "assert pull.poll()",
    "Poller.poll": "assert poller.poll() == [(pull, zmq.POLLIN)]",
    "select": "assert zmq.select([pull], [], []) == ([pull], [], [])",
    "send": """
full = ctx.socket(zmq.PUSH)
def come():
    pull.recv()
    pull.connect("tcp://127.0.0.1:%d" % full.bind_to_random_port("tcp://127.0.0.1"))
threading.Thread(target=come, daemon=True).start()
full.send(b"for nobody yet")
""",
    "term": """
def let_go():
    pull.recv()
    for one in (pull, push, other):
        one.close(0)
threading.Thread(target=let_go, daemon=True).start()
while not pull._core.waiters:
    time.sleep(0.001)
push.setsockopt(zmq.LINGER, 0)
ctx.term = ctx.destroy
""",
}
del RESUMING["term"]


@pytest.mark.parametrize("waiting", RESUMING)
def test_handler_that_returns_resumes_the_wait(child, waiting):
    process = child(BEGIN + RESUMED, wait=RESUMING[waiting])
    assert process.line() == "waiting"
    for _ in range(2):
        process.signal_in_sleep(signal.SIGUSR1)
        assert process.line() == "handled"
    process.tell()
    assert process.wait() == (0, "resumed", "")


def test_time_limit_holds_across_handlers_that_return(child):
    process = child(
        BEGIN
        + """
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
pull = ctx.socket(zmq.PULL)
pull.bind("tcp://127.0.0.1:*")
for wait in (pull.recv, lambda: pull.poll(300), lambda: zmq.select([pull], [], [], 0.3)):
    pull.rcvtimeo = 300
    begun = time.monotonic()
    try:
        assert wait() in (0, ([], [], []))
    except zmq.Again:
        pass
    assert 0.29 < time.monotonic() - begun < 3
signal.setitimer(signal.ITIMER_REAL, 0)  # or it ends the interpreter while that ends
print("in time")
pull.close(), ctx.term()
"""
    )
    assert process.wait() == (0, "in time", "")
