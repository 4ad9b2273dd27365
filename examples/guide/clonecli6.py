"""Clone 6, a client that goes on with the other server when one fails. (SUB, DEALER, PUB)

    clonecli6  SUB, DEALER ◀──▶ PUB, ROUTER  clonesrv6, the active one
               PUB ───────────▶ SUB          clonesrv6, both

python examples/guide/clonecli6.py [SUBTREE [UPDATES [PRIMARY BACKUP [PATIENCE]]]]
                        default: /a/ (no end) tcp://localhost:555 tcp://localhost:556 3

Start "clonesrv6.py primary" and "clonesrv6.py backup", several of these, and stop one of the servers. After PATIENCE
seconds of silence a client tries the other one. clone.py is how.
"""

import random
import sys
import time

from clone import Clone

import purezmq as zmq

PACE = 0.1  # seconds from one change of ours to the next


def main(
    subtree: str = "/a/",
    updates: str = "0",
    primary: str = "tcp://localhost:555",
    backup: str = "tcp://localhost:556",
    patience: str = "3",
) -> None:
    with zmq.Context() as context, Clone(context, [primary, backup], subtree, float(patience)) as clone:
        print(f"Looking for a server at {primary} and {backup}")
        server = ""
        received = 0
        due = time.monotonic()
        while received < int(updates) or not int(updates):
            update = clone.update(max(0, int(1000 * (due - time.monotonic()))))
            if clone.server != server:
                server = clone.server
                if server:
                    print(f"Joined {server}: {len(clone.entries)} keys as of update {clone.sequence}")
                else:
                    print("The server is silent: trying the other")
            if update is not None:
                received += 1
                print(update)
            if time.monotonic() >= due:
                due = time.monotonic() + PACE
                clone.set(str(random.randint(0, 99)), str(random.randint(0, 999)).encode(), ttl=30)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
