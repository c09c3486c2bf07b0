"""From the URL of an MCP server to a client for it, which outlives the call that made it and goes nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from vigyc.effects.agents.mcp_stdio import Streams
from vigyc.effects.decision import Decision
from vigyc.effects.network.transport import async_client
from vigyc.effects.policy import Policy
from vigyc.effects.scopes.host import Target


@asynccontextmanager
async def http(policy: Policy, target: Target, headers: Mapping[str, str]) -> AsyncIterator[Streams]:
    """The streams of the server at `target`; an answer has at most as many bytes as a body may have."""
    limits = policy.limits
    client = async_client(
        policy, Standing(policy, target), seconds=limits.request_ms / 1000, most=limits.body_bytes, headers=headers
    )
    async with client, streamable_http_client(target.url, http_client=client) as streams:
        yield streams


class Standing:
    """Decides, in place of gates that come and go, about the requests of a client to the origin of `target`."""

    def __init__(self, policy: Policy, target: Target) -> None:
        self._policy = policy
        self._target = target

    def allow(self, kind: str, value: Any) -> Any:
        """The target `value` is. Raises httpx2.ConnectError."""
        judged = self._policy.judge(kind, value)
        if not judged.decision.allowed or judged.resource.origin != self._target.origin:
            raise httpx2.ConnectError(f"it leads away from {self._target.place}")
        return judged.resource

    def refuse(self, decision: Decision) -> Exception:
        """What to raise for a refusal."""
        return httpx2.ConnectError(f"{decision.resource}: {decision.rule}")
