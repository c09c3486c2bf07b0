"""From the HTTP client of the MCP SDK (httpx2, asyncio) to connections that keep to the grants as our own do.

    async_client(policy, gate, seconds=30, most=limits.body_bytes, headers={...})

is for `mcp.client.streamable_http.streamable_http_client(url, http_client=...)`. Each request is allowed by its URL, as
`client.send` has it; the connection goes to an address that was judged, with the name in SNI and Host. No redirect is
followed, no proxy used, no coded body taken, and no answer (a stream of events neither) is longer than `most` bytes.
The judge is asked on the event loop's thread: a `Gate`, or what speaks for one. What it raises comes out of the client.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Protocol

import httpcore2
import httpx2
from anyio import to_thread

from vigyc.effects.decision import Decision
from vigyc.effects.network.link import trust
from vigyc.effects.network.reach import reach
from vigyc.effects.policy import Policy
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import Target


class Judge(Protocol):
    """What allows a URL and counts refusals: a gate."""

    def allow(self, kind: str, value: Any) -> Any:
        """The target `value` is; raises if it is refused."""

    def refuse(self, decision: Decision) -> Exception:
        """What to raise for a refusal."""


def async_client(
    policy: Policy, judge: Judge, *, seconds: float, most: int, headers: Mapping[str, str]
) -> httpx2.AsyncClient:
    """A client for servers that `policy` grants; each wait of it ends after `seconds`."""
    return httpx2.AsyncClient(
        transport=PinnedTransport(policy, judge, most),
        headers={**headers, "accept-encoding": "identity"},
        timeout=seconds,
        trust_env=False,
        follow_redirects=False,
    )


class PinnedTransport(httpx2.AsyncBaseTransport):
    """Requests over connections to judged addresses."""

    def __init__(self, policy: Policy, judge: Judge, most: int) -> None:
        self._judge = judge
        self._most = most
        self._backend = _Pinned(policy, judge)
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=trust(policy.ca), network_backend=self._backend)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer to `request`. Raises httpx2.TransportError, and what the judge raises."""
        target: Target = self._judge.allow("net", str(request.url))
        self._backend.targets[target.host, target.port] = target
        names = {b"host", b"accept-encoding"}
        headers = [(name, value) for name, value in request.headers.raw if name.lower() not in names]
        ours = [(b"Host", target.authority.encode()), (b"Accept-Encoding", b"identity")]
        url = httpcore2.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        try:
            answer = await self._pool.handle_async_request(
                httpcore2.Request(
                    request.method, url, headers=ours + headers, content=request.stream, extensions=request.extensions
                )
            )
        except _FAILURES as error:
            raise _failure(error) from error
        found = httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer, self._most))
        if found.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise httpx2.ReadError(f"{target.place} sends a coded body, which was not asked for")
        return found

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connections to where the targets are."""

    def __init__(self, policy: Policy, judge: Judge) -> None:
        self.targets: dict[tuple[str, int], Target] = {}
        self._policy = policy
        self._judge = judge
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first address of `host` that takes one."""
        most = self._policy.limits.connect_ms / 1000
        seconds = most if timeout is None else min(most, timeout)
        found = await to_thread.run_sync(reach, self._policy, self.targets[host, port], seconds)
        if not found.decision.allowed:
            raise self._judge.refuse(found.decision)
        trouble: Exception = httpcore2.ConnectError("there is no address")
        for address in found.addresses:
            try:
                return await self._inner.connect_tcp(address, port, seconds)
            except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
                trouble = error
        raise trouble


class _Body(httpx2.AsyncByteStream):
    """The body of `answer`, at most `most` bytes."""

    def __init__(self, answer: httpcore2.Response, most: int) -> None:
        self._answer = answer
        self._left = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._answer.aiter_stream():
                self._left -= len(part)
                if self._left < 0:
                    raise httpx2.ReadError("the body is above the limit")
                yield part
        except _FAILURES as error:
            raise _failure(error) from error

    async def aclose(self) -> None:
        await self._answer.aclose()


_FAILURES = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, EffectFailed)


def _failure(error: Exception) -> httpx2.TransportError:
    """`error` as the SDK knows it."""
    if isinstance(error, EffectFailed):
        return (httpx2.ConnectTimeout if error.tag == "timeout" else httpx2.ConnectError)(error.message)
    kind: type[httpx2.TransportError] = getattr(httpx2, type(error).__name__, httpx2.TransportError)
    return kind(str(error))
