"""A SOCKS 5 proxy that follows a script: what it heard is kept, and what it answers may be wrong."""

import select
import socket
import threading

NO_PASSWORD = b"\x05\x00"
CONNECTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"

_SIZES = {1: 4, 4: 16}


class Proxy:
    """Serves one connection at a time, in a thread. Each script is a function of (proxy, stream).

    The first connection goes by the first script, and so on; when they are used up, by the last for ever.
    """

    def __init__(self, *scripts, host="127.0.0.1"):
        self._scripts = list(scripts)
        self._host = host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, 0), family=family)
        self._bell, self._rope = socket.socketpair()
        self.heard = []  # whole questions of all clients
        self.problem = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def address(self):
        """What SOCKS_PROXY is set to."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._listening.getsockname()[1]}"

    def close(self):
        self._rope.close()
        self._thread.join(10)
        self._bell.close()
        self._listening.close()
        assert not self._thread.is_alive()
        assert self.problem is None, self.problem

    def _run(self):
        try:
            while self.wait(self._listening):
                stream, _ = self._listening.accept()
                script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
                with stream:
                    try:
                        script(self, stream)
                    except (OSError, EOFError):  # the client has gone, or the proxy is closed
                        pass
        except BaseException as problem:  # for close() to tell
            self.problem = problem

    def wait(self, *streams):
        """Return those that can be read; none: the proxy is to end."""
        ready = select.select([self._bell, *streams], [], [])[0]
        return [] if self._bell in ready else ready

    def read(self, stream, size):
        """Return so many bytes of a stream. Raises EOFError."""
        data = b""
        while len(data) < size:
            piece = stream.recv(size - len(data)) if self.wait(stream) else b""
            if not piece:
                raise EOFError
            data += piece
        return data

    def hear_methods(self, stream):
        """Hear which methods the client offers."""
        head = self.read(stream, 2)
        self.heard.append(head + self.read(stream, head[1]))

    def hear_login(self, stream):
        """Hear the user's name and password."""
        head = self.read(stream, 2)
        name = self.read(stream, head[1] + 1)
        self.heard.append(head + name + self.read(stream, name[-1]))

    def hear_request(self, stream):
        """Hear where the client wants to go; return the port."""
        head = self.read(stream, 4)
        if head[3] == 3:
            head += self.read(stream, 1)
        address = self.read(stream, head[4] if head[3] == 3 else _SIZES[head[3]])
        port = self.read(stream, 2)
        self.heard.append(head + address + port)
        return int.from_bytes(port, "big")

    def carry(self, stream, port):
        """Connect to this port of this machine, whatever the host, and pass on all that comes."""
        with socket.create_connection(("127.0.0.1", port)) as far:
            stream.sendall(CONNECTED)
            while True:
                ready = self.wait(stream, far)
                if not ready:
                    return
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    (far if one is stream else stream).sendall(data)

    def linger(self, stream):
        """Say nothing until the client hangs up."""
        self.read(stream, 1 << 30)


def serve(proxy, stream):
    """Do what a proxy does."""
    proxy.hear_methods(stream)
    stream.sendall(NO_PASSWORD)
    proxy.carry(stream, proxy.hear_request(stream))


def serve_users(proxy, stream):
    """Do what a proxy with passwords does."""
    proxy.hear_methods(stream)
    stream.sendall(b"\x05\x02")
    proxy.hear_login(stream)
    stream.sendall(b"\x01\x00")
    proxy.carry(stream, proxy.hear_request(stream))


def answering(answer, *, login=b""):
    """Make a script that answers this to the request; with login, that to the password, and then hangs up."""

    def script(proxy, stream):
        proxy.hear_methods(stream)
        stream.sendall(b"\x05\x02" if login else NO_PASSWORD)
        if login:
            proxy.hear_login(stream)
            stream.sendall(login)
        else:
            proxy.hear_request(stream)
            stream.sendall(answer)

    return script


def saying(answer):
    """Make a script that answers this to the greeting, and then hangs up."""

    def script(proxy, stream):
        proxy.hear_methods(stream)
        stream.sendall(answer)

    return script


def silent(proxy, stream):
    """Never answer."""
    proxy.linger(stream)
