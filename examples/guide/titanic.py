"""Titanic: a service that writes requests to disk, so that they survive whatever sinks. (DEALER)

    ticlient  DEALER ───▶ ROUTER :5555  mdbroker  ◀─── DEALER  titanic (three workers, and a client of other services)
                                                  ◀─── DEALER  mdworker

python examples/guide/titanic.py [BROKER [DIRECTORY]]      default: tcp://localhost:5555 /tmp/titanic

Start mdbroker.py, mdworker.py and ticlient.py (RFC 9). Three services:

    titanic.request  [service, body…]  keeps the request; replies [200, id]
    titanic.reply    [id]              replies [200, body…], or 300: not yet, 400: no such request
    titanic.close    [id]              forgets request and reply; replies 200

A request is one file, ID.request; a reply is ID.reply. What is there without a reply is tried again and again: start
mdworker.py last, stop and start this program in between, and nothing is lost.
"""

import json
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import mdp

import purezmq as zmq


def main(broker: str = "tcp://localhost:5555", directory: str = "") -> None:
    store = Store(Path(directory or Path(tempfile.gettempdir(), "titanic")))
    context = zmq.Context()
    try:
        services = {
            b"titanic.request": store.keep,
            b"titanic.reply": store.reply,
            b"titanic.close": store.forget,
        }
        for name, answer in services.items():
            threading.Thread(target=serve, args=(context, broker, name, answer)).start()
        print(f"Keeping requests in {store.directory}")
        while True:
            for request in store.open_requests():
                dispatch(context, broker, store, request)
            store.news.wait(timeout=1)  # seconds to the next try
            store.news.clear()
    finally:
        context.term()  # ends the threads, and waits until they have closed their sockets


def serve(context: zmq.Context, broker: str, name: bytes, answer: Callable[..., list[bytes]]) -> None:
    with suppress(zmq.ContextTerminated), mdp.Worker(context, broker, name) as worker:
        while True:
            worker.reply(*answer(*worker.receive()))


def dispatch(context: zmq.Context, broker: str, store: "Store", request: str) -> None:
    """Try to have a request answered, if somebody offers its service now."""
    service, *body = store.load(request, "request")
    with mdp.Client(context, broker) as client:
        if client.ask(b"mmi.service", service) == [b"200"]:
            reply = client.ask(service, *body)
            if reply is not None:
                store.save(request, "reply", reply)
                print(f"Answered request {request}")


class Store:
    """Requests and replies as files. A file appears whole, or not at all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.news = threading.Event()  # a request has come

    def keep(self, *request: bytes) -> list[bytes]:
        name = uuid.uuid4().hex
        self.save(name, "request", list(request))
        self.news.set()
        return [b"200", name.encode()]

    def reply(self, name: bytes) -> list[bytes]:
        if self._path(name.decode(), "reply").exists():
            return [b"200", *self.load(name.decode(), "reply")]
        return [b"300"] if self._path(name.decode(), "request").exists() else [b"400"]

    def forget(self, name: bytes) -> list[bytes]:
        for kind in ("request", "reply"):
            self._path(name.decode(), kind).unlink(missing_ok=True)
        return [b"200"]

    def open_requests(self) -> list[str]:
        requests = sorted(self.directory.glob("*.request"), key=lambda path: path.stat().st_mtime)
        return [path.stem for path in requests if not path.with_suffix(".reply").exists()]

    def load(self, name: str, kind: str) -> list[bytes]:
        return [part.encode("latin-1") for part in json.loads(self._path(name, kind).read_text())]

    def save(self, name: str, kind: str, parts: list[bytes]) -> None:
        path = self._path(name, kind)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps([part.decode("latin-1") for part in parts]))
        draft.rename(path)

    def _path(self, name: str, kind: str) -> Path:
        return self.directory / f"{uuid.UUID(name).hex}.{kind}"  # of nothing but an id can a path be made


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
