"""Weather updates, the server: publish them, whoever listens. (PUB)

    wuserver  PUB :5556 ──── "10001 17 62" ───▶ SUB  wuclient, any number of them

python examples/guide/wuserver.py [ENDPOINT]      default: tcp://*:5556

A PUB socket sends to each subscriber what that one has subscribed to, and drops the rest: with nobody there,
everything. Start wuclient.py, or wuproxy.py, in other terminals.
"""

import random
import sys
import time

import purezmq as zmq

ZIP_CODES = range(10001, 10051)


def main(endpoint: str = "tcp://*:5556") -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        publisher.bind(endpoint)
        print(f"Listening on {publisher.get_string(zmq.LAST_ENDPOINT)}")

        while True:
            zip_code = random.choice(ZIP_CODES)
            temperature = round(random.gauss(15, 8))
            humidity = random.randint(20, 95)
            publisher.send_string(f"{zip_code} {temperature} {humidity}")
            time.sleep(0.001)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
