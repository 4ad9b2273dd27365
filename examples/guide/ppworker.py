"""Paranoid Pirate, a worker: it knows whether the queue is alive, and comes back when the queue does. (DEALER)

    lpclient  REQ ───▶ ROUTER :5555  ppqueue  ROUTER :5556 ◀─── DEALER  ppworker, any number of them
                                              heartbeats, both ways

python examples/guide/ppworker.py [QUEUE [INTERVAL]]      default: tcp://localhost:5556 1

Start ppqueue.py and lpclient.py, stop the queue, and start it again. A queue that is silent for three intervals (of
INTERVAL seconds) may have forgotten us: the worker reports to it anew, each time after a longer pause.
"""

import sys
import time

from ppqueue import HEARTBEAT, LIVENESS, READY

import purezmq as zmq

LONGEST_PAUSE = 32  # intervals


def main(queue: str = "tcp://localhost:5556", interval: str = "1") -> None:
    with zmq.Context() as context:
        pause = 1
        while True:
            with context.socket(zmq.DEALER) as worker:
                worker.linger = 0
                worker.connect(queue)
                worker.send(READY)
                print(f"Ready to work for {queue}")
                heard = work(worker, float(interval))
            pause = 1 if heard else min(2 * pause, LONGEST_PAUSE)
            print("The queue is silent: reporting anew after a pause")
            time.sleep(pause * float(interval))


def work(worker: zmq.Socket, interval: float) -> bool:
    """Answer requests until the queue has been silent for too long; return whether it said anything at all."""
    heard = False
    beat_at = time.monotonic() + interval
    dead_at = time.monotonic() + LIVENESS * interval
    while time.monotonic() < dead_at:
        if worker.poll(max(0, int(1000 * (beat_at - time.monotonic())))):
            *envelope, body = worker.recv_multipart()
            if envelope:  # [client, "", request], or else a heartbeat
                print(f"Answering {body.decode()}")
                worker.send_multipart([*envelope, body])
            heard = True
            dead_at = time.monotonic() + LIVENESS * interval
        if time.monotonic() >= beat_at:
            beat_at = time.monotonic() + interval
            worker.send(HEARTBEAT)
    return heard


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
