"""Divide and conquer, the ventilator: deal a batch of tasks to the workers. (PUSH)

    taskvent  PUSH :5557 ───▶ PULL  taskwork  PUSH ───▶ PULL :5558  tasksink
                         ───▶ PULL  taskwork  PUSH ───▶
    taskvent  PUSH ─────────── "start 100" ───────────▶

python examples/guide/taskvent.py [WORKERS [SINK [TASKS]]]      default: tcp://*:5557 tcp://localhost:5558 100

Start tasksink.py and one or more taskwork.py first, then press Enter here. Why the Enter: PUSH deals in turn to
the workers that are connected *now*. Without it, the first worker to connect gets most of the batch.
"""

import random
import sys

import purezmq as zmq


def main(workers: str = "tcp://*:5557", sink: str = "tcp://localhost:5558", tasks: str = "100") -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.PUSH) as dealer,
        context.socket(zmq.PUSH) as starter,
    ):
        dealer.bind(workers)
        starter.connect(sink)
        starter.linger = 1000  # ms to wait at the end for a sink that is not there
        print(f"Listening on {dealer.get_string(zmq.LAST_ENDPOINT)}")
        input("Press Enter when the workers are ready: ")

        starter.send_string(f"start {tasks}")
        total = 0
        for _ in range(int(tasks)):
            milliseconds = random.randint(1, 20)
            total += milliseconds
            dealer.send_string(str(milliseconds))
        print(f"Dealt {tasks} tasks: {total} ms of work in all")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (KeyboardInterrupt, EOFError):
        print("Stopped")
