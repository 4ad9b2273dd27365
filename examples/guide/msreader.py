"""Read from two sockets without a poller: ask each whether it has something, and sleep a little. (PULL, SUB)

    taskvent  PUSH :5557 ───▶ PULL ┐
                                   ├ msreader
    wuserver  PUB  :5556 ───▶ SUB  ┘

python examples/guide/msreader.py [VENTILATOR [WEATHER]]      default: tcp://localhost:5557 tcp://localhost:5556

Start wuserver.py and taskvent.py in other terminals. The price of doing it so: it wakes up for nothing a hundred
times a second, and still notices a message late. mspoller.py does the same without either.
"""

import sys
import time

import purezmq as zmq


def main(ventilator: str = "tcp://localhost:5557", weather: str = "tcp://localhost:5556") -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as tasks, context.socket(zmq.SUB) as updates:
        tasks.connect(ventilator)
        updates.connect(weather)
        updates.subscribe("10001 ")
        print(f"Reading from {ventilator} and {weather}")

        while True:
            show_all("task", tasks)
            show_all("weather", updates)
            time.sleep(0.01)  # nothing there: let others work


def show_all(what: str, socket: zmq.Socket) -> None:
    """Print what has arrived, without waiting for more."""
    try:
        while True:
            print(f"{what}: {socket.recv_string(zmq.DONTWAIT)}")
    except zmq.Again:
        pass  # read empty


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
