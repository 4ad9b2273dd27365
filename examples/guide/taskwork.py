"""Divide and conquer, the worker: take a task, do it, report it; and again. (PULL, PUSH)

    taskvent  PUSH :5557 ───▶ PULL  taskwork  PUSH ───▶ PULL :5558  tasksink
                         ───▶ PULL  taskwork  PUSH ───▶

python examples/guide/taskwork.py [VENTILATOR [SINK]]      default: tcp://localhost:5557 tcp://localhost:5558

Start as many as you like, then taskvent.py. Twice the workers, half the time: tasksink.py shows it.
"""

import sys
import time

import purezmq as zmq


def main(ventilator: str = "tcp://localhost:5557", sink: str = "tcp://localhost:5558") -> None:
    with zmq.Context() as context, context.socket(zmq.PULL) as tasks, context.socket(zmq.PUSH) as results:
        results.linger = 1000  # ms: after Ctrl-C, wait no longer for a sink to take the last result
        tasks.connect(ventilator)
        results.connect(sink)
        print("Ready for tasks")

        while True:
            milliseconds = int(tasks.recv_string())
            time.sleep(milliseconds / 1000)  # stands for real work
            print(f"Worked for {milliseconds} ms")
            results.send(b"done")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
