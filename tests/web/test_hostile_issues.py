"""Text that would be markup, in all that people, proposers and flows say of an issue: on every page it stays text."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from vigyc.model import epoch as outcomes
from vigyc.model import issue as states
from vigyc.model.epoch import DENY, Epoch, Verdict
from vigyc.model.issue import Issue
from vigyc.runtime.store.port import Store
from vigyc.runtime.store.sqlite import open_store
from vigyc.service.settings import Settings
from web.conftest import Visitor
from web.programs import HOSTILE
from web.site import Site, served

TEXT = " ".join(HOSTILE)
PROGRAM = f'; {TEXT}\n(vigy-log "info" {json.dumps(TEXT, ensure_ascii=False)})\n(vigy-noop)\n'
MARKUP = "main script, main img, main svg, main iframe, main [onerror], main [onload], dialog img, dialog script"
AUTHOR = HOSTILE[0]  # of one line, and all of it can be printed


def ended(store: Store, issue: Issue) -> Epoch:
    """The entry of an epoch of `issue` that says the text wherever an entry can."""
    taken = store.take_issue(TEXT, "e" * 32, issue.submitted_at + 1, issue.submitted_at + 60_000)
    assert taken is not None
    entry = Epoch(
        "e" * 32, taken.id, taken.vigy_id, 1, outcomes.REJECTED, taken.submitted_at, taken.submitted_at + 9,
        base=1, base_digest=TEXT, digest=TEXT, content=TEXT, program=PROGRAM.replace("noop", "nop") + TEXT,
        rationale=TEXT, reasons=(TEXT, TEXT), verdicts=(Verdict(TEXT, DENY, TEXT),),
        patch={TEXT: TEXT, "source": TEXT}, claims=(TEXT,), setting={TEXT: TEXT},
        flow={"name": TEXT, "version": 1, "digest": TEXT},
        calls=(
            {"name": TEXT, "args": [TEXT, {TEXT: f"{TEXT}\n{TEXT}"}], "value": {"ok": True, "value": {"model": TEXT}}},
            {"name": TEXT, "args": [], "error": {"kind": TEXT, "message": TEXT}},
            {"omitted": TEXT},
        ),
        tokens=1, cost=1,
    )  # fmt: skip
    after = taken._replace(
        state=states.REJECTED, reasons=(TEXT,), updated_at=entry.ended_at, leased_by=None, leased_until=None
    )
    kept = store.settle(taken, after, entry.ended_at, entry)[1]
    assert kept is not None
    return kept


def opened(page: Page) -> None:
    """Open all that is folded, and what is folded in it."""
    for _ in range(3):
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        page.wait_for_timeout(100)


def test_text_stays_text_on_every_page(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with served(path=path, settings=Settings(enhance_workers=0)) as site:
        store = open_store(path)
        try:
            visitor = Visitor(browser, site)
            look_everywhere(visitor, site, store)
            visitor.leave()
        finally:
            store.close()
        assert visitor.watched.faults == []


def look_everywhere(visitor: Visitor, site: Site, store: Store) -> None:
    vigy = site.register(HOSTILE[0], PROGRAM)
    done = site.runtime.enhance.submit(
        vigy, TEXT, constraints={TEXT: TEXT}, proposal={"source": PROGRAM + "; more", "rationale": TEXT},
        author=AUTHOR, key=AUTHOR,
    )  # fmt: skip
    entry = ended(store, done.issue)
    waiting = site.runtime.enhance.submit(vigy, TEXT, author=AUTHOR).issue
    cancelled = site.runtime.enhance.submit(vigy, TEXT, author=AUTHOR).issue
    site.runtime.enhance.cancel(cancelled.id, author=AUTHOR, note=TEXT)
    page = visitor.entered("/events")
    site.runtime.enhance.pause("default", TEXT)
    expect(page.locator("main")).to_contain_text(f"is paused: {TEXT}")
    for place in (
        "/enhance", "/enhance/log", "/enhance/settings/default", f"/issues/{done.issue.id}", f"/epochs/{entry.id}",
        f"/issues/{waiting.id}", f"/issues/{cancelled.id}", f"/vigies/{vigy}/issues", f"/issues/new?vigy={vigy}",
    ):  # fmt: skip
        page.evaluate("path => { location.hash = path }", "#" + place)
        page.wait_for_function(
            "path => location.hash === path && !document.querySelector('main[aria-busy]')", arg="#" + place
        )
        page.wait_for_timeout(200)
        opened(page)
        assert page.locator(MARKUP).count() == 0, place
        assert page.locator("main a[href^='javascript']").count() == 0, place
        if "new" not in place:
            expect(page.locator("main")).to_contain_text(HOSTILE[1])
    page.evaluate("path => { location.hash = path }", f"#/epochs/{entry.id}")
    expect(page.get_by_role("table", name="Verdicts")).to_contain_text(TEXT)
    expect(page.locator(".diff .plus").first).to_contain_text("vigy-nop")
    opened(page)
    expect(page.locator(".entries").first).to_contain_text(f"{TEXT}\n{TEXT}")
    page.evaluate("path => { location.hash = path }", "#/issues/new")
    page.get_by_label("Target").fill(HOSTILE[0])
    page.get_by_label("Patch").select_option("source")
    page.get_by_role("textbox", name="Program").fill(PROGRAM)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("table", name="Verdicts")).to_be_visible()
    assert page.locator(MARKUP).count() == 0
