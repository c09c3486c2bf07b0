"""Every way to a runtime as one function: from the name of an operation and its arguments to its answer, or `Told`.

Each speaks its own protocol with its own client, and then its answer is put into the form that the operation has. What
a failure looks like on each is checked against the one table of failures.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

import grpc
import httpx2
from mcp.client.client import Client as McpClient
from mcp.client.streamable_http import streamable_http_client

from grpc_surface.calling import path as method_path
from grpc_surface.calling import problem_of
from mcp_surface.results import told
from surfaces import graph
from surfaces.house import PATIENCE, House
from surfaces.methods import asked, asked_async
from surfaces.script import KINDS, Ask, Told
from vigyc.lang.errors import VigycError
from vigyc.surfaces.client.async_client import AsyncClient
from vigyc.surfaces.client.client import Client
from vigyc.surfaces.grpc.schema import METHODS, kind_of
from vigyc.surfaces.grpc.servicer import OPERATION_OF
from vigyc.surfaces.grpc.translation import read, written
from vigyc.surfaces.mcp.tools import TOOLS
from vigyc.surfaces.wire.caller import Caller, Role
from vigyc.surfaces.wire.door import LocalDoor
from vigyc.surfaces.wire.failure import problem_of as problem_of_error
from vigyc.surfaces.wire.table import OPERATIONS

METHOD_OF = {operation: method for method, operation in OPERATION_OF.items()}
TOOL_OF = {tool.operation.name: name for name, tool in TOOLS.items()}
DELETED = {"deleted": True}


@contextmanager
def over_door(house: House, token: str | None) -> Iterator[Ask]:
    """The runtime itself."""
    role = next((Role[word.upper()] for word, known in house.tokens.items() if known == token), Role.READ)
    door = LocalDoor(house.runtime, Caller(role.word, role))

    def ask(name: str, data: dict[str, Any]) -> Any:
        try:
            answer = door.perform(name, data)
        except VigycError as error:
            raise Told(problem_of_error(error), type(error).__name__) from error
        return DELETED if name == "delete_vigy" else answer

    yield ask


@contextmanager
def over_rest(house: House, token: str | None) -> Iterator[Ask]:
    """HTTP as it comes."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=house.url, headers=headers, timeout=PATIENCE, trust_env=False) as http:
        yield lambda name, data: _of_rest(http, name, dict(data))


def _of_rest(http: httpx2.Client, name: str, data: dict[str, Any]) -> Any:
    method, route = OPERATIONS[name].route
    parts = [quote(str(data.pop(part[1:-1])), safe="") if part[:1] == "{" else part for part in route.split("/")]
    if method in {"GET", "DELETE"}:
        fields = {key: str(value).lower() if isinstance(value, bool) else value for key, value in data.items()}
        response = http.request(method, "/".join(parts), params=fields)
    else:
        response = http.request(method, "/".join(parts), json=data)
    if not response.is_success:
        problem = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        assert response.status_code == problem["status"] == KINDS[problem["kind"]].status
        raise Told(problem, response.status_code)
    if name == "delete_vigy":
        assert (response.status_code, response.content) == (204, b"")
        return DELETED
    if name == "list_vigies":
        return {"items": response.json(), "total": int(response.headers["x-total-count"])}
    return response.json()


@contextmanager
def over_grpc(house: House, token: str | None) -> Iterator[Ask]:
    """Messages of `spec/vigy.proto` through a channel."""
    metadata = () if token is None else (("authorization", f"Bearer {token}"),)
    with grpc.insecure_channel(house.grpc, [("grpc.use_local_subchannel_pool", 1)]) as channel:
        yield lambda name, data: _of_grpc(channel, metadata, name, data)


def _of_grpc(channel: grpc.Channel, metadata: Any, name: str, data: dict[str, Any]) -> Any:
    method = METHOD_OF[name]
    request = written(kind_of(METHODS[method].input_type)(), data)
    answer_kind = kind_of(METHODS[method].output_type)
    call = channel.unary_unary(method_path(method), lambda sent: sent.SerializeToString(), answer_kind.FromString)
    try:
        answer = read(call(request, timeout=PATIENCE, metadata=metadata))
    except grpc.RpcError as error:
        problem = problem_of(error)
        if error.code().name != KINDS[problem["kind"]].grpc:
            raise
        raise Told(problem, error.code().name) from error
    if name == "list_vigies":
        return {"items": answer.get("items", []), "total": answer["total"]}
    if name in _LISTS:
        (field,) = answer_kind.DESCRIPTOR.fields_by_name
        return answer.get(field, [])
    return {
        "delete_vigy": lambda: {"deleted": answer["deleted"]},
        "dry_run_vigy": lambda: _dry_run(**answer),
        "get_policy": lambda: answer["policy"],
        "get_stats": lambda: answer["stats"],
    }.get(name, lambda: answer)()


