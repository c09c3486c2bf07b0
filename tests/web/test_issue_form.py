"""Submitting an issue in the browser: in words, with edits, with a whole program; mistakes are told where they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from vigyc.service.settings import Settings
from web.conftest import Visitor
from web.issues import BETTER, EDITS, SAID, WRONG
from web.site import Site, served


@pytest.fixture
def site() -> Iterator[Site]:
    """A site where issues are worked off only when a test says so."""
    with served(settings=Settings(enhance_workers=0)) as found:
        found.register("sayer", SAID)
        yield found


def test_an_issue_in_words(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/enhance")
    page.get_by_role("link", name="New issue").click()
    expect(page.get_by_role("heading", name="New issue")).to_be_visible()  # the page before has a field Target too
    page.get_by_label("Target").fill("say")
    expect(page.locator("datalist option[value='sayer']")).to_have_count(1)
    page.get_by_label("Target").fill("sayer")
    page.get_by_label("Intent").fill("  say two\nplease  ")
    page.get_by_label("Constraints (JSON)").fill('{"most": 1}')
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Issue of sayer")).to_be_visible()
    expect(page.locator(".toast").filter(has_text="Submitted")).to_be_visible()
    [issue] = site.runtime.enhance.issues()
    assert (issue.intent, issue.constraints, issue.proposal, issue.author) == (
        "say two\nplease", {"most": 1}, None, "local",
    )  # fmt: skip


def test_an_issue_with_edits_becomes_a_version(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/issues/new?vigy=sayer")
    expect(page.get_by_label("Target")).to_have_value("sayer")
    expect(page.get_by_label("Intent")).to_be_focused()
    page.get_by_label("Intent").fill("say two")
    page.get_by_label("Patch").select_option("edits")
    page.get_by_label("Edits (JSON)").fill(EDITS)
    page.get_by_label("Bump").select_option("major")
    page.get_by_label("Rationale").fill("more is better")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Issue of sayer")).to_be_visible()
    site.runtime.enhance.drain()
    expect(page.locator("main header")).to_contain_text("applied")
    assert site.runtime.get("sayer").program == BETTER
    assert site.runtime.version("sayer", 2).label == "1.0.0"


def test_a_whole_program_is_verified_before_it_is_submitted(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/issues/new?vigy=sayer")
    page.get_by_label("Patch").select_option("source")
    program = page.get_by_role("textbox", name="Program")
    expect(program).to_have_value(SAID)
    program.fill(WRONG)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("It would be rejected:")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^compiles deny"))).to_contain_text("vigy-nop")
    program.fill(BETTER)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Nothing speaks against it.")).to_be_visible()
    assert site.runtime.enhance.issues() == []
    page.get_by_label("Intent").fill("say two")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Issue of sayer")).to_be_visible()
    page.get_by_text("Proposal").click()
    expect(page.get_by_label("Proposal")).to_contain_text('(vigy-log "info" "two")')
    [issue] = site.runtime.enhance.issues()
    assert issue.proposal is not None
    assert issue.proposal["source"] == BETTER


def test_what_is_wrong_is_told_and_what_was_written_stays(visitor: Visitor, site: Site) -> None:
    visitor.watched.allowed += ["400", "404"]
    page = visitor.entered("/issues/new?vigy=sayer")
    wrong = page.get_by_role("alert")
    page.get_by_label("Intent").fill("say two")
    page.get_by_label("Constraints (JSON)").fill("{nonsense")
    page.get_by_role("button", name="Submit").click()
    expect(wrong).to_contain_text("Constraints: it is not JSON")
    page.get_by_label("Constraints (JSON)").fill("")
    page.get_by_label("Patch").select_option("edits")
    page.get_by_label("Edits (JSON)").fill('[{"op": "replase", "path": [0], "old": "1", "new": "2"}]')
    page.get_by_role("button", name="Submit").click()
    expect(wrong).to_contain_text("replase")
    expect(page.get_by_label("Intent")).to_have_value("say two")
    page.get_by_label("Patch").select_option("")
    page.get_by_label("Target").fill("nobody")
    page.get_by_role("button", name="Submit").click()
    expect(wrong).to_contain_text("nobody")
    assert site.runtime.enhance.issues() == []


def test_what_is_sent_twice_is_there_once(visitor: Visitor, site: Site) -> None:
    visitor.watched.allowed += ["Failed to load resource", "ERR_"]
    page = visitor.entered("/issues/new?vigy=sayer")
    page.get_by_label("Intent").fill("say two")
    lost = []

    def lose(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(route.fetch())  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/v1/issues", lose)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    assert len(site.runtime.enhance.issues()) == 1
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".toast").filter(has_text="It was submitted before")).to_be_visible()
    expect(page.get_by_role("heading", name="Issue of sayer")).to_be_visible()
    assert len(site.runtime.enhance.issues()) == 1
