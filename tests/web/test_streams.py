"""What happens, as it happens: filters, holding, and a server that goes away and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from vigyc.effects.policy import Policy
from web.conftest import Visitor
from web.programs import BROKEN, COUNT, REFUSED
from web.site import Site, served


def test_events_through_filters(visit: Callable[..., Page], site: Site) -> None:
    counted, broken = site.register("counted", COUNT), site.register("broken", BROKEN)
    page = visit("/events")
    site.runtime.tick(counted)
    site.runtime.tick(broken)
    site.runtime.enable(counted)
    site.runtime.disable(counted)
    shown = page.get_by_role("list", name="Events").get_by_role("listitem")
    expect(shown.filter(has_text="about to divide")).to_have_count(1)
    expect(shown.filter(has_text="tick 1")).not_to_have_count(0)
    page.get_by_label("All kinds").select_option("enabled")
    expect(shown).to_have_count(1)
    page.get_by_label("All kinds").select_option("")
    page.get_by_label("Vigy", exact=True).fill("brok")
    expect(shown.filter(has_text="counted")).to_have_count(0)
    expect(shown.filter(has_text="division by zero")).to_have_count(1)
    page.get_by_label("Vigy", exact=True).fill("")
    page.get_by_label("All levels").select_option("warn")
    expect(shown).to_have_count(1)
    page.get_by_label("All levels").select_option("")
    page.get_by_label("Text", exact=True).fill("DIVISION")
    expect(shown).to_have_count(1)
    assert "text=DIVISION" in page.url
    page.get_by_label("Text", exact=True).fill("nothing like it")
    expect(page.get_by_text("Nothing of what came fits the filters.")).to_be_visible()


def test_events_are_held_and_go_on(visit: Callable[..., Page], site: Site) -> None:
    counted = site.register("counted", COUNT)
    page = visit("/events")
    shown = page.get_by_role("list", name="Events").get_by_role("listitem").filter(has_text=re.compile("tick \\d"))
    site.runtime.tick(counted)
    expect(shown).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    site.runtime.tick(counted)
    expect(page.get_by_text("paused · 1 waiting")).to_be_visible()
    expect(shown).to_have_count(1)
    page.get_by_role("button", name="Resume").click()
    expect(shown).to_have_count(2)


def test_denials_of_all_vigies(browser: Browser) -> None:
    with served(policy=Policy.of("fs.read:/srv")) as site:
        visitor = Visitor(browser, site)
        program = '(vigy-log "info" (format "{}" (fs-read (vigy-get "path" "/etc/hosts"))))'
        vigy = site.register("reader", program)
        page = visitor.entered("/denials")
        expect(page.get_by_text("refused nothing")).to_be_visible()
        site.runtime.tick(vigy)
        row = page.get_by_role("row", name=re.compile("fs-read"))
        expect(row).to_contain_text("reader")
        expect(row).to_contain_text("/etc/hosts")
        row.get_by_role("link", name="run").click()
        expect(page.get_by_role("region", name="Effects")).to_contain_text("denied")
        visitor.leave()
        assert visitor.watched.faults == []


def test_a_run_is_replayed(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "seen.txt").write_text("seen")
    with served(policy=Policy.of(f"fs.read:{tmp_path}")) as site:
        visitor = Visitor(browser, site)
        run = site.runtime.tick(site.register("reader", f'(vigy-set "found" (fs-read "{tmp_path}/seen.txt"))'))
        page = visitor.entered(f"/runs/{run.id}")
        expect(page.get_by_role("region", name="Effects")).to_contain_text("ok")
        (tmp_path / "seen.txt").unlink()
        page.get_by_role("button", name="Replay").click()
        expect(page.get_by_role("region", name="Replay")).to_contain_text("came to the same: ok")
        visitor.leave()
        assert visitor.watched.faults == []


def test_a_program_that_asks_for_more_than_is_granted_is_told_so_in_the_editor(visit: Callable[..., Page]) -> None:
    page = visit("/register")
    page.get_by_role("textbox", name="Program").fill(REFUSED)
    expect(page.locator(".finding")).to_contain_text("is not granted")


def test_the_server_goes_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    """The sessions of a server end with it; whoever had one is asked to log in again."""
    store = tmp_path / "store.db"
    with served(path=store) as site:
        visitor = Visitor(browser, site)
        visitor.watched.allowed += ["Failed to load resource", "ERR_"]
        site.register("counted", COUNT)
        page = visitor.entered()
        expect(page.get_by_role("row", name=re.compile("counted"))).to_be_visible()
        address = site.url.removeprefix("http://").rstrip("/")
    expect(page.locator("#banner")).to_be_visible()
    page.evaluate("location.hash = '/denials'")  # a page that cannot be shown comes by itself, too
    expect(page.get_by_role("heading", name="It did not work")).to_be_visible()
    with served(address, path=store) as site:
        expect(page.get_by_role("heading", name="Log in")).to_be_visible(timeout=20_000)
        expect(page.locator("#banner")).to_be_hidden()
        page.get_by_label("Token").fill(site.token())
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Denials", exact=True)).to_be_visible()
        visitor.leave()
    assert visitor.watched.faults == []


def test_what_is_selected_or_held_stays_while_rows_are_renewed(visit: Callable[..., Page], site: Site) -> None:
    for number in range(60):
        site.register(f"vigy-{number:02}", COUNT)
    page = visit()
    page.get_by_role("button", name="Next").focus()
    site.runtime.tick("vigy-07")
    row = page.get_by_role("row", name=re.compile("vigy-07"))
    expect(row).to_contain_text("ok")
    expect(page.get_by_role("button", name="Next")).to_be_focused()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('main tr[data-key] td'))")
    chosen = page.evaluate("String(getSelection())")
    site.runtime.tick("vigy-07")
    expect(page.get_by_role("list", name="What happens now")).to_contain_text("tick 2")
    page.wait_for_timeout(2_500)  # longer than the page leaves its rows as they are
    assert page.evaluate("String(getSelection())") == chosen != ""


def test_nothing_moves_when_the_overview_is_there(visit: Callable[..., Page], site: Site) -> None:
    site.register("counted", COUNT)
    page = visit("/events")
    page.evaluate(
        "() => { window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "each => { window.moved += each.value; })).observe({type: 'layout-shift'}); }"
    )
    page.evaluate("location.hash = '/'")
    expect(page.locator(".uplot canvas").first).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("window.moved") < 0.05
