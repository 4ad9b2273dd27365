"""What a ROUTER sees: routing ids, the ones it makes and the ones that peers choose. (ROUTER, REQ; inproc)

    REQ ─── ["", "…"] ───▶ ROUTER  receives [routing id, "", "…"]

python examples/guide/identity.py
"""

import purezmq as zmq


def main() -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.ROUTER) as router,
        context.socket(zmq.REQ) as nameless,
        context.socket(zmq.REQ) as named,
    ):
        router.bind("inproc://example")

        nameless.connect("inproc://example")
        nameless.send(b"ROUTER makes me an id: a zero byte and four more")
        show(router.recv_multipart())

        named.routing_id = b"PEER2"  # before connect(): it is said when the connection is made
        named.connect("inproc://example")
        named.send(b"ROUTER takes the id that I chose")
        show(router.recv_multipart())


def show(message: list[bytes]) -> None:
    print("-" * 60)
    for part in message:
        text = part.decode() if part.isascii() and b"\0" not in part else f"0x{part.hex()}"
        print(f"[{len(part):3}] {text}")


if __name__ == "__main__":
    main()
