"""A newcomer's story, from a program with a mistake to a vigy that is repaired, over each transport and protocol."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from mcp.client.client import Client

from mcp_surface.results import answer, problem, told
from mcp_surface.serving import at_http, at_stdio, played, served
from vigyc.service.runtime import Runtime

BROKEN = '(vigy-log "info" (string-apend "a" "b"))'
UNREADABLE = '(vigy-log "info" "a"'
GOOD = '(vigy-log "info" (format "n is {}" (vigy-incr "n"))) (vigy-noop)'


async def _story(opened: AbstractAsyncContextManager[Client]) -> None:
    async with opened as client:
        found = await client.call_tool("vigy_check", {"program": BROKEN})
        assert found.structured_content["ok"] is False
        finding = found.structured_content["findings"][0]
        assert (finding["line"], finding["column"]) == (1, 19)
        assert "did you mean" in told(found)[0] or "string-append" in told(found)[0]
        assert found.structured_content["rendered"] == told(found)[0]
        assert "^^^^^^^^^^^^" in told(found)[0]

        refused = await problem(client, "vigy_register", name="mine", program=UNREADABLE)
        assert refused["kind"] == "not-a-program"
        assert refused["findings"][0]["line"] == 1

        made = await answer(client, "vigy_register", name="mine", program=GOOD, enabled=False)
        assert made["created"] is True
        ref = made["id"]
        assert (await answer(client, "vigy_dry_run", id="mine"))["changes"] == [{"key": "n", "after": 1}]
        run = await answer(client, "vigy_tick", id="mine")
        assert run["result"] == "ok"
        assert "disabled" in " ".join((await answer(client, "vigy_explain", id=ref))["sentences"])
        assert await answer(client, "vigy_kv_get", id=ref, key="n") == {"key": "n", "value": 1}

        await answer(client, "vigy_update", id=ref, program='(vigy-set "half" 1) (car 7)')
        failed = await answer(client, "vigy_tick", id=ref)
        assert failed["result"] == "failed"
        prompt = await client.get_prompt("repair_vigy", {"id": "mine"})
        text = prompt.messages[0].content.text  # type: ignore[union-attr]
        assert failed["id"] in text
        assert "(car 7)" in text
        assert failed["error"].split("\n")[0][:40] in text

        await answer(client, "vigy_update", id=ref, program=GOOD, note="repaired")
        assert (await answer(client, "vigy_tick", id=ref))["result"] == "ok"
        entries = (await answer(client, "vigy_kv_list", id=ref))["entries"]
        assert {"key": "n", "value": 2} in entries
        assert "half" not in [entry["key"] for entry in entries]
        await answer(client, "vigy_kv_set", id=ref, key="n", value=40)
        await answer(client, "vigy_tick", id=ref)
        assert (await answer(client, "vigy_kv_get", id=ref, key="n"))["value"] == 41
        versions = (await answer(client, "vigy_versions", id=ref))["versions"]
        assert [version["note"] for version in versions if "note" in version] == ["repaired"]
        gone = await answer(client, "vigy_delete", id=ref)
        assert gone["deleted"] is True
        assert (await answer(client, "vigy_list"))["vigies"] == []


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_newcomer_over_stdio(tmp_path: Path, mode: str) -> None:
    played(lambda: _story(at_stdio(tmp_path / "store.db", mode=mode)))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_newcomer_over_http(tmp_path: Path, mode: str) -> None:
    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        played(lambda: _story(at_http(url, mode=mode)))
