"""Deal tasks to workers, one every 20 ms.

python examples/pipeline/ventilator.py [ENDPOINT]      default: tcp://*:5557

A PUSH socket deals in turn to the workers that are connected, and waits while there are none.
Start sink.py, then as many times worker.py as you like, before or after this.
"""

import sys
import time

import purezmq as zmq

TASKS = 40
WORK = 0.05  # seconds that a worker spends on a task


def main() -> None:
    endpoint = sys.argv[1] if len(sys.argv) > 1 else "tcp://*:5557"
    with zmq.Context() as context, context.socket(zmq.PUSH) as workers:
        workers.bind(endpoint)
        print(f"Listening on {workers.get_string(zmq.LAST_ENDPOINT)}")

        for number in range(1, TASKS + 1):
            workers.send_json({"task": number, "of": TASKS, "work": WORK})
            time.sleep(0.02)
        print(f"Dealt {TASKS} tasks, each {WORK * 1000:.0f} ms of work")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
