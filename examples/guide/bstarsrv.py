"""Binary Star, one of two servers: one answers, the other stands by and takes over. (ROUTER, PUB, SUB)

    bstarcli  REQ ───▶ ROUTER :5001  primary  PUB :5003 ───▶ SUB  backup
                                              SUB ◀───────── PUB :5004
              REQ ───▶ ROUTER :5002  backup

python examples/guide/bstarsrv.py [primary|backup [CLIENTS STATE PEER_STATE [INTERVAL]]]
                        default: primary tcp://*:5001 tcp://*:5003 tcp://localhost:5004 1
                                 backup  tcp://*:5002 tcp://*:5004 tcp://localhost:5003 1

Start both, and bstarcli.py. Stop the active one: after two intervals of silence (INTERVAL is in seconds) the other one
serves. bstar.py says when a server may be active.
"""

import sys

import bstar

import purezmq as zmq

ENDPOINTS = {
    "primary": ("tcp://*:5001", "tcp://*:5003", "tcp://localhost:5004"),
    "backup": ("tcp://*:5002", "tcp://*:5004", "tcp://localhost:5003"),
}


def main(role: str = "primary", *arguments: str) -> None:
    clients_endpoint, state, peer_state = arguments[:3] or ENDPOINTS[role]
    interval = float(arguments[3]) if len(arguments) > 3 else 1.0
    with (
        zmq.Context() as context,
        context.socket(zmq.ROUTER) as clients,
        bstar.BinaryStar(context, role.encode(), state, peer_state, interval, show) as star,
    ):
        clients.linger = 0
        clients.bind(clients_endpoint)
        print(f"Started as {role}")
        poller = zmq.Poller()
        poller.register(clients, zmq.POLLIN)
        poller.register(star.peer, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(star.until_beat()))
            if star.peer in ready:
                star.on_peer()
            if clients in ready:
                request = clients.recv_multipart()
                if star.may_serve():
                    clients.send_multipart(request)  # with the client's id in front: an echo
            star.beat()


def show(state: bytes) -> None:
    print(f"I am {state.decode()}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
