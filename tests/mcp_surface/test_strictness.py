"""What is not as it must be is refused, by its place; where the original let it pass, the test's name says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from mcp_surface.results import answer, problem
from mcp_surface.serving import at_http, at_stdio, played, served
from vigyc.service.runtime import Runtime

REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("vigy_register", {"program": "1"}, "invalid", "register_vigy.name: it is missing"),
    ("vigy_register", {"name": "a"}, "invalid", "register_vigy.program: it is missing"),
    ("vigy_register", {"name": "a", "program": 7}, "invalid", "register_vigy.program"),
    ("vigy_register", {"name": "", "program": "1"}, "invalid", "name"),
    ("vigy_register", {"name": "a", "program": "1", "tick_interval_ms": -5}, "invalid", "tick_interval_ms"),
    ("vigy_register", {"name": "a", "program": "1", "tick_interval_ms": 1.5}, "invalid", "tick_interval_ms"),
    ("vigy_register", {"name": "a", "program": "1", "labels": []}, "invalid", "labels"),
    ("vigy_register", {"name": "a", "program": "1", "colour": "red"}, "invalid", "there is no argument 'colour'"),
    ("vigy_register", {"name": "a", "program": "1", "enable": True}, "invalid", "did you mean 'enabled'?"),
    ("vigy_inspect", {}, "invalid", "inspect_vigy.id: it is missing"),
    ("vigy_inspect", {"id": None}, "invalid", "inspect_vigy.id: it is missing"),
    ("vigy_inspect", {"id": ["one"]}, "invalid", "inspect_vigy.id"),
    ("vigy_inspect", {"id": "nobody"}, "not-found", "nobody"),
    ("vigy_tick", {"id": "nobody"}, "not-found", "nobody"),
    ("vigy_runs", {"results": "failed"}, "invalid", "list_runs.results"),
    ("vigy_runs", {"results": ["bad"]}, "invalid", "list_runs.results"),
    ("vigy_run", {"run": "nothing"}, "not-found", "nothing"),
    ("vigy_kv_set", {"id": "one", "key": "k"}, "invalid", "set_kv.value: it is missing"),
    ("vigy_kv_set", {"id": "one", "key": "__sys::tick_count", "value": 1}, "*", "__sys"),
    ("vigy_list", {"label_selector": "=="}, "invalid", "=="),
    ("vigy_list", {"cursor": "rubbish"}, "invalid", "cursor"),
    ("vigy_list", {"phase": "asleep"}, "invalid", "list_vigies.phase"),
    ("vigy_health", {"verbose": True}, "invalid", "there is no argument 'verbose'"),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Runtime.open(tmp_path_factory.mktemp("strict") / "store.db") as runtime, served(runtime) as address:
        runtime.register("(vigy-noop)", name="one", enabled=False)
        yield address


def _refused(url: str, tool: str, given: dict[str, Any]) -> Any:
    async def story() -> Any:
        async with at_http(url) as client:
            return await problem(client, tool, **given)

    return played(story)


@pytest.mark.parametrize(("tool", "given", "kind", "said"), REFUSED, ids=lambda part: str(part)[:40])
def test_refused(url: str, tool: str, given: dict[str, Any], kind: str, said: str) -> None:
    found = _refused(url, tool, given)
    assert kind in {"*", found["kind"]}
    assert said in found["detail"]


def test_the_original_took_an_interval_of_a_wrong_type_as_its_default(url: str) -> None:
    found = _refused(url, "vigy_register", {"name": "a", "program": "1", "tick_interval_ms": [1]})
    assert "register_vigy.tick_interval_ms" in found["detail"]


def test_the_original_took_enabled_of_a_wrong_type_as_true(url: str) -> None:
    found = _refused(url, "vigy_register", {"name": "a", "program": "1", "enabled": "no"})
    assert "register_vigy.enabled" in found["detail"]


def test_the_original_took_a_limit_of_a_wrong_type_as_none(url: str) -> None:
    assert "list_vigies.limit" in _refused(url, "vigy_list", {"limit": "ten"})["detail"]


def test_the_original_dropped_labels_that_were_no_text(url: str) -> None:
    found = _refused(url, "vigy_register", {"name": "a", "program": "1", "labels": {"team": 7}})
    assert "register_vigy.labels.team" in found["detail"]


def test_the_original_answered_a_missing_vigy_with_deleted_false(url: str) -> None:
    assert _refused(url, "vigy_delete", {"id": "nobody"})["kind"] == "not-found"


def test_the_original_said_unknown_vigy_mcp_tool(url: str) -> None:
    async def story() -> None:
        async with at_http(url) as client:
            with pytest.raises(MCPError) as caught:
                await client.call_tool("vigy_nope", {})
            assert (caught.value.code, caught.value.message) == (-32602, "Unknown tool: vigy_nope")
            assert (await answer(client, "vigy_get", id="one"))["name"] == "one"

    played(story)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_text_that_is_no_program_has_its_findings_and_shows_them(tmp_path: Path, mode: str) -> None:
    async def story() -> None:
        async with at_stdio(tmp_path / "store.db", mode=mode) as client:
            result = await client.call_tool("vigy_register", {"name": "x", "program": "(a\n (b"})
            assert result.is_error
            assert result.structured_content["findings"]
            text = result.content[0].text  # type: ignore[union-attr]
            assert "error[not-a-program]: " in text
            assert "\n  |\n" in text or "^" in text

    played(story)
