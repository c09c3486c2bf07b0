"""Servers on 127.0.0.1 that say what a test wants them to, byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import trustme

Answer = Callable[["Asked"], bytes]


class Asked:
    """A request as it came: its first line, headers by lower-case name, body; `say` sends, `wait` idles."""

    def __init__(self, connection: socket.socket, stopped: threading.Event) -> None:
        self._connection = connection
        self._stopped = stopped
        data = b""
        while b"\r\n\r\n" not in data:
            got = connection.recv(65536)
            if not got:
                raise ConnectionError
            data += got
            if data.startswith(b"\x16"):
                connection.sendall(b"HTTP/1.1 400 This is not TLS\r\n\r\n")
                raise ConnectionError
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.method, self.path, _ = first.split(" ")
        pairs = [line.partition(": ") for line in lines]
        self.names = [name.lower() for name, _, _ in pairs]
        self.headers = {name.lower(): value for name, _, value in pairs}
        while len(body) < int(self.headers.get("content-length", 0)):
            body += connection.recv(65536)
        self.body = body

    def say(self, data: bytes) -> None:
        self._connection.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Whether to go on after so long."""
        return not self._stopped.wait(seconds)


class Loopback:
    """A server that answers each connection once with what `answer` gives; `asked` are the requests."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        self._answer = answer
        self._context = context
        self._stopped = threading.Event()
        self._listening = socket.create_server((address, 0))
        self._threads: list[threading.Thread] = []
        self.port: int = self._listening.getsockname()[1]
        self.asked: list[Asked] = []
        self.connections = 0
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            if self._stopped.is_set():
                connection.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                asked = Asked(connection, self._stopped)
                self.asked.append(asked)
                connection.sendall(self._answer(asked))
                if isinstance(connection, ssl.SSLSocket):
                    self.finish(connection)

    def finish(self, connection: ssl.SSLSocket) -> None:
        connection.unwrap()

    def close(self) -> None:
        self._stopped.set()
        with suppress(OSError), socket.create_connection(self._listening.getsockname(), 1):
            pass
        self._accepting.join()
        self._listening.close()
        for thread in self._threads:
            thread.join()


def answer(
    body: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None, length: int | None = None
) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str, status: int = 302, body: bytes = b"moved") -> bytes:
    return answer(body, status, {"Location": location})


Serve = Callable[..., Loopback]


@contextmanager
def serving() -> Iterator[Serve]:
    """What makes servers, of what they answer (`bytes` always the same) and a TLS context; closed in the end."""
    opened: list[Loopback] = []

    def serve(given: bytes | Answer, context: ssl.SSLContext | None = None) -> Loopback:
        opened.append(Loopback((lambda _: given) if isinstance(given, bytes) else given, context))
        return opened[-1]

    yield serve
    for each in opened:
        each.close()


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for `names`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(made)
    return made


def url(server: Loopback, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{server.port}{path}"
