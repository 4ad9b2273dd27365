"""Weather updates, the client: follow one zip code, and work out its mean temperature. (SUB)

    wuserver  PUB :5556 ──── "10001 17 62" ───▶ SUB  wuclient, any number of them

python examples/guide/wuclient.py [ZIP_CODE [UPDATES [ENDPOINT]]]      default: 10001 20 tcp://localhost:5556

A subscription is a prefix of the message, so it ends with a space here: "10001 ". Zip codes go up to 10050.
Without a subscription a SUB socket receives nothing.
"""

import sys

import purezmq as zmq


def main(zip_code: str = "10001", updates: str = "20", endpoint: str = "tcp://localhost:5556") -> None:
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        subscriber.subscribe(f"{zip_code} ")
        subscriber.connect(endpoint)
        print(f"Collecting {updates} updates about {zip_code} from {endpoint}")

        temperatures: list[int] = []
        while len(temperatures) < int(updates):
            where, temperature, humidity = subscriber.recv_string().split()
            print(f"{where}: {temperature} °C, {humidity} % humidity")
            temperatures.append(int(temperature))
        print(f"Mean temperature at {zip_code}: {sum(temperatures) / len(temperatures):.1f} °C")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("Stopped")
