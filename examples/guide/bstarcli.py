"""Binary Star, a client: ask one server, and when it is silent the other. (REQ)

    bstarcli  REQ ───▶ ROUTER :5001  bstarsrv primary
                  or ▶ ROUTER :5002  bstarsrv backup

python examples/guide/bstarcli.py [PRIMARY BACKUP [MILLISECONDS [REQUESTS]]]
                        default: tcp://localhost:5001 tcp://localhost:5002 1000 (no end)

Start "bstarsrv.py primary" and "bstarsrv.py backup", and stop one of them.
"""

import itertools
import sys
import time

import purezmq as zmq


def main(
    primary: str = "tcp://localhost:5001",
    backup: str = "tcp://localhost:5002",
    milliseconds: str = "1000",
    requests: str = "0",
) -> None:
    servers = itertools.cycle([("primary", primary), ("backup", backup)])
    numbers = range(1, int(requests) + 1) if int(requests) else itertools.count(1)
    with zmq.Context() as context:
        print(f"Asking {primary}, or else {backup}")
        name, client = connected(context, next(servers))
        try:
            for number in numbers:
                client.send_string(str(number))
                while not client.poll(int(milliseconds)):
                    print(f"Request {number}: no reply from the {name}, asking the other")
                    client.close()
                    name, client = connected(context, next(servers))
                    client.send_string(str(number))
                print(f"Request {number}: reply {client.recv_string()} from the {name}")
                time.sleep(int(milliseconds) / 5000)
        finally:
            client.close()


def connected(context: zmq.Context, server: tuple[str, str]) -> tuple[str, zmq.Socket]:
    name, endpoint = server
    client = context.socket(zmq.REQ)
    client.linger = 0  # close() forgets a request that nobody took
    client.connect(endpoint)
    return name, client


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
