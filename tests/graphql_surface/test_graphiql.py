"""GraphiQL in a real browser: from here only, without errors, with queries and subscriptions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser import launched
from graphql_surface.served import serving
from vigyc.service.runtime import Runtime

WAIT_MS = 30_000


@pytest.fixture
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


def test_graphiql(browser: Browser) -> None:
    with Runtime.open() as runtime, serving(runtime, always="admin") as served:
        runtime.register("(vigy-noop)", name="seen-in-graphiql", every="1h")
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(served.url)
        page.get_by_role("button", name="Execute query").wait_for(timeout=WAIT_MS)
        page.locator(".graphiql-query-editor .CodeMirror-code").click()
        page.keyboard.press("Control+Home")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+Enter")
        page.locator(".result-window", has_text="seen-in-graphiql").wait_for(timeout=WAIT_MS)
        page.locator(".graphiql-query-editor .CodeMirror-code").click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text("subscription { notices(after: 0) { kind vigyId } }")
        page.wait_for_timeout(1000)  # the editor reads what was written only after a pause, and shows nothing of it
        page.keyboard.press("Control+Enter")
        page.locator(".result-window", has_text="REGISTERED").wait_for(timeout=WAIT_MS)
        runtime.disable("seen-in-graphiql")
        page.locator(".result-window", has_text="DISABLED").wait_for(timeout=WAIT_MS)
        page.get_by_role("button", name="Stop query").click()
        page.get_by_role("button", name="Show Documentation Explorer").click()
        page.locator(".graphiql-doc-explorer", has_text="Subscription").wait_for(timeout=WAIT_MS)
        assert said == []
        assert all(url.startswith((served.url, "data:")) for url in asked), asked
        page.close()
