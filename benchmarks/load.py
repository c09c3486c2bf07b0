"""From an address to how fast it answers: a process of its own that asks for one page over many kept connections.

    python benchmarks/load.py HOST PORT PATH TOKEN CONNECTIONS SECONDS

prints a JSON object: requests a second, and the latency's p50 and p99 in ms. Any answer but 200 ends it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter


class Asker(asyncio.Protocol):
    """One connection, on which a request follows the answer to the one before."""

    def __init__(self, request: bytes, until: float, took: list[float], ended: asyncio.Future[None]) -> None:
        self.request = request
        self.until = until
        self.took = took
        self.ended = ended
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.asked = perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or len(body) < self.length(head):
            return
        self.buffer = b""
        now = perf_counter()
        self.took.append((now - self.asked) * 1000)
        if now < self.until:
            self.ask()
        else:
            self.transport.close()

    def length(self, head: bytes) -> int:
        if not head.startswith(b"HTTP/1.1 200"):
            self.ended.set_exception(RuntimeError(head.decode()))
            raise RuntimeError(head.decode())
        _, _, rest = head.lower().partition(b"content-length:")
        return int(rest.partition(b"\r\n")[0])

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


async def load(host: str, port: int, path: str, token: str, connections: int, seconds: float) -> dict[str, float]:
    """Ask over `connections` connections for `seconds`."""
    loop = asyncio.get_running_loop()
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}:{port}", f"Authorization: Bearer {token}", "", "")
    request = "\r\n".join(lines).encode()
    took: list[float] = []
    ends = [loop.create_future() for _ in range(connections)]
    start = perf_counter()
    for end in ends:
        await loop.create_connection(lambda end=end: Asker(request, start + seconds, took, end), host, port)
    await asyncio.gather(*ends)
    took.sort()
    rate = len(took) / (perf_counter() - start)
    return {"rate": rate, "p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100], "requests": len(took)}


if __name__ == "__main__":
    host, port, path, token, connections, seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(load(host, int(port), path, token, int(connections), float(seconds)))))
