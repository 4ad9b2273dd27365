"""STREAM as an HTTP server and as an HTTP client, against Python's own, both ways."""

from __future__ import annotations

import http.server
import re
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Iterator

import pytest

import purezmq as zmq

PATIENCE = 5000  # ms
PAGE = bytes(range(256)) * 2000
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % len(PAGE)


@pytest.fixture
def stream() -> Iterator[zmq.Socket[bytes]]:
    with zmq.Context() as context, context.socket(zmq.STREAM) as socket:
        socket.linger = 0
        socket.rcvtimeo = socket.sndtimeo = PATIENCE
        yield socket


class Fetch(threading.Thread):
    """Gets a page in a thread; `page` is what came."""

    def __init__(self, url: str, command: list[str] | None = None) -> None:
        super().__init__(daemon=True)
        self.url, self.command, self.page = url, command, b""
        self.start()

    def run(self) -> None:
        if self.command is None:
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(self.url, timeout=PATIENCE / 1000) as answer:
                self.page = answer.read()
        else:
            self.page = subprocess.run(
                [*self.command, self.url], capture_output=True, check=True, timeout=10
            ).stdout

    def result(self) -> bytes:
        self.join(PATIENCE / 1000)
        return self.page


def serve(stream: zmq.Socket[bytes], pages: int) -> list[bytes]:
    """Answer so many requests, each by closing the connection; return their first lines."""
    requests: dict[bytes, bytes] = {}
    lines = []
    while len(lines) < pages:
        routing_id, data = stream.recv_multipart()
        requests[routing_id] = requests.get(routing_id, b"") + data
        if requests[routing_id].endswith(b"\r\n\r\n"):
            lines.append(requests.pop(routing_id).split(b"\r\n")[0])
            stream.send_multipart([routing_id, HEAD + PAGE])
            stream.send_multipart([routing_id, b""])
    return lines


def test_urllib_gets_pages_from_a_stream(stream: zmq.Socket[bytes]) -> None:
    port = stream.bind_to_random_port("tcp://127.0.0.1")
    fetches = [Fetch(f"http://127.0.0.1:{port}/{number}") for number in range(3)]
    assert sorted(serve(stream, 3)) == [b"GET /%d HTTP/1.1" % number for number in range(3)]
    assert [fetch.result() for fetch in fetches] == [PAGE] * 3


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_gets_a_page_from_a_stream(stream: zmq.Socket[bytes]) -> None:
    port = stream.bind_to_random_port("tcp://127.0.0.1")
    fetch = Fetch(f"http://127.0.0.1:{port}/page", ["curl", "--silent", "--noproxy", "*"])
    assert serve(stream, 1) == [b"GET /page HTTP/1.1"]
    assert fetch.result() == PAGE


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    """An HTTP server; gives its port."""
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_stream_gets_a_page_from_an_http_server(stream: zmq.Socket[bytes], server: int) -> None:
    stream.reconnect_ivl = -1  # the server closes when it has answered
    stream.connect(f"tcp://127.0.0.1:{server}")
    routing_id = stream.get(zmq.ROUTING_ID)
    assert stream.recv_multipart() == [routing_id, b""]
    stream.send_multipart([routing_id, b"GET / HTTP/1.0\r\n\r\n"])
    answer = b""
    while (data := stream.recv_multipart()[1]) != b"":
        answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    assert re.match(rb"HTTP/1\.\d 200 ", head)
    assert body == PAGE
