"""A key and its value as a message of five parts. The programs clone*.py share tables of them.

    [key, sequence (8 bytes), unique id (16 bytes), properties ("name=value", a line each), value]

python examples/guide/kvmsg.py      shows one

The key comes first, so that subscriptions are matched with it. The sequence is the server's number of the update, by
which clients know which updates a snapshot has. An empty value deletes the key.
"""

import uuid
from dataclasses import dataclass, field

import purezmq as zmq


@dataclass
class KVMsg:
    key: str
    value: bytes = b""
    sequence: int = 0
    uid: bytes = field(default_factory=lambda: uuid.uuid4().bytes)
    properties: dict[str, str] = field(default_factory=dict)

    def send(self, socket: zmq.Socket, *envelope: bytes) -> None:
        properties = "".join(f"{name}={value}\n" for name, value in self.properties.items())
        parts = [
            self.key.encode(),
            self.sequence.to_bytes(8, "big"),
            self.uid,
            properties.encode(),
            self.value,
        ]
        socket.send_multipart([*envelope, *parts])

    @classmethod
    def receive(cls, socket: zmq.Socket) -> "KVMsg":
        key, sequence, uid, properties, value = socket.recv_multipart()
        pairs = dict(line.split("=", 1) for line in properties.decode().splitlines())
        return cls(key.decode(), value, int.from_bytes(sequence, "big"), uid, pairs)

    def store(self, table: "dict[str, KVMsg]") -> None:
        """Make the change in the table."""
        if self.value:
            table[self.key] = self
        else:
            table.pop(self.key, None)

    def __str__(self) -> str:
        value = self.value.decode() or "(deleted)"
        return f"update {self.sequence}: {self.key} = {value}"


def main() -> None:
    with zmq.Context() as context, context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as other:
        one.bind("inproc://kvmsg")
        other.connect("inproc://kvmsg")
        KVMsg("/cities/paris", b"sunny", sequence=7, properties={"ttl": "10"}).send(one)
        for part in other.recv_multipart():
            print(part)


if __name__ == "__main__":
    main()
