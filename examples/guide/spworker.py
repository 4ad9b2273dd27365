"""Simple Pirate, a worker: ask the queue for work, answer it, and one day crash. (REQ)

    lpclient  REQ ───▶ ROUTER :5555  spqueue  ROUTER :5556 ◀─── REQ  spworker, any number of them

python examples/guide/spworker.py [QUEUE [LIFE]]      default: tcp://localhost:5556 8

Start spqueue.py and lpclient.py. With the request after LIFE others it crashes; LIFE 0 means never.
"""

import itertools
import sys

import purezmq as zmq


def main(queue: str = "tcp://localhost:5556", life: str = "8") -> None:
    with zmq.Context() as context, context.socket(zmq.REQ) as worker:
        worker.linger = 0
        worker.connect(queue)
        worker.send(b"READY")
        print(f"Working for {queue}")

        for number in itertools.count(1):
            *envelope, request = worker.recv_multipart()
            if int(life) and number > int(life):
                print("Pretending to crash")
                return
            print(f"Answering {request.decode()}")
            worker.send_multipart([*envelope, request])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
