"""Divide and conquer, a worker that can be told to stop. (PULL, PUSH, SUB)

    taskvent  PUSH :5557 ───▶ PULL  taskwork2  PUSH ───▶ PULL :5558  tasksink2
                              SUB ◀─ "WELCOME", "KILL" ─ XPUB :5559

python examples/guide/taskwork2.py [VENTILATOR [SINK [CONTROL]]]
                        default: tcp://localhost:5557 tcp://localhost:5558 tcp://localhost:5559

Start tasksink2.py first, then as many of these as you like, then taskvent.py.
"""

import sys
import time

import purezmq as zmq


def main(
    ventilator: str = "tcp://localhost:5557",
    sink: str = "tcp://localhost:5558",
    control: str = "tcp://localhost:5559",
) -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.SUB) as orders,
        context.socket(zmq.PULL) as tasks,
        context.socket(zmq.PUSH) as results,
    ):
        results.linger = 1000  # ms: after Ctrl-C, wait no longer for a sink to take the last result
        orders.subscribe("")
        orders.connect(control)
        print(f"Waiting for a welcome from {control}")
        orders.recv()  # WELCOME: our subscription has arrived, no order passes us by
        tasks.connect(ventilator)
        results.connect(sink)
        print("Ready for tasks")

        poller = zmq.Poller()
        poller.register(tasks, zmq.POLLIN)
        poller.register(orders, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if tasks in ready:
                milliseconds = int(tasks.recv_string())
                time.sleep(milliseconds / 1000)  # stands for real work
                print(f"Worked for {milliseconds} ms")
                results.send(b"done")
            if orders in ready and orders.recv() == b"KILL":  # WELCOME is for others
                print("Told to stop")
                break


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
