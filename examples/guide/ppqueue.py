"""Paranoid Pirate, the queue: it knows which workers are alive, by their heartbeats. (ROUTER, ROUTER)

    lpclient  REQ ───▶ ROUTER :5555  ppqueue  ROUTER :5556 ◀─── DEALER  ppworker, any number of them
                                              heartbeats, both ways

python examples/guide/ppqueue.py [FRONTEND [BACKEND [INTERVAL]]]      default: tcp://*:5555 tcp://*:5556 1

Start ppworker.py, some, and lpclient.py. A free worker that is silent for three intervals (of INTERVAL seconds) is
given no more work.
"""

import sys
import time

import purezmq as zmq

READY, HEARTBEAT = b"\x01", b"\x02"
LIVENESS = 3  # intervals of silence that mean death


def main(frontend: str = "tcp://*:5555", backend: str = "tcp://*:5556", interval: str = "1") -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.ROUTER) as clients,
        context.socket(zmq.ROUTER) as workers,
    ):
        clients.linger = workers.linger = 0
        clients.bind(frontend)
        workers.bind(backend)
        print(f"Listening on {clients.get_string(zmq.LAST_ENDPOINT)}")
        print(f"Listening on {workers.get_string(zmq.LAST_ENDPOINT)}")
        pass_on(clients, workers, float(interval))


def pass_on(clients: zmq.Socket, workers: zmq.Socket, interval: float) -> None:
    free: dict[
        bytes, float
    ] = {}  # worker: when it is taken for dead; who has been free for longest comes first
    beat_at = time.monotonic() + interval
    poller = zmq.Poller()
    poller.register(workers, zmq.POLLIN)
    while True:
        poller.register(clients, zmq.POLLIN if free else 0)  # 0: not now
        ready = dict(poller.poll(max(0, int(1000 * (beat_at - time.monotonic())))))
        now = time.monotonic()

        if workers in ready:
            worker, *message = workers.recv_multipart()
            if message != [HEARTBEAT]:
                free.pop(worker, None)  # to the end of the queue
                free[worker] = now + LIVENESS * interval
                if message == [READY]:
                    print(f"Worker {worker.hex()} is ready")
                else:  # [client, "", reply]
                    clients.send_multipart(message)
            elif worker in free:  # it may be one that was just given work
                free[worker] = now + LIVENESS * interval

        for worker in [worker for worker, deadline in free.items() if deadline <= now]:
            print(f"Worker {worker.hex()} is silent: gone")
            del free[worker]

        if clients in ready and free:
            worker = next(iter(free))
            del free[worker]
            workers.send_multipart([worker, *clients.recv_multipart()])

        if now >= beat_at:
            beat_at = now + interval
            for worker in free:
                workers.send_multipart([worker, HEARTBEAT])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
