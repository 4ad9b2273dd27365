"""Brokers that tell one another how they are: every one a publisher, and a subscriber of all others. (PUB, SUB; ipc)

    DC1  PUB ipc ───▶ SUB  DC2, DC3
         SUB ◀─────── PUB  DC2, DC3

python examples/guide/peering1.py                    starts the clusters DC1, DC2 and DC3; Ctrl-C stops them
python examples/guide/peering1.py NAME PEER…         is the cluster NAME, and a peer of the others

The first of three steps to clusters that help each other out: here only the state flows. It is made up: a number of
free workers. peering2.py lends out workers, peering3.py does both.
"""

import random
import subprocess
import sys
import tempfile
import time

import purezmq as zmq

INTERVAL = 0.5  # seconds from one report to the next


def main(name: str, *peers: str) -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as state, context.socket(zmq.SUB) as states:
        state.bind(ipc(name, "state"))
        states.subscribe("")
        for peer in peers:
            states.connect(ipc(peer, "state"))

        due = time.monotonic()
        while True:
            patience = due - time.monotonic()
            if patience <= 0:
                state.send_multipart([name.encode(), str(random.randint(0, 9)).encode()])
                due += INTERVAL
            elif states.poll(int(patience * 1000) + 1):
                cluster, free = states.recv_multipart()
                print(f"{name} hears: {cluster.decode()} has {free.decode()} free workers")


def ipc(cluster: str, flow: str) -> str:
    """Return where a cluster binds for one of its flows."""
    return f"ipc://{tempfile.gettempdir()}/{cluster}-{flow}.ipc"


def run_three_clusters(program: str) -> None:
    names = {"DC1", "DC2", "DC3"}
    clusters = [
        subprocess.Popen([sys.executable, program, name, *sorted(names - {name})]) for name in sorted(names)
    ]
    try:
        for cluster in clusters:
            cluster.wait()
    finally:
        for cluster in clusters:
            cluster.terminate()


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            main(*sys.argv[1:])
        else:
            run_three_clusters(__file__)
    except KeyboardInterrupt:
        print("Stopped")
