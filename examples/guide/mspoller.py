"""Read from two sockets with a poller: sleep until one of them has something. (PULL, SUB, Poller)

    taskvent  PUSH :5557 ───▶ PULL ┐
                                   ├ mspoller
    wuserver  PUB  :5556 ───▶ SUB  ┘

python examples/guide/mspoller.py [VENTILATOR [WEATHER]]      default: tcp://localhost:5557 tcp://localhost:5556

Start wuserver.py and taskvent.py in other terminals.
"""

import sys

import purezmq as zmq


def main(ventilator: str = "tcp://localhost:5557", weather: str = "tcp://localhost:5556") -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as tasks, context.socket(zmq.SUB) as updates:
        tasks.connect(ventilator)
        updates.connect(weather)
        updates.subscribe("10001 ")
        print(f"Reading from {ventilator} and {weather}")

        poller = zmq.Poller()
        poller.register(tasks, zmq.POLLIN)
        poller.register(updates, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if tasks in ready:
                print(f"task: {tasks.recv_string()}")
            if updates in ready:
                print(f"weather: {updates.recv_string()}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
