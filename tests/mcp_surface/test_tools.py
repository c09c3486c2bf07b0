"""Tools: every operation is one, and answers what the operation answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcp_surface.results import answer, problem
from mcp_surface.script import STEPS, play, steady
from mcp_surface.serving import at_http, at_stdio, played, served
from vigyc.service.runtime import Runtime
from vigyc.surfaces.mcp.tools import TOOLS, listed
from vigyc.surfaces.wire.caller import Caller, Role
from vigyc.surfaces.wire.door import LocalDoor
from vigyc.surfaces.wire.table import OPERATIONS

THE_ORIGINAL = {
    "vigy_register": {"name", "program", "tick_interval_ms", "enabled", "labels"},
    "vigy_list": {"label_selector", "limit"},
    "vigy_inspect": {"id"},
    "vigy_tick": {"id"},
    "vigy_enable": {"id"},
    "vigy_disable": {"id"},
    "vigy_delete": {"id"},
}


def test_every_operation_is_one_tool() -> None:
    assert sorted(tool.operation.name for tool in TOOLS.values()) == sorted(OPERATIONS)


def test_the_script_calls_every_tool() -> None:
    assert {tool for tool, _ in STEPS} == TOOLS.keys()


@pytest.mark.parametrize("name", THE_ORIGINAL)
def test_the_originals_tools_take_what_they_took(name: str) -> None:
    schema = TOOLS[name].operation.schema
    assert THE_ORIGINAL[name] <= schema["properties"].keys()
    assert set(schema["required"]) == ({"name", "program"} if name == "vigy_register" else THE_ORIGINAL[name] & {"id"})


@pytest.mark.parametrize("tool", listed(Role.ADMIN), ids=lambda tool: tool.name)
def test_a_tool_says_what_it_is(tool: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(tool.input_schema)
    jsonschema.Draft202012Validator.check_schema(tool.output_schema)
    assert tool.input_schema["additionalProperties"] is False
    assert len(tool.description) > 20
    assert all("description" in argument for argument in tool.input_schema["properties"].values())
    role = TOOLS[tool.name].operation.role
    assert not (tool.annotations.read_only_hint and tool.annotations.destructive_hint)
    if role is Role.READ:
        assert tool.annotations.read_only_hint


def test_hints_of_some_tools() -> None:
    hints = {tool.name: tool.annotations for tool in listed(Role.ADMIN)}
    assert hints["vigy_delete"].destructive_hint
    assert hints["vigy_delete"].idempotent_hint
    assert hints["vigy_dry_run"].read_only_hint
    assert hints["vigy_tick"].open_world_hint
    assert not hints["vigy_tick"].idempotent_hint
    assert not hints["vigy_register"].destructive_hint
    assert hints["vigy_kv_set"].idempotent_hint


def test_every_tool_answers_what_its_operation_answers(tmp_path: Path) -> None:
    async def through_mcp(url: str) -> Any:
        async with at_http(url) as client:
            return await play(lambda tool, given: answer(client, tool, **given))

    with Runtime.open(tmp_path / "a.db") as runtime, served(runtime) as url:
        runtime.enhance.start()
        heard = played(lambda: through_mcp(url))
    with Runtime.open(tmp_path / "b.db") as runtime:
        runtime.enhance.start()
        door = LocalDoor(runtime, Caller("tester", Role.ADMIN))

        async def at_the_door(tool: str, given: dict[str, Any]) -> Any:
            return await asyncio.to_thread(door.perform, TOOLS[tool].operation.name, given)

        expected = played(lambda: play(at_the_door))
    for (tool, told), (_, plain) in zip(heard, expected, strict=True):
        if tool == "vigy_check":
            assert told.pop("rendered")
        if tool == "vigy_list":
            assert told["vigies"] == plain["items"]
            assert told["total"] == 1
        elif tool == "vigy_delete":
            assert told == {"deleted": True, "vigy": plain}
        elif isinstance(plain, list):
            assert list(told.values()) == [plain], tool
        else:
            assert told == plain, tool


def test_reading_the_same_store_gives_the_same_json(tmp_path: Path) -> None:
    async def story(url: str, door: LocalDoor) -> None:
        async with at_http(url) as client:
            for tool, given in [
                ("vigy_get", {"id": "v"}),
                ("vigy_run", {"run": run.id}),
                ("vigy_standing", {"id": "v"}),
            ]:
                assert await answer(client, tool, **given) == door.perform(TOOLS[tool].operation.name, given)

    with Runtime.open(tmp_path / "a.db") as runtime, served(runtime) as url:
        runtime.register('(vigy-log "info" "x") (vigy-noop)', name="v", enabled=False)
        run = runtime.tick("v")
        played(lambda: story(url, LocalDoor(runtime)))


def test_a_result_of_megabytes(tmp_path: Path) -> None:
    big = {f"key {number}": "ü" * 1000 for number in range(2000)}

    async def story() -> None:
        async with at_stdio(tmp_path / "store.db") as client:
            await answer(client, "vigy_register", name="big", program="(vigy-noop)", enabled=False)
            await answer(client, "vigy_kv_replace", id="big", entries=big)
            entries = (await answer(client, "vigy_kv_list", id="big"))["entries"]
            assert {entry["key"]: entry["value"] for entry in entries} == big

    played(story)


def test_looking_goes_on_while_a_slow_tick_runs(tmp_path: Path) -> None:
    slow = "(define (f n) (if (> n 0) (f (- n 1)) n)) (f 9000000000)"

    async def story(url: str) -> None:
        async with at_http(url) as one, at_http(url, mode="legacy") as other:
            await answer(one, "vigy_register", name="slow", program=slow, enabled=False, deadline_ms=2000)
            ticks = [asyncio.create_task(answer(client, "vigy_tick", id="slow")) for client in (one, other)]
            for _ in range(5):
                looks = [answer(client, "vigy_get", id="slow") for client in (one, other) for _ in range(5)]
                assert len(await asyncio.gather(*looks)) == 10
            assert not all(tick.done() for tick in ticks)
            runs = await asyncio.gather(*ticks)
            assert len({run["id"] for run in runs}) == 2

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        played(lambda: story(url))


def test_fifty_calls_at_once_on_one_connection(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_stdio(tmp_path / "store.db") as client:
            await answer(client, "vigy_register", name="v", program="(vigy-noop)", enabled=False)
            keys = [f"k{number}" for number in range(50)]
            await asyncio.gather(*(answer(client, "vigy_kv_set", id="v", key=key, value=key) for key in keys))
            found = (await answer(client, "vigy_kv_list", id="v"))["entries"]
            assert sorted(entry["value"] for entry in found) == sorted(keys)

    played(story)


def test_a_fault_of_ours_tells_nothing_of_its_insides(tmp_path: Path) -> None:
    async def story(url: str) -> None:
        async with at_http(url) as client:
            found = await problem(client, "vigy_get", id="x")
            assert found["kind"] in {"internal", "conflict", "store-unavailable"}
            assert "Traceback" not in found["detail"]

    runtime = Runtime.open(tmp_path / "store.db")
    with served(runtime) as url:
        runtime.close()
        played(lambda: story(url))


def test_steady_forgets_only_what_varies() -> None:
    assert steady({"at": 3, "n": 3, "id": "x", "name": "x"}) == {"at": "int", "n": 3, "id": "str", "name": "x"}