def _dry_run(run: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {**rest, **{key: value for key, value in run.items() if key not in {"id", "seq"}}}


_LISTS = {
    "list_runs", "list_versions", "list_kv", "next_ticks", "audit_vigies", "list_notices", "list_denials",
    "list_issues", "list_epochs", "list_enhance_settings",
}  # fmt: skip


@contextmanager
def over_graphql(house: House, token: str | None) -> Iterator[Ask]:
    """A document for each operation, which asks for all there is of its answer."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    with httpx2.Client(headers=headers, timeout=PATIENCE, trust_env=False) as http:

        def ask(name: str, data: dict[str, Any]) -> Any:
            asked = graph.document(name, data)
            response = http.post(f"{house.url}/graphql", json={"query": asked.text, "variables": asked.variables})
            answer = response.json()
            for error in answer.get("errors", ()):
                problem = error["extensions"]
                failure = KINDS[problem["kind"]]
                assert problem["code"] == failure.kind.upper().replace("-", "_")
                assert (problem["status"], problem["detail"]) == (failure.status, error["message"])
                raise Told(problem, problem["code"])
            try:
                return graph.answer(name, data, answer["data"])
            except graph.Nothing:
                raise Told({"kind": "not-found"}, None) from None

        yield ask


@contextmanager
def over_mcp(house: House, token: str | None) -> Iterator[Ask]:
    """Tools, called in a session of the SDK's client over streamable HTTP."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    with asyncio.Runner() as runner:
        http = httpx2.AsyncClient(headers=headers, timeout=PATIENCE, trust_env=False)
        client = McpClient(streamable_http_client(f"{house.url}/mcp", http_client=http), cache=None)
        session = _Held(runner, client)
        try:
            yield lambda name, data: _of_mcp(session, name, data)
        finally:
            session.end()
            runner.run(http.aclose())


class _Held:
    """A session whose end is in the task that began it, as the SDK has it; called from outside its loop."""

    def __init__(self, runner: asyncio.Runner, client: McpClient) -> None:
        self._runner = runner
        self._asked: asyncio.Queue[Any] = asyncio.Queue()
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        self._task = runner.get_loop().create_task(self._serve(client))

    async def _serve(self, client: McpClient) -> None:
        async with client as session:
            while (asked := await self._asked.get()) is not None:
                await self._told.put(await session.call_tool(*asked))

    async def _call(self, tool: str, data: dict[str, Any]) -> Any:
        await self._asked.put((tool, data))
        answer = asyncio.ensure_future(self._told.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            self._task.result()
        return answer.result()

    def call(self, tool: str, data: dict[str, Any]) -> Any:
        return self._runner.run(self._call(tool, data))

    async def _end(self) -> None:
        await self._asked.put(None)
        await asyncio.wait({self._task})

    def end(self) -> None:
        self._runner.run(self._end())


def _of_mcp(session: _Held, name: str, data: dict[str, Any]) -> Any:
    result = session.call(TOOL_OF[name], data)
    answer = result.structured_content
    assert json.loads(told(result)[-1]) == answer
    if result.is_error:
        assert told(result)[0].startswith(f"error[{answer['kind']}]: ")
        raise Told(answer, answer["kind"])
    if name == "list_vigies":
        return {"items": answer["vigies"], "total": answer["total"]}
    if name == "delete_vigy":
        return {"deleted": answer["deleted"]}
    holds = TOOLS[TOOL_OF[name]].holds
    return answer[holds] if holds else {key: value for key, value in answer.items() if key != "rendered"}


@contextmanager
def over_client(house: House, token: str | None) -> Iterator[Ask]:
    """`vigyc.Client`."""
    with Client.connect(house.url, token, timeout=PATIENCE) as client:

        def ask(name: str, data: dict[str, Any]) -> Any:
            try:
                return asked(client, name, data)
            except VigycError as error:
                raise Told(problem_of_error(error), type(error).__name__) from error

        yield ask


@contextmanager
def over_async_client(house: House, token: str | None) -> Iterator[Ask]:
    """`vigyc.AsyncClient`."""
    with asyncio.Runner() as runner:
        client = AsyncClient.connect(house.url, token, timeout=PATIENCE)

        def ask(name: str, data: dict[str, Any]) -> Any:
            try:
                return runner.run(asked_async(client, name, data))
            except VigycError as error:
                raise Told(problem_of_error(error), type(error).__name__) from error

        yield ask
        runner.run(client.close())


Way = Callable[[House, str | None], AbstractContextManager[Ask]]

WAYS: dict[str, Way] = {
    "rest": over_rest,
    "grpc": over_grpc,
    "graphql": over_graphql,
    "mcp": over_mcp,
    "client": over_client,
    "async_client": over_async_client,
}
"""What is compared with the runtime itself."""
