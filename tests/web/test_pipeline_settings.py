"""The settings of the enhance pipeline in the browser: looked at, edited as JSON, paused and resumed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from vigyc.service.settings import Settings
from web.conftest import Visitor
from web.site import Site, served


@pytest.fixture
def site() -> Iterator[Site]:
    """A site where no issue is worked off."""
    with served(settings=Settings(enhance_workers=0)) as found:
        yield found


def test_a_setting_is_paused_with_a_reason_and_resumed(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/enhance/settings")
    expect(page.get_by_role("row", name=re.compile("default"))).to_contain_text("built in")
    page.get_by_role("link", name="default").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Reason").fill("the moon is full")
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    note = page.locator(".paused")
    expect(note).to_contain_text("the moon is full")
    assert site.runtime.enhance.setting().paused == "the moon is full"
    page.get_by_role("tab", name="Queue").click()
    expect(note).to_contain_text("the moon is full")
    page.get_by_role("button", name="Resume default").click()
    expect(note).to_have_count(0)
    assert site.runtime.enhance.setting().paused is None
    site.runtime.enhance.pause("default", "by somebody else")
    expect(note).to_contain_text("by somebody else")


def test_a_setting_is_edited_and_only_what_was_changed_is_sent(visitor: Visitor, site: Site) -> None:
    visitor.watched.allowed.append("400")
    site.runtime.enhance.put_setting("default", {"replays": 7, "canary": {"shadow_ticks": 3}})
    page = visitor.entered("/enhance/settings/default")
    expect(page.get_by_role("region", name="default")).to_contain_text("3 ticks in shadow")
    page.get_by_role("button", name="Edit").click()
    text = page.get_by_label("Setting (JSON)")
    held = text.input_value()
    text.fill(held.replace('"ttl_ms": 120000', '"ttl_ms": 0'))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("ttl_ms: it must be from 1")
    text.fill(held.replace('"reads"', '"raeds"'))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("raeds")
    text.fill("{nonsense")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Not JSON")
    site.runtime.enhance.put_setting("default", {"repairs": 9})  # by somebody else meanwhile
    text.fill(re.sub(r'"canary": \{[^}]*\},?\s*', "", held).replace('"attempts": 3', '"attempts": 5'))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    now = site.runtime.enhance.setting()
    assert (now.attempts, now.replays, now.repairs, now.canary, now.ttl_ms) == (5, 7, 9, None, 120_000)
    expect(page.get_by_role("region", name="default")).to_contain_text('"attempts": 5')


def test_a_setting_is_made_and_deleted(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/enhance/settings")
    page.get_by_role("button", name="New setting").click()
    page.get_by_label("Name").fill("careful")
    text = page.get_by_label("Setting (JSON)")
    text.fill(text.input_value().replace('"attempts": 3', '"attempts": 1'))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="careful")).to_be_visible()
    assert site.runtime.enhance.setting("careful").attempts == 1
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row", name=re.compile("careful"))).to_have_count(0)
    assert [each.name for each in site.runtime.enhance.settings()] == ["default"]
