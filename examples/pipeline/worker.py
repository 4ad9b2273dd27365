"""Take tasks from the ventilator, work, and push the results to the sink.

python examples/pipeline/worker.py [NAME [VENTILATOR SINK]]      default: tcp://localhost:5557 tcp://localhost:5558

Start as many as you like. Ctrl-C stops a worker.
"""

import os
import sys
import time

import purezmq as zmq


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else f"worker-{os.getpid()}"
    ventilator, sink = (
        sys.argv[2:4] if len(sys.argv) > 3 else ("tcp://localhost:5557", "tcp://localhost:5558")
    )
    with zmq.Context() as context, context.socket(zmq.PULL) as tasks, context.socket(zmq.PUSH) as results:
        results.linger = (
            1000  # ms: after Ctrl-C, wait no longer than this for the sink to take the last result
        )
        tasks.connect(ventilator)
        results.connect(sink)
        print(f"{name} is ready")

        while True:
            task = tasks.recv_json()
            time.sleep(task["work"])  # stands for real work
            results.send_json({"worker": name, "task": task["task"], "of": task["of"]})


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
