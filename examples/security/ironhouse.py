"""Encrypted hello world, and only known clients may come: the Ironhouse of the ZeroMQ guide's author.

python examples/security/ironhouse.py                                  server, a friend and a stranger in one process
python examples/security/ironhouse.py server DIRECTORY [ENDPOINT]      default: tcp://*:5555
python examples/security/ironhouse.py client DIRECTORY [ENDPOINT]      default: tcp://localhost:5555

DIRECTORY is made at the server's first start, with certificates of both sides. Of a real one each side has its part
only: the server clients/*.key and server.key_secret, a client server.key and its own client.key_secret. Start the
server first.
"""

import sys
import tempfile
import threading
from pathlib import Path

import purezmq as zmq
import purezmq.auth
from purezmq.auth.thread import ThreadAuthenticator

PATIENCE = 500  # ms, after which a stranger gives up


def make_certificates(directory: Path) -> None:
    if not (directory / "server.key_secret").exists():
        (directory / "clients").mkdir(parents=True)
        zmq.auth.create_certificates(directory, "server")
        public, _ = zmq.auth.create_certificates(directory, "client", {"name": "A friend"})
        Path(public).rename(directory / "clients" / "friend.key")


def serve(context: zmq.Context, directory: Path, endpoint: str, bound: threading.Event) -> None:
    auth = ThreadAuthenticator(context)
    auth.start()
    auth.configure_curve(domain="*", location=directory / "clients")
    try:
        with context.socket(zmq.REP) as server:
            server.curve_server = True
            server.curve_publickey, server.curve_secretkey = zmq.auth.load_certificate(
                directory / "server.key_secret"
            )
            server.bind(endpoint)
            print(f"Listening on {server.get_string(zmq.LAST_ENDPOINT)}", flush=True)
            bound.set()
            request = b""
            while request != b"Bye":
                frame = server.recv(copy=False)
                request = frame.bytes
                print(f"{request.decode()} from {frame.get('User-Id')}", flush=True)
                server.send(b"Bye" if request == b"Bye" else request + b" back")
    finally:
        auth.stop()


def ask(context: zmq.Context, directory: Path, endpoint: str) -> None:
    with context.socket(zmq.REQ) as client:
        client.linger = 0  # after Ctrl-C, do not wait for a server to take the last request
        client.curve_serverkey, _ = zmq.auth.load_certificate(directory / "server.key")
        client.curve_publickey, client.curve_secretkey = zmq.auth.load_certificate(
            directory / "client.key_secret"
        )
        client.connect(endpoint)
        for text in ("Hello", "Bye"):
            client.send_string(text)
            print(f"{text} -> {client.recv_string()}", flush=True)


def ask_as_a_stranger(context: zmq.Context, directory: Path, endpoint: str) -> None:
    with context.socket(zmq.REQ) as client:
        client.linger = 0
        client.rcvtimeo = client.sndtimeo = PATIENCE
        client.curve_serverkey, _ = zmq.auth.load_certificate(directory / "server.key")
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
        client.connect(endpoint)
        try:
            client.send_string("Hello")
            client.recv()
        except zmq.Again:
            print("A stranger gets no answer", flush=True)


def main() -> None:
    with zmq.Context() as context:
        if len(sys.argv) > 2:
            directory = Path(sys.argv[2])
            if sys.argv[1] == "server":
                make_certificates(directory)
                serve(context, directory, *sys.argv[3:4] or ["tcp://*:5555"], threading.Event())
            else:
                ask(context, directory, *sys.argv[3:4] or ["tcp://localhost:5555"])
            return
        with tempfile.TemporaryDirectory() as name:
            directory, endpoint, bound = Path(name), f"ipc://{name}/socket", threading.Event()
            make_certificates(directory)
            server = threading.Thread(target=serve, args=(context, directory, endpoint, bound))
            server.start()
            bound.wait()
            ask_as_a_stranger(context, directory, endpoint)
            ask(context, directory, endpoint)
            server.join()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Stopped")
