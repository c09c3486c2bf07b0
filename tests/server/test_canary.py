"""T7: secrets that programs and policies hold, and everything that every surface answers: not one is found there.

A text that is no secret goes the same ways and is found in each, so the ways lead somewhere.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest
from mcp.client.client import Client as McpClient
from mcp.client.streamable_http import streamable_http_client

from grpc_surface.calling import Client as GrpcClient
from surfaces import transports
from surfaces.house import PATIENCE, House
from surfaces.script import Told
from vigyc.model.epoch import Epoch
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.serving import GrpcServer
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import HttpServer
from vigyc.surfaces.server.tokens import Tokens
from vigyc.surfaces.wire.table import OPERATIONS

PLAIN = "plain0f3c5a7e91d2"
CANARIES = {name: f"{name}0canary0{os.urandom(8).hex()}" for name in ("kept", "set", "header", "variable")}
POLICY = """
base = "."
grants = ["secret:*", "env:CANARY_PLAIN", "net:127.0.0.1:9", "print", "log"]
[secrets]
kept = "file:kept.txt"
set = "env:CANARY_SET"
[mcp.far]
url = "http://127.0.0.1:9/mcp"
headers = {{ Authorization = "Bearer {header}" }}
[mcp.near]
command = ["true"]
env = {{ TOKEN = "{variable}" }}
"""
PROGRAM = """
(define s SECRET)
(define (attempt thunk)
  (try (thunk) (catch (e) (begin (vigy-trace :error e) (println e) (vigy-set "error" (pr-str e))))))
(attempt (lambda () (vigy-set "k" (list s))))
(attempt (lambda () (vigy-set "text" (pr-str s))))
(attempt (lambda () (vigy-set s 1)))
(attempt (lambda () (vigy-log "info" (pr-str s))))
(attempt (lambda () (vigy-log "warn" s)))
(attempt (lambda () (println s (list s) (hash-map :k s))))
(attempt (lambda () (vigy-trace :found (string-append "Bearer " s))))
(attempt (lambda () (vigy-metric (pr-str s) 1)))
(attempt (lambda () (vigy-metric s 1)))
(attempt (lambda () (vigy-event (pr-str s) "x")))
(attempt (lambda () (vigy-emit :custom s)))
(attempt (lambda () (vigy-desired "d" s)))
(attempt (lambda () (vigy-observed "o" (pr-str s))))
(attempt (lambda () (vigy-condition "Ready" "True" "reason" (pr-str s))))
(attempt (lambda () (vigy-apply (hash-map :token s))))
(attempt (lambda () (http-get "http://127.0.0.1:9/" (hash-map :headers (hash-map "authorization" s)))))
(attempt (lambda () (http-get (string-append "http://" s "/"))))
(attempt (lambda () (+ 1 s)))
END
"""
FAILS = {"thrown": '(throw (ex-info "no" (list :token s)))', "mistyped": "(string-length s)", "ends": "s"}
SHAPES = {
    "id": "ID", "run": "RUN", "key": "k", "number": 1, "old": 1, "new": 1, "program": "(vigy-noop)",
    "effect": "secret-get", "vigy": "ID", "limit": 100, "setting": "quick", "timeout_ms": 1000,
}  # fmt: skip
ASKED = [
    name for name, each in OPERATIONS.items()
    if each.role.word == "read" or name in {"tick_vigy", "dry_run_vigy", "replay_run", "verify_candidate"}
]  # fmt: skip
WAYS = {
    "REST": transports.over_rest, "gRPC": transports.over_grpc, "GraphQL": transports.over_graphql,
    "MCP": transports.over_mcp,
}  # fmt: skip
PAGES = (
    "/", "/metrics", "/healthz", "/healthz?vigy=kept-thrown", "/readyz", "/livez", "/openapi.json", "/session",
    "/swagger", "/v1/notices?limit=1000", "/v1/runs?limit=1000", "/v1/nowhere",
)  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("CANARY_SET", CANARIES["set"])
    monkeypatch.setenv("CANARY_PLAIN", PLAIN)
    (tmp_path / "kept.txt").write_text(CANARIES["kept"], "ascii")
    (tmp_path / "kept.txt").chmod(0o600)
    (tmp_path / "policy.toml").write_text(POLICY.format(**CANARIES), "ascii")
    tokens = Tokens()
    with Runtime.open(tmp_path / "vigy.db", policy=tmp_path / "policy.toml", cache=False) as runtime:
        http = HttpServer(runtime, ServerSettings(http="127.0.0.1:0", mcp=True), tokens)
        far = GrpcServer(runtime, "127.0.0.1:0", tokens.authenticate)
        try:
            url = http.start().url
            assert url is not None
            yield House(runtime, url.rstrip("/"), far.start(), {"admin": tokens.named("admin").token})
        finally:
            far.stop(1)
            http.stop(1)


def registered(runtime: Runtime) -> list[str]:
    """The names of vigies that hold a secret each, and one that holds none."""
    given = {"plain": '(env-get "CANARY_PLAIN")'}
    given |= {name: f'(ok-value (secret-get "{name}"))' for name in ("kept", "set")}
    names = []
    for secret, failure in (("plain", "ends"), ("plain", "thrown"), *zip(("kept", "set", "kept"), FAILS, strict=True)):
        names.append(f"{secret}-{failure}")
        text = PROGRAM.replace("SECRET", given[secret]).replace("END", FAILS[failure])
        runtime.register(text, name=names[-1], enabled=False)
    runtime.enhance.put_setting("quick", {"settle_ticks": 2, "replays": 2})
    return names


def enhanced(runtime: Runtime, vigy: str) -> Epoch:
    """An epoch of the vigy, which was verified, with all that it holds and tells."""
    known = runtime.get(vigy)
    patch = {"source": known.program + "\n(vigy-noop)\n"}
    issue = runtime.enhance.submit(vigy, "say so", proposal=patch, setting="quick").issue
    runtime.enhance.drain()
    (found,) = runtime.enhance.log(issue=issue.id)
    return found


def answers(house: House, names: list[str]) -> Iterator[tuple[str, str]]:
    """Everything that operations answer, by the way they were asked."""
    for way, over in WAYS.items():
        with over(house, house.admin) as ask:
            for name in names:
                run = ask("tick_vigy", {"id": name})
                epoch = enhanced(house.runtime, name)
                places = {**SHAPES, "id": run["vigy_id"], "vigy": run["vigy_id"], "run": run["id"],
                          "epoch": epoch.id, "issue": epoch.issue_id}  # fmt: skip
                yield way, json.dumps(run)
                for operation in ASKED:
                    known = {argument.name for argument in OPERATIONS[operation].arguments}
                    wanted = {each for each in known if each in places} - (
                        {"limit"} if operation == "list_runs" else set()
                    )
                    try:
                        yield way, json.dumps(ask(operation, {each: places[each] for each in sorted(wanted)}))
                    except Told as told:
                        yield way, json.dumps(told.problem)


def pages(house: House, names: list[str]) -> Iterator[tuple[str, str]]:
    """What is read over HTTP besides."""
    headers = {"authorization": f"Bearer {house.admin}"}
    with httpx2.Client(base_url=house.url, headers=headers, timeout=PATIENCE, trust_env=False) as http:
        for path in PAGES:
            yield path, http.get(path).text
        for number, name in enumerate(names):
            with http.stream("GET", "/v1/events", params={"after": 0, "vigy": name}) as stream:
                heard = stream.iter_text()
                text = next(heard)
                while "event: run" not in text:
                    text += next(heard)
                yield "SSE", text
            if number == 0:
                yield "/swagger.js", http.get("/swagger/page.js").text


def streamed(house: House) -> Iterator[tuple[str, str]]:
    """What gRPC's streams tell of all that happened."""
    with grpc.insecure_channel(house.grpc, [("grpc.use_local_subchannel_pool", 1)]) as channel:
        client = GrpcClient(channel, house.admin)
        for method, many in (("StreamEvents", 36), ("Watch", 45)):
            with client.stream(method, {"after": 0}) as stream:
                yield method, str(stream.take(many))


