"""Many topics, seldom news: a publisher for which late subscribers are a problem. (XPUB)

    pathopub  XPUB :5556 ───▶ SUB  pathosub                            misses what was published before it came
    pathopub  XPUB :5556 ───▶ SUB  lvcache  XPUB :5557 ───▶ SUB  pathosub      gets the last value at once

python examples/guide/pathopub.py [ENDPOINT [SECONDS]]      default: tcp://*:5556 1

With the first subscription it publishes each of a thousand topics once, and then a random one every SECONDS: so who
subscribes to one of them later waits for a quarter of an hour. lvcache.py, between the two, remembers the last message
of each topic.
"""

import random
import sys
import time

import purezmq as zmq

TOPICS = 1000


def main(endpoint: str = "tcp://*:5556", seconds: str = "1") -> None:
    with zmq.Context() as context, context.socket(zmq.XPUB) as publisher:
        publisher.bind(endpoint)
        print(f"Listening on {publisher.get_string(zmq.LAST_ENDPOINT)}")
        publisher.recv()  # XPUB: a PUB that receives the subscriptions
        for topic in range(TOPICS):
            publisher.send_multipart([b"%03d" % topic, b"first news"])
        print(f"Published the first news on {TOPICS} topics")
        while True:
            time.sleep(float(seconds))
            publisher.send_multipart([b"%03d" % random.randrange(TOPICS), b"later news"])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
