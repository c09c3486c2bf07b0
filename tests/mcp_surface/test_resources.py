"""Resources: vigies, programs, runs and the language's reference, listed, read, and told of when they change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from mcp_surface.results import answer
from mcp_surface.serving import at_http, at_stdio, played, served
from vigyc.effects.catalog import PACKS
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.runtime.library import NATIVES
from vigyc.service.runtime import Runtime
from vigyc.surfaces.mcp import pages
from vigyc.surfaces.wire.door import LocalDoor

PROGRAM = '(vigy-log "info" "ü") ; `ticks`\n(vigy-incr "n")\n'


def _over_http(tmp_path: Path, story: Callable[[Client, Runtime], Awaitable[None]], mode: str = "auto") -> None:
    async def connected(url: str, runtime: Runtime) -> None:
        async with at_http(url, mode=mode) as client:
            await story(client, runtime)

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        played(lambda: connected(url, runtime))


async def _text(client: Client, uri: str) -> tuple[str | None, str]:
    found = (await client.read_resource(uri)).contents
    assert len(found) == 1
    assert found[0].uri == uri
    return found[0].mime_type, found[0].text  # type: ignore[union-attr]


def test_what_stands_at_an_address(tmp_path: Path) -> None:
    async def story(client: Client, runtime: Runtime) -> None:
        vigy = runtime.register(PROGRAM, name="a b/ü", enabled=False).vigy
        run = runtime.tick(vigy.id)
        door = LocalDoor(runtime)
        for ref in (vigy.id, quote("a b/ü", safe="")):
            assert await _text(client, f"vigy://vigies/{ref}/program") == ("text/x-tatara", PROGRAM)
            mime, runs = await _text(client, f"vigy://vigies/{ref}/runs")
            assert (mime, json.loads(runs)) == ("application/json", door.perform("list_runs", {"vigy": vigy.id}))
            found = json.loads((await _text(client, f"vigy://vigies/{ref}"))[1])
            assert found["vigy"] == door.perform("get_vigy", {"id": vigy.id})
        assert json.loads((await _text(client, f"vigy://runs/{run.id}"))[1]) == door.perform("get_run", {"run": run.id})
        assert json.loads((await _text(client, "vigy://vigies"))[1])["total"] == 1

    _over_http(tmp_path, story)


@pytest.mark.parametrize(
    "uri",
    ["vigy://vigies/none", "vigy://vigies/none/program", "vigy://runs/none", "vigy://nothing", "http://example.com/",
     "vigy://reference/builtins/no-such", "vigy://reference/packs/no-such", "vigy://vigies/", "vigy://vigies/a/b/c"],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_what_does_not_exist_is_an_error_that_says_so(tmp_path: Path, uri: str, mode: str) -> None:
    async def story(client: Client, _: Runtime) -> None:
        with pytest.raises(MCPError) as caught:
            await client.read_resource(uri)
        assert caught.value.code == -32602
        assert caught.value.message.startswith("error[not-found]: ")
        assert caught.value.data["status"] == 404

    _over_http(tmp_path, story, mode)


def test_the_list_has_every_vigy_page_by_page(tmp_path: Path) -> None:
    async def story(client: Client, runtime: Runtime) -> None:
        wanted = {runtime.register(f"{n}", name=f"v{n}", enabled=False).vigy.id for n in range(230)}
        listed: list[str] = []
        cursor, pages_seen = None, 0
        while pages_seen == 0 or cursor is not None:
            page = await client.list_resources(cursor=cursor)
            listed += [resource.uri for resource in page.resources]
            cursor, pages_seen = page.next_cursor, pages_seen + 1
        assert pages_seen == 3
        assert len(set(listed)) == len(listed)
        assert {f"vigy://vigies/{vigy_id}/program" for vigy_id in wanted} <= set(listed)
        assert {"vigy://vigies", "vigy://reference/language", "vigy://reference/packs"} <= set(listed)
        with pytest.raises(MCPError, match="cursor"):
            await client.list_resources(cursor="rubbish")

    _over_http(tmp_path, story)


def test_every_listed_resource_can_be_read(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_stdio(tmp_path / "store.db") as client:
            await answer(client, "vigy_register", name="one", program=PROGRAM, enabled=False)
            for resource in (await client.list_resources()).resources:
                mime, text = await _text(client, resource.uri)
                assert mime == resource.mime_type
                assert text
            templates = {each.uri_template for each in (await client.list_resource_templates()).resource_templates}
            assert {"vigy://vigies/{id}/program", "vigy://runs/{run}", "vigy://reference/builtins/{name}"} <= templates

    played(story)


def test_the_reference_has_every_name() -> None:
    whole = pages.language() + pages.builtins()
    for name in [*SPECIAL_FORMS, *NATIVES, "vigy-rate-limited?", "when-let"]:
        assert pages.name(name).startswith(f"`({name}"), name
        assert f"`({name}" in whole.replace("\\|", "|"), name
    assert "time-now" in pages.name("time-now")
    assert all(f"**{pack}**" in pages.packs() for pack in PACKS)
    assert "```lisp" in pages.pack("fs")


async def _first(queue: asyncio.Queue[Any], wanted: str) -> None:
    while await queue.get() != wanted:
        pass


def test_a_client_that_listens_hears_of_changes(tmp_path: Path) -> None:
    async def story(client: Client, runtime: Runtime) -> None:
        vigy = runtime.register(PROGRAM, name="one", enabled=False).vigy
        heard: asyncio.Queue[Any] = asyncio.Queue()
        by_name, by_id = "vigy://vigies/one/runs", f"vigy://vigies/{vigy.id}"
        async with client.listen(resource_subscriptions=[by_name, by_id], resources_list_changed=True) as stream:

            async def listening() -> None:
                async for event in stream:
                    heard.put_nowait(getattr(event, "uri", "list"))

            task = asyncio.create_task(listening())
            await asyncio.to_thread(runtime.tick, "one")
            assert {await heard.get(), await heard.get()} == {by_name, by_id}
            await asyncio.to_thread(runtime.register, "2", name="two", enabled=False)
            await _first(heard, "list")
            task.cancel()

    _over_http(tmp_path, story)


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
def test_an_older_client_that_subscribes_hears_of_changes(tmp_path: Path) -> None:
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def hear(message: Any) -> None:
        if getattr(message, "method", "") == "notifications/resources/updated":
            heard.put_nowait(str(message.params.uri))

    async def story() -> None:
        async with at_stdio(tmp_path / "store.db", mode="legacy", message_handler=hear) as client:
            await answer(client, "vigy_register", name="one", program=PROGRAM, enabled=False)
            await client.subscribe_resource("vigy://vigies/one")
            await answer(client, "vigy_tick", id="one")
            assert await heard.get() == "vigy://vigies/one"
            await client.unsubscribe_resource("vigy://vigies/one")
            await client.subscribe_resource("vigy://vigies/one/runs")
            await answer(client, "vigy_tick", id="one")
            assert await heard.get() == "vigy://vigies/one/runs"

    played(story)


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
def test_no_session_hears_of_more_than_so_much(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_stdio(tmp_path / "store.db", mode="legacy") as client:
            with pytest.raises(MCPError, match="1000 characters"):
                await client.subscribe_resource("vigy://vigies/" + "a" * 1000)
            for number in range(256):
                await client.subscribe_resource(f"vigy://vigies/{number}")
            with pytest.raises(MCPError, match="256 resources"):
                await client.subscribe_resource("vigy://vigies/one-too-many")

    played(story)
