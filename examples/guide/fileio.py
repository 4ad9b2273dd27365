"""Send a large file in chunks, with credit: as fast as the reader takes it, and no faster. (ROUTER, DEALER)

    client  DEALER ─── "fetch" offset ──▶ ROUTER  server
                   ◀── chunk ────────────

python examples/guide/fileio.py [MEGABYTES]      default: 20

A server that sends as fast as it can fills the queues of a slow client: memory, or up to the limit and the rest is
lost. Here the client asks for each chunk. It keeps ten requests on their way, so that the line never runs empty, and
asks for the next chunk when one has come, so that nothing overflows. From chapter 7 of the guide.
"""

import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import purezmq as zmq

CHUNK = 250_000  # bytes
CREDIT = 10  # chunks on their way


def main(megabytes: str = "20") -> None:
    context = zmq.Context()
    context.linger = 0  # for all sockets: whatever is still under way at the end is not waited for
    try:
        with tempfile.TemporaryDirectory() as directory, context.socket(zmq.ROUTER) as server:
            original, copy = Path(directory, "original"), Path(directory, "copy")
            original.write_bytes(os.urandom(1_000_000) * int(megabytes))
            port = server.bind_to_random_port("tcp://127.0.0.1")
            client = threading.Thread(target=fetch, args=(context, f"tcp://127.0.0.1:{port}", copy))
            client.start()
            serve(server, original)
            client.join()
            same = original.read_bytes() == copy.read_bytes()
            print(f"The copy is {'the same' if same else 'DIFFERENT'}: {copy.stat().st_size:,} bytes")
    finally:
        context.term()  # ends the client, after Ctrl-C


def serve(server: zmq.Socket, path: Path) -> None:
    """Send what is asked for, until somebody says goodbye."""
    with path.open("rb") as file:
        while True:
            client, command, *offset = server.recv_multipart()
            if command == b"goodbye":
                return
            file.seek(int(offset[0]))
            server.send_multipart([client, file.read(CHUNK)])


def fetch(context: zmq.Context, server: str, path: Path) -> None:
    with suppress(zmq.ContextTerminated), context.socket(zmq.DEALER) as client, path.open("wb") as file:
        client.linger = 1000  # ms for the goodbye
        client.connect(server)
        begin = time.monotonic()
        for number in range(CREDIT):
            client.send_multipart([b"fetch", str(number * CHUNK).encode()])
        wanted = CREDIT * CHUNK
        chunks = 0
        while chunk := client.recv():  # an empty one: that was the end
            file.write(chunk)
            chunks += 1
            client.send_multipart([b"fetch", str(wanted).encode()])
            wanted += CHUNK
        print(f"Received {chunks} chunks in {(time.monotonic() - begin) * 1000:.0f} ms")
        client.send_multipart([b"goodbye"])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
