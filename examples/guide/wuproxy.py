"""A proxy for weather updates: bring them to another network. (XSUB, XPUB)

    wuserver  PUB :5556 ───▶ XSUB  wuproxy  XPUB :8100 ───▶ SUB  wuclient, any number of them
                        ◀─────────── subscriptions ───────

python examples/guide/wuproxy.py [UPSTREAM [ENDPOINT]]      default: tcp://localhost:5556 tcp://*:8100

Start wuserver.py, and: wuclient.py 10001 20 tcp://localhost:8100. XPUB hands the clients' subscriptions to the
proxy as messages, XSUB sends them on to the server: so what nobody here wants does not even cross the network.
"""

import sys

import purezmq as zmq


def main(upstream: str = "tcp://localhost:5556", endpoint: str = "tcp://*:8100") -> None:
    with zmq.Context() as context, context.socket(zmq.XSUB) as server, context.socket(zmq.XPUB) as clients:
        server.connect(upstream)
        clients.bind(endpoint)
        print(f"Listening on {clients.get_string(zmq.LAST_ENDPOINT)}")
        zmq.proxy(server, clients)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
