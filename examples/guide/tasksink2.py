"""Divide and conquer, a sink that sends the workers home when the batch is done. (PULL, XPUB)

    taskvent  PUSH :5557 ───▶ PULL  taskwork2  PUSH ───▶ PULL :5558  tasksink2
                              SUB ◀─ "WELCOME", "KILL" ─ XPUB :5559

python examples/guide/tasksink2.py [ENDPOINT [CONTROL]]      default: tcp://*:5558 tcp://*:5559

Start this one first, then taskwork2.py (some) and taskvent.py. Whom a publisher does not know yet does not hear it.
XPUB is a PUB that receives the subscriptions as messages: so it can say WELCOME to every worker, and a worker that
has heard it will hear KILL, too.
"""

import sys

import purezmq as zmq


def main(endpoint: str = "tcp://*:5558", control: str = "tcp://*:5559") -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as results, context.socket(zmq.XPUB) as orders:
        results.bind(endpoint)
        orders.xpub_verbose = 1  # tell of every subscription, not only of the first to each topic
        orders.bind(control)
        print(f"Listening on {results.get_string(zmq.LAST_ENDPOINT)}")
        print(f"Listening on {orders.get_string(zmq.LAST_ENDPOINT)}")

        poller = zmq.Poller()
        poller.register(results, zmq.POLLIN)
        poller.register(orders, zmq.POLLIN)
        total: int | None = None
        done = 0
        while total is None or done < total:
            ready = dict(poller.poll())
            if orders in ready and orders.recv().startswith(b"\x01"):  # \x00: a worker went away
                print("A worker has come")
                orders.send(b"WELCOME")
            if results in ready:
                message = results.recv_string()
                if message.startswith("start "):
                    total = int(message.removeprefix("start "))
                else:
                    done += 1
        print(f"Collected {done} results: all workers may go home")
        orders.send(b"KILL")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