def resources(house: House) -> list[tuple[str, str]]:
    """Every resource that MCP has."""

    async def read() -> list[tuple[str, str]]:
        async with (
            httpx2.AsyncClient(
                headers={"authorization": f"Bearer {house.admin}"}, timeout=PATIENCE, trust_env=False
            ) as http,
            McpClient(streamable_http_client(f"{house.url}/mcp", http_client=http)) as client,
        ):
            listed = await client.list_resources()
            found = [("resources", listed.model_dump_json())]
            for each in listed.resources:
                found.append(("resource", (await client.read_resource(each.uri)).model_dump_json()))
            return found

    return asyncio.run(read())


def spellings(core: str) -> list[str]:
    """How it may be written."""
    data = core.encode()
    return [core, core[::-1], core.upper(), data.hex(), *(
        base64.b64encode(b"\0" * shift + data).decode()[4:-4] for shift in range(3)
    )]  # fmt: skip


@contextmanager
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG):
        yield


def test_t7_no_surface_tells_a_secret(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    names = registered(house.runtime)
    said: list[tuple[str, str]] = []
    with everything_logged(caplog):
        said += answers(house, names)
        said += pages(house, names)
        said += streamed(house)
        said += resources(house)
    out, err = capfd.readouterr()
    said += [("log", caplog.text), ("stdout", out), ("stderr", err)]
    found: dict[str, set[str]] = {}
    for way, text in said:
        for name, core in {**CANARIES, "plain": PLAIN, "token": house.admin}.items():
            if any(each in text for each in spellings(core)):
                found.setdefault(name, set()).add(way)
    assert found.pop("plain") >= {*WAYS, "SSE", "StreamEvents", "Watch", "resource", "/v1/notices?limit=1000"}
    assert found == {}


def test_the_policy_names_what_it_does_not_tell(house: House) -> None:
    registered(house.runtime)
    with transports.over_rest(house, house.admin) as ask:
        told: Any = ask("get_policy", {"id": "kept-ends"})
    assert set(told["servers"]) == {"far", "near"}
    assert "kept" in json.dumps(told["secrets"])
