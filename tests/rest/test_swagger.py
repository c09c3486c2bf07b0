"""Swagger UI, from the package alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser import launched
from rest.serving import Served


def test_its_files_are_cacheable(rest: Served) -> None:
    page = rest.get("/swagger")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "unsafe-eval" not in page.headers["content-security-policy"]
    named = re.findall('(?:src|href)="(/swagger/[^"]+)"', page.body.decode())
    assert len(named) == 4
    for path in named:
        got = rest.get(path)
        assert got.status == 200
        assert rest.get(path, if_none_match=got.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "path", ["/swagger/", "/swagger/x", "/swagger/..%2Froutes.py", "/swagger/swagger.html", "/swagger/a/b"]
)
def test_nothing_else_is_there(rest: Served, path: str) -> None:
    assert rest.get(path).status == 404


@contextmanager
def browser() -> Iterator[Page]:
    with launched() as chromium:
        yield chromium.new_page()


def test_an_operation_can_be_tried_in_a_browser(rest: Served) -> None:
    rest.register("counter")
    strangers: list[str] = []
    errors: list[str] = []
    with browser() as page:
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((rest.url, "data:", "blob:")) else strangers.append(asked.url),
        )
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{rest.url}/swagger")
        expect(page.get_by_role("heading", name="vigy REST API").last).to_be_visible(timeout=60_000)
        row = page.locator("#operations-looking-listVigies")
        row.locator(".opblock-summary-control").click()
        row.get_by_role("button", name="Try it out").click()
        row.get_by_role("button", name="Execute").click()
        expect(row.locator(".live-responses-table tr.response .response-col_status").first).to_contain_text(
            "200", timeout=60_000
        )
        expect(row.locator(".live-responses-table")).to_contain_text("counter")
    assert not strangers
    assert not errors


def test_without_a_session_it_asks_for_a_token(rest: Served) -> None:
    asked: list[dict[str, Any]] = []
    with browser() as page:

        def answer(route: Any) -> None:
            asked.append(route.request.headers)
            if "authorization" in route.request.headers:
                route.continue_()
            else:
                route.fulfill(status=401, content_type="application/problem+json", body="{}")

        page.route("**/openapi.json", answer)
        page.goto(f"{rest.url}/swagger")
        page.get_by_label("Token").fill("the-token")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#operations-looking-getVigy")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("button", name="Authorize").first).to_be_visible()
    assert asked[-1]["authorization"] == "Bearer the-token"
