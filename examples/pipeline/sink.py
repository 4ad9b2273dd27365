"""Collect the results of one batch of tasks, and count who did how many.

python examples/pipeline/sink.py [ENDPOINT]      default: tcp://*:5558
"""

import sys
import time
from collections import Counter

import purezmq as zmq


def main() -> None:
    endpoint = sys.argv[1] if len(sys.argv) > 1 else "tcp://*:5558"
    with zmq.Context() as context, context.socket(zmq.PULL) as results:
        results.bind(endpoint)
        print(f"Listening on {results.get_string(zmq.LAST_ENDPOINT)}")

        result = results.recv_json()
        begin = time.monotonic()
        shares = Counter([result["worker"]])
        while shares.total() < result["of"]:
            result = results.recv_json()
            shares[result["worker"]] += 1
        seconds = time.monotonic() - begin

        print(f"Collected {shares.total()} results in {seconds:.1f} s")
        for name, share in sorted(shares.items()):
            print(f"{name} did {share}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
