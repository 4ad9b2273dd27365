"""Request and reply through a broker, the worker: a server that connects instead of binding. (REP)

    rrclient  REQ ───▶ ROUTER :5559  rrbroker  DEALER :5560 ───▶ REP  rrworker, any number of them

python examples/guide/rrworker.py [BROKER]      default: tcp://localhost:5560

Start rrbroker.py (or msgqueue.py) and rrclient.py. Workers may come and go: clients know only the broker.
"""

import sys

import purezmq as zmq


def main(broker: str = "tcp://localhost:5560") -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as worker:
        worker.connect(broker)
        print(f"Working for {broker}")

        while True:
            request = worker.recv_string()
            print(f"Received {request}")
            worker.send_string(request.replace("Hello", "World"))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
