"""Last value cache: who subscribes to a topic gets its last message at once. (SUB, XPUB)

    pathopub  XPUB :5556 ───▶ SUB  lvcache  XPUB :5557 ───▶ SUB  pathosub

python examples/guide/lvcache.py [UPSTREAM [ENDPOINT]]      default: tcp://localhost:5556 tcp://*:5557

Start pathopub.py, and pathosub.py as often as you like. XPUB receives subscriptions as messages, a byte 1 and the
topic; XPUB_VERBOSE makes it receive those that others had before, too.
"""

import sys

import purezmq as zmq


def main(upstream: str = "tcp://localhost:5556", endpoint: str = "tcp://*:5557") -> None:
    with (
        zmq.Context() as context,
        context.socket(zmq.SUB) as publisher,
        context.socket(zmq.XPUB) as subscribers,
    ):
        publisher.subscribe("")
        publisher.connect(upstream)
        subscribers.xpub_verbose = 1
        subscribers.bind(endpoint)
        print(f"Listening on {subscribers.get_string(zmq.LAST_ENDPOINT)}")

        cache: dict[bytes, list[bytes]] = {}
        poller = zmq.Poller()
        poller.register(publisher, zmq.POLLIN)
        poller.register(subscribers, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if publisher in ready:
                message = publisher.recv_multipart()
                if not cache:
                    print("The first news has come")
                cache[message[0]] = message
                subscribers.send_multipart(message)
            if subscribers in ready:
                event = subscribers.recv()
                topic = event[1:]
                if event[:1] == b"\1" and topic in cache:
                    print(f"Sending the last news on {topic.decode()}")
                    subscribers.send_multipart(cache[topic])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
