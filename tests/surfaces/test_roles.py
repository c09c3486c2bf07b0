"""Who may do what is the same on every transport, and so is what is said to who may not."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import httpx2
import pytest

from grpc_surface.calling import problem_of
from surfaces.house import House, house
from surfaces.script import KINDS, Told
from surfaces.transports import WAYS, over_grpc
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.table import OPERATIONS

HTTP = {"rest": "/v1/vigies", "graphql": "/graphql", "mcp": "/mcp"}
ARGUMENTS = {
    "id": "one", "name": "x", "program": "(vigy-noop)", "run": "1", "index": 0, "status": "ok", "number": 1, "old": 1,
    "new": 1, "key": "k", "value": 1, "entries": {}, "effect": "fs.read",
    "vigy": "one", "intent": "better", "issue": "1", "setting": "default", "fields": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    with house() as found:
        found.runtime.register("(vigy-noop)", name="one", enabled=False)
        yield found


@pytest.mark.parametrize("role", [Role.READ, Role.OPERATE], ids=lambda role: role.word)
@pytest.mark.parametrize("way", WAYS)
def test_what_takes_more_than_ones_role_is_refused(served: House, way: str, role: Role) -> None:
    above = [operation for operation in OPERATIONS.values() if operation.role > role]
    assert above
    with WAYS[way](served, served.tokens[role.word]) as ask:
        for operation in above:
            given = {each.name: ARGUMENTS[each.name] for each in operation.arguments if each.name in ARGUMENTS}
            if operation.name in {"verify_candidate", "submit_issue"}:
                given.pop("setting")
            if operation.name != "register_vigy":
                given.pop("name", None)
            if operation.name not in {"get_kv", "set_kv", "delete_kv"}:
                given.pop("key", None)
            with pytest.raises(Told) as told:
                ask(operation.name, given)
            assert told.value.problem["kind"] == "not-allowed", operation.name
            detail = told.value.problem["detail"]
            assert detail == (
                f"{operation.name} takes the role {operation.role.word}, and {role.word!r} has the role {role.word}"
            )
    assert [vigy.name for vigy in served.runtime.list()] == ["one"]


@pytest.mark.parametrize("token", [None, "vgy_wrong"])
@pytest.mark.parametrize("way", HTTP)
def test_over_http_nobody_gets_in_without_a_token(served: House, way: str, token: str | None) -> None:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    for method in ("GET", "POST", "DELETE"):
        refused = httpx2.request(method, served.url + HTTP[way], headers=headers, trust_env=False)
        problem = refused.json()
        assert problem["kind"] == "unauthenticated"
        assert (refused.status_code, problem["status"]) == (KINDS["unauthenticated"].status,) * 2
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "vgy_wrong" not in refused.text


@pytest.mark.parametrize("token", [None, "vgy_wrong"])
def test_over_grpc_nobody_gets_in_without_a_token(served: House, token: str | None) -> None:
    with over_grpc(served, token) as ask, pytest.raises(Told) as told:
        ask("list_vigies", {})
    assert told.value.code == KINDS["unauthenticated"].grpc == grpc.StatusCode.UNAUTHENTICATED.name
    assert problem_of(told.value.__cause__)["kind"] == "unauthenticated"  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["client", "async_client"])
def test_a_client_is_told_how_to_get_a_token(served: House, way: str) -> None:
    with WAYS[way](served, "vgy_wrong") as ask, pytest.raises(Told) as told:
        ask("list_vigies", {})
    assert told.value.problem["kind"] == "unauthenticated"
    assert "`vigyc token show admin`" in told.value.problem["detail"]
