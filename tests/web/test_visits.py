"""A visitor in a real browser: coming in, looking around, and what is never allowed to happen on the way."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from web.conftest import Visitor
from web.programs import BROKEN, COUNT, SCALE
from web.site import Site


def test_a_link_lets_in_once(visitor: Visitor) -> None:
    link = visitor.site.link()
    page = visitor.page()
    page.goto(link)
    expect(page.get_by_role("heading", name="Vigies", exact=True)).to_be_visible()
    expect(page.locator("#tools")).to_contain_text("admin")
    assert page.url == visitor.site.url + "#/" or page.url == visitor.site.url

    visitor.watched.allowed.append("401")
    other = visitor.page()
    other.goto(link)
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()
    expect(other.get_by_text("That link does not let in any more")).to_be_visible()
    other.get_by_label("Token").fill(visitor.site.token())
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("heading", name="Vigies", exact=True)).to_be_visible()
    assert "expired" not in other.url


def test_a_token_lets_in_and_a_wrong_one_does_not(visitor: Visitor) -> None:
    visitor.watched.allowed.append("401")
    page = visitor.page()
    page.goto(visitor.site.url)
    expect(page.get_by_text("vigyc token show")).to_be_visible()
    page.get_by_label("Token").fill("vgy_wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not a token")
    page.get_by_label("Token").fill(visitor.site.token())
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Nothing is registered")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_the_overview_shows_ticks_as_they_happen(visit: Callable[..., Page], site: Site) -> None:
    counted = site.register("counted", COUNT)
    page = visit()
    row = page.get_by_role("row", name=re.compile("counted"))
    expect(row).to_contain_text("never")
    site.runtime.tick(counted)
    expect(row).to_contain_text("ok")
    expect(page.get_by_role("list", name="What happens now")).to_contain_text("tick 1")
    expect(page.locator(".uplot canvas").first).to_be_visible()


def test_the_overview_shows_what_happened_before_it_was_opened(visit: Callable[..., Page], site: Site) -> None:
    site.runtime.tick(site.register("counted", COUNT))
    page = visit()
    expect(page.get_by_role("list", name="What happens now")).to_contain_text("tick 1")


def test_what_needs_attention_comes_first(visit: Callable[..., Page], site: Site) -> None:
    site.register("aaa-fine", COUNT)
    site.runtime.tick(site.register("zzz-broken", BROKEN, every="10m", enabled=True))
    page = visit()
    expect(page.locator("main tr[data-key]").first).to_contain_text("zzz-broken")
    page.get_by_label("Sort by").select_option("name")
    expect(page.locator("main tr[data-key]").first).to_contain_text("aaa-fine")
    page.locator(".count", has_text="failing").click()
    expect(page.locator("main tr[data-key]")).to_have_count(1)
    assert "failing=true" in page.url
    page.get_by_label("Search vigies").fill("nothing like it")
    expect(page.get_by_text("No vigy matches.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("main tr[data-key]")).to_have_count(2)


def test_every_tab_has_an_address_and_the_way_back_works(visit: Callable[..., Page], site: Site) -> None:
    scale = site.register("scale", SCALE)
    site.runtime.tick(scale)
    page = visit(f"/vigies/{scale}")
    expected = {
        "KV": "running",
        "Runs": "Durations",
        "Program": "(define wanted",
        "Versions": "ticks now",
        "Issues": "Nobody wants its program changed",
        "Python": "def program(host)",
        "Policy": "Nothing is granted",
        "Explain": "disabled",
        "State": "Desired against observed",
    }
    for tab, text in expected.items():
        page.get_by_role("tab", name=tab).click()
        expect(page.locator("#tab-panel")).to_contain_text(text)
        assert page.url.endswith("/" + tab.lower())
    expect(page.get_by_role("row", name=re.compile("replicas"))).to_contain_text("differs")
    page.go_back()
    expect(page.get_by_role("tab", name="Explain")).to_have_attribute("aria-selected", "true")
    page.reload()
    expect(page.get_by_role("tab", name="Explain")).to_have_attribute("aria-selected", "true")


def test_a_run_tells_all_of_it(visit: Callable[..., Page], site: Site) -> None:
    scale = site.register("scale", SCALE)
    run = site.runtime.tick(scale)
    page = visit(f"/runs/{run.id}")
    main = page.locator("main")
    for text in ("update", "scaling from 0 to 1", "gap", "running", "replicas", "Scaling", "a request"):
        expect(main).to_contain_text(text)
    page.get_by_role("button", name="Resolve action 0 as skipped").click()
    expect(page.get_by_role("row", name=re.compile("update"))).to_contain_text("skipped")


def test_an_error_is_shown_in_its_program(visit: Callable[..., Page], site: Site) -> None:
    run = site.runtime.tick(site.register("broken", BROKEN))
    page = visit(f"/runs/{run.id}")
    expect(page.locator(".frame")).to_contain_text("2 |   (/ total parts))")
    expect(page.locator(".caret")).to_have_text("^" * len("(/ total parts)"))
    expect(page.locator("main")).to_contain_text("division by zero")


def test_what_is_not_there_says_so(visit: Callable[..., Page], visitor: Visitor) -> None:
    visitor.watched.allowed.append("404")
    page = visitor.entered("/")
    for path in ("/vigies/nobody", "/runs/none", "/nowhere"):
        page.evaluate("path => { location.hash = path }", "#" + path)
        expect(page.get_by_role("heading", name=re.compile("There is no such"))).to_be_visible()


def test_keys(visit: Callable[..., Page], site: Site) -> None:
    first = site.register("first", COUNT)
    site.register("second", COUNT)
    page = visit()
    expect(page.locator("main tr[data-key]")).to_have_count(2)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_label("Search vigies")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("tr:focus")).to_contain_text("first")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="first")).to_be_visible()
    assert first in page.url
    page.keyboard.press("2")
    expect(page.get_by_role("tab", name="KV")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("0")
    expect(page.get_by_role("tab", name="Settings")).to_have_attribute("aria-selected", "true")
    for keys, heading in (
        ("ge", "Events"),
        ("gd", "Denials"),
        ("gi", "Enhance"),
        ("n", "Register a vigy"),
    ):
        for key in keys:
            page.keyboard.press(key)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Vigies", exact=True)).to_be_visible()


def test_light_and_dark(visit: Callable[..., Page]) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    dark, light = visit(color_scheme="dark"), visit(color_scheme="light")
    night, day = dark.evaluate(background), light.evaluate(background)
    assert night != day
    light.keyboard.press("t")
    assert light.evaluate(background) == night
    light.reload()
    assert light.evaluate(background) == night
    light.get_by_role("button", name="Light or dark (t)").click()
    assert light.evaluate(background) == day


def test_a_narrow_screen_needs_no_sideways_scrolling(visit: Callable[..., Page], site: Site) -> None:
    scale = site.register("a-vigy-with-quite-a-long-name-" + "x" * 60, SCALE, labels={"team": "infra"})
    run = site.runtime.tick(scale)
    page = visit(viewport={"width": 400, "height": 800})
    expect(page.get_by_role("button", name="Log out")).to_be_in_viewport(ratio=1)
    issue = site.runtime.enhance.submit(scale, "x" * 300, author="y" * 100).issue
    site.runtime.enhance.pause("default", "z" * 200)
    tabs = ("state", "kv", "runs", "program", "versions", "issues", "python", "policy", "explain", "settings")
    for path in (
        "/",
        *(f"/vigies/{scale}/{tab}" for tab in tabs),
        f"/runs/{run.id}",
        "/events",
        "/denials",
        "/register",
        "/enhance",
        "/enhance/log",
        "/enhance/settings/default",
        "/issues/new",
        f"/issues/{issue.id}",
    ):
        page.evaluate("path => { location.hash = path }", "#" + path)
        page.wait_for_function(
            "path => location.hash === path && !document.querySelector('main[aria-busy]')", arg="#" + path
        )
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_a_label_leads_to_all_that_have_it(visit: Callable[..., Page], site: Site) -> None:
    site.register("one", COUNT, labels={"team": "db"})
    site.register("two", COUNT, labels={"team": "web"})
    page = visit()
    page.get_by_role("link", name="team=db").click()
    expect(page.locator("main tr[data-key]")).to_have_count(1)
    page.get_by_role("button", name="Only with team=db: show all").click()
    expect(page.locator("main tr[data-key]")).to_have_count(2)
