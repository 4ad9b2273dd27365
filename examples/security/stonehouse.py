"""Encrypted hello world, any client may come: the Stonehouse of the ZeroMQ guide's author.

python examples/security/stonehouse.py                                  server and client in one process
python examples/security/stonehouse.py server DIRECTORY [ENDPOINT]      default: tcp://*:5555
python examples/security/stonehouse.py client DIRECTORY [ENDPOINT]      default: tcp://localhost:5555

DIRECTORY is made at the server's first start, with its certificate: server.key is for everybody, and clients need it,
so that nobody else can pose as the server; server.key_secret stays with the server. Start the server first. The client
makes a key pair for this one time: it encrypts, but nobody asks who it is.
"""

import sys
import tempfile
import threading
from pathlib import Path

import purezmq as zmq
import purezmq.auth
from purezmq.auth.thread import ThreadAuthenticator


def make_certificate(directory: Path) -> None:
    if not (directory / "server.key_secret").exists():
        directory.mkdir(parents=True, exist_ok=True)
        zmq.auth.create_certificates(directory, "server")


def serve(context: zmq.Context, directory: Path, endpoint: str, bound: threading.Event) -> None:
    auth = ThreadAuthenticator(context)
    auth.start()
    auth.configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
    try:
        with context.socket(zmq.REP) as server:
            server.curve_server = True
            server.curve_publickey, server.curve_secretkey = zmq.auth.load_certificate(
                directory / "server.key_secret"
            )
            server.bind(endpoint)
            print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}", flush=True)
            bound.set()
            while (request := server.recv_string()) != "Bye":
                server.send_string(f"{request} back")
            server.send_string("Bye")
    finally:
        auth.stop()


def ask(context: zmq.Context, directory: Path, endpoint: str) -> None:
    with context.socket(zmq.REQ) as client:
        client.linger = 0  # after Ctrl-C, do not wait for a server to take the last request
        client.curve_serverkey, _ = zmq.auth.load_certificate(directory / "server.key")
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
        client.connect(endpoint)
        for text in ("Hello", "Bye"):
            client.send_string(text)
            print(f"{text} -> {client.recv_string()}, encrypted", flush=True)


def main() -> None:
    with zmq.Context() as context:
        if len(sys.argv) > 2:
            directory = Path(sys.argv[2])
            if sys.argv[1] == "server":
                make_certificate(directory)
                serve(context, directory, *sys.argv[3:4] or ["tcp://*:5555"], threading.Event())
            else:
                ask(context, directory, *sys.argv[3:4] or ["tcp://localhost:5555"])
            return
        with tempfile.TemporaryDirectory() as name:
            directory, endpoint, bound = Path(name), f"ipc://{name}/socket", threading.Event()
            make_certificate(directory)
            server = threading.Thread(target=serve, args=(context, directory, endpoint, bound))
            server.start()
            bound.wait()
            ask(context, directory, endpoint)
            server.join()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
