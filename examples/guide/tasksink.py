"""Divide and conquer, the sink: collect the results, and say how long the batch took. (PULL)

    taskvent  PUSH :5557 ───▶ PULL  taskwork  PUSH ───▶ PULL :5558  tasksink
                         ───▶ PULL  taskwork  PUSH ───▶
    taskvent  PUSH ─────────── "start 100" ───────────▶

python examples/guide/tasksink.py [ENDPOINT]      default: tcp://*:5558

Start this one first, then taskwork.py (some) and taskvent.py. It ends with the batch.
"""

import sys
import time

import purezmq as zmq


def main(endpoint: str = "tcp://*:5558") -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as results:
        results.bind(endpoint)
        print(f"Listening on {results.get_string(zmq.LAST_ENDPOINT)}")
        print(f"Collected {collect(results)}")


def collect(results: zmq.Socket) -> str:
    """Receive one whole batch. Peers are heard in turn: the first result may overtake the start."""
    begin = time.monotonic()
    total: int | None = None
    done = 0
    while total is None or done < total:
        message = results.recv_string()
        if message.startswith("start "):
            total = int(message.removeprefix("start "))
            begin = time.monotonic()
        else:
            done += 1
    return f"{done} results in {(time.monotonic() - begin) * 1000:.0f} ms"


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
