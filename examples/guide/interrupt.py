"""Stop a server cleanly, by Ctrl-C or by SIGTERM. (REP)

    hwclient  REQ ───▶ REP :5555  interrupt

python examples/guide/interrupt.py [ENDPOINT]      default: tcp://*:5555

Press Ctrl-C while it waits. In Python a signal becomes an exception, also inside recv(), and `with` closes what is
open. SIGTERM, which service managers send, kills at once unless you ask for the same.
"""

import signal
import sys

import purezmq as zmq


def main(endpoint: str = "tcp://*:5555") -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: raises KeyboardInterrupt
    answered = 0
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        server.bind(endpoint)
        print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}")
        try:
            while True:
                server.recv()
                server.send(b"World")
                answered += 1
        except KeyboardInterrupt:
            print(f"Interrupted after {answered} requests: here is the place to clean up")
    print("Socket and context are closed")


if __name__ == "__main__":
    main(*sys.argv[1:])
