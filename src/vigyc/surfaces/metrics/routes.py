"""From requests of machines to answers: `/metrics` for Prometheus, `/livez`, `/readyz` and `/healthz` for who watches.

`/livez` and `/readyz` answer anybody and give nothing away; the others take a caller, as all that tells something does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from vigyc.lang.errors import Invalid
from vigyc.surfaces.metrics.exposition import VIGIES, Figures
from vigyc.surfaces.metrics.probes import Probes, Verdict
from vigyc.surfaces.wire.caller import SCOPE, Caller, Role, Unauthenticated, check_role
from vigyc.surfaces.wire.desk import Desk
from vigyc.surfaces.wire.failure import problem_of

Answer: TypeAlias = Callable[[Request], Awaitable[Response]]

OPENMETRICS: Final = "application/openmetrics-text"
_FRESH: Final = {"cache-control": "no-store"}


def routes(desk: Desk, vigies: int = VIGIES) -> list[BaseRoute]:
    """The four of them; up to `vigies` vigies have metrics of their own."""
    probes = Probes(desk.runtime)
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(Figures(desk.runtime, vigies))

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=_FRESH)

    async def readyz(_: Request) -> Response:
        return _answer(await asyncio.to_thread(probes.ready))

    async def healthz(request: Request) -> Response:
        asked = dict(request.query_params)
        if len(asked) < len(request.query_params.multi_items()):
            raise Invalid("healthz: an argument is given twice")
        return _answer(await asyncio.to_thread(probes.healthy, asked))

    async def metrics(request: Request) -> Response:
        text, kind = await asyncio.to_thread(_exposed, registry, request.headers.get("accept", ""))
        return Response(text, headers={"content-type": kind, **_FRESH})

    return [
        Route("/livez", livez),
        Route("/readyz", _told(readyz)),
        Route("/healthz", _told(_guarded(healthz))),
        Route("/metrics", _told(_guarded(metrics))),
    ]


def _exposed(registry: CollectorRegistry, accepted: str) -> tuple[bytes, str]:
    """The figures in the form that is `accepted`, and the name of the form."""
    if OPENMETRICS in accepted:
        return openmetrics.generate_latest(registry), openmetrics.CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


def _guarded(answer: Answer) -> Answer:
    async def checked(request: Request) -> Response:
        caller = request.scope.get(SCOPE)
        if not isinstance(caller, Caller):
            raise Unauthenticated(f"{request.url.path} takes a token")
        check_role(caller, Role.READ, request.url.path)
        return await answer(request)

    return checked


def _told(answer: Answer) -> Answer:
    """`answer`, with every error as a problem."""

    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except Exception as error:
            return _problem(problem_of(error))

    return told


def _answer(verdict: Verdict) -> Response:
    if verdict.well:
        return JSONResponse(verdict.told, headers=_FRESH)
    reasons = "; ".join(verdict.told.get("reasons", ())) or verdict.told["status"]
    return _problem(
        {
            "type": "urn:vigyc:error:unhealthy",
            "title": "It is not well",
            "detail": reasons,
            "kind": "unhealthy",
            **verdict.told,
            "health": verdict.told["status"],
            "status": 503,
        }
    )


def _problem(problem: dict[str, Any]) -> Response:
    return JSONResponse(problem, problem["status"], _FRESH, "application/problem+json")
