"""Many vigies: the page never loads them all, and is there at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from web.programs import BROKEN
from web.site import Site

MANY = 2_000


@pytest.fixture
def crowd(site: Site) -> Site:
    for number in range(MANY):
        site.runtime.register("(vigy-noop)", name=f"vigy-{number:05}", enabled=False)
    return site


def test_many_vigies_are_paged_by_the_server(crowd: Site, visit: Callable[..., Page]) -> None:
    broken = crowd.register("broken", BROKEN)
    crowd.runtime.tick(broken)
    page = visit()
    rows = page.locator("main tr[data-key]")
    expect(rows).to_have_count(50)
    expect(page.get_by_text("1–50 of 2,001 vigies")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("51–100 of 2,001 vigies")).to_be_visible()
    expect(rows.first).to_contain_text("vigy-00049")
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_text("1–50 of 2,001 vigies")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("vigy-00000")
    expect(page.get_by_role("list", name="What happens now")).to_contain_text("division by zero")
    page.get_by_label("Search vigies").fill("vigy-01234")
    expect(rows).to_have_count(1)
    page.locator(".count", has_text=re.compile("all")).click()
    page.get_by_label("Search vigies").fill("")
    expect(page.get_by_text("1–50 of 2,001 vigies")).to_be_visible()
    page.reload()
    expect(rows).to_have_count(50)
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < 1_000, "the bar and the frame of the page are there before any data"
    answers = "performance.getEntriesByType('resource').filter(each => each.name.includes('/v1/vigies'))"
    assert max(page.evaluate(f"{answers}.map(each => each.decodedBodySize)")) < 100_000
