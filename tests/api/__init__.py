"""The public API, beside PyZMQ's: what is PyZMQ's behaviour is tested on both."""
