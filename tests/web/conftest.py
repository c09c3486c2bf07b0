"""A real browser, one for all tests of a file; every page it opens is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from browser import launched
from web.site import Site, served

PATIENCE_MS = 15_000


class Watched:
    """What a page did that it must not: errors, refusals of its policy, requests to elsewhere."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.allowed: list[str] = []  # parts of messages that a test means to cause

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(part in message.text for part in self.allowed):
            self.faults.append(f"{message.type}: {message.text} ({message.location['url']})")

    def asked(self, request: Request, home: str) -> None:
        if not request.url.startswith((home, "blob:", "data:")):
            self.faults.append(f"external request: {request.url}")


class Visitor:
    """Opens pages of a site."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self.site = site
        self.watched = Watched()

    def page(self, **options: object) -> Page:
        """A page of a browser with no cookie."""
        context = self._browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", self.watched.heard)
        page.on("pageerror", lambda error: self.watched.faults.append(f"page error: {error}"))
        page.on("request", lambda request: self.watched.asked(request, self.site.url))
        return page

    def entered(self, path: str = "/", **options: object) -> Page:
        """A page of somebody who is logged in, at `path` of the dashboard."""
        page = self.page(**options)
        page.goto(self.site.link())
        page.wait_for_selector("main .page")
        if path != "/":
            page.evaluate("path => { location.hash = path }", "#" + path)
            page.wait_for_selector("main .page")
        return page

    def logged_in(self, token: str) -> Page:
        """A page of somebody who has shown `token`."""
        self.watched.allowed.append("401")  # what is asked before that
        page = self.page()
        page.goto(self.site.url)
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_selector("main .page")
        return page

    def leave(self) -> None:
        for context in list(self._browser.contexts):
            context.close()


@pytest.fixture(scope="module")  # while it is there no other event loop can be had, which other rooms need
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with launched() as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as found:
        yield found


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    visitor = Visitor(browser, site)
    yield visitor.entered
    visitor.leave()
    assert visitor.watched.faults == []


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    visitor = Visitor(browser, site)
    yield visitor
    visitor.leave()
    assert visitor.watched.faults == []
