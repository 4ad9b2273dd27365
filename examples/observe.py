"""See what happens to a socket's connections, and what it has counted; start a publisher when its readers are there.

python examples/observe.py
"""

import purezmq as zmq


def main() -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as publisher:
        # Iterated here when all is over. In a thread, or in a task, the iterator waits for the next event.
        with publisher.monitor_events() as events:
            publisher.bind("tcp://127.0.0.1:*")
            readers = [subscribe(context, publisher) for _ in range(3)]
            publisher.wait_for_subscribers("news", count=len(readers), timeout=5000)
            publisher.send(b"news: nobody came too late")
            for reader in readers:
                print("Read", reader.recv().decode())
                reader.close()
        for event in events:
            print(event.event.name, event.endpoint, event.reason)
        stats = publisher.stats()
        print("Sent", stats["messages_out"], "messages to", stats["connections"], "readers")


def subscribe(context: zmq.Context, publisher: zmq.Socket) -> zmq.Socket:
    reader = context.socket(zmq.SUB)
    reader.rcvtimeo = 5000
    reader.subscribe("news")
    reader.connect(publisher.last_endpoint.decode())
    return reader


if __name__ == "__main__":
    main()
