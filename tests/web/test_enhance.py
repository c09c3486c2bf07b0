"""The pages of the enhance pipeline in a real browser: the queue, an issue with what came of it, the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from vigyc.effects.policy import Policy
from vigyc.service.settings import Settings
from vigyc.surfaces.wire.caller import Role
from web.conftest import Visitor
from web.issues import BETTER, SAID, WRONG
from web.site import Site, served


@pytest.fixture
def site() -> Iterator[Site]:
    """A site where issues are worked off only when a test says so."""
    with served(settings=Settings(enhance_workers=0)) as found:
        yield found


def test_the_queue_is_shown_as_it_is_and_as_it_changes(visit: Callable[..., Page], site: Site) -> None:
    site.register("sayer", SAID)
    page = visit("/enhance")
    expect(page.get_by_text("There are no issues.")).to_be_visible()
    issue = site.runtime.enhance.submit("sayer", "say two\nand nothing else", author="ada").issue
    row = page.get_by_role("row", name=re.compile("say two"))
    expect(row).to_contain_text("pending")
    expect(row).to_contain_text("sayer")
    expect(row).to_contain_text("ada")
    expect(row).not_to_contain_text("nothing else")
    expect(page.locator(".count", has_text="pending")).to_contain_text("1")
    site.runtime.enhance.cancel(issue.id, author="bob", note="it is well")
    expect(row).to_contain_text("cancelled")
    expect(row).to_contain_text("cancelled by bob: it is well")
    expect(page.locator(".count", has_text="cancelled")).to_contain_text("1")


def test_the_queue_is_filtered(visit: Callable[..., Page], visitor: Visitor, site: Site) -> None:
    visitor.watched.allowed.append("404")
    for name in ("sayer", "other"):
        site.register(name, SAID)
        site.runtime.enhance.submit(name, f"change {name}")
    site.runtime.enhance.cancel(site.runtime.enhance.submit("other", "not this").issue.id)
    page = visitor.entered("/enhance")
    shown = page.locator("main tr[data-key]")
    expect(shown).to_have_count(3)
    page.locator(".count", has_text="cancelled").click()
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("not this")
    assert "state=cancelled" in page.url
    page.locator(".count", has_text=re.compile("^all")).click()
    page.get_by_label("Target").fill("other")
    page.get_by_label("Target").press("Enter")
    expect(shown).to_have_count(2)
    page.reload()
    expect(shown).to_have_count(2)
    page.get_by_label("Target").fill("nobody")
    page.get_by_label("Target").press("Enter")
    expect(page.get_by_text("There is no vigy nobody.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(shown).to_have_count(3)


def test_many_issues_are_shown_a_page_at_a_time(visit: Callable[..., Page], site: Site) -> None:
    site.register("sayer", SAID)
    for number in range(60):
        site.runtime.enhance.submit("sayer", f"wish {number}")
    page = visit("/enhance")
    shown = page.locator("main tr[data-key]")
    expect(shown).to_have_count(50)
    expect(shown.first).to_contain_text("wish 59")
    page.get_by_role("button", name="Older").click()
    expect(shown).to_have_count(10)
    expect(shown.last).to_contain_text("wish 0")
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    page.get_by_role("button", name="Newest").click()
    expect(shown).to_have_count(50)


def test_an_issue_is_worked_off_before_the_eyes(visit: Callable[..., Page], site: Site) -> None:
    vigy = site.register("sayer", SAID)
    proposal = {"source": BETTER, "rationale": "two is more than one", "bump": "minor"}
    issue = site.runtime.enhance.submit("sayer", "say two", proposal=proposal, constraints={"most": 1}).issue
    page = visit(f"/issues/{issue.id}")
    head = page.locator("main header")
    expect(head).to_contain_text("pending")
    expect(page.get_by_text("There was none yet.")).to_be_visible()
    assert site.runtime.enhance.drain() == 1
    expect(head).to_contain_text("applied")
    expect(head.get_by_role("button", name="Cancel")).to_have_count(0)
    attempt = page.locator(".attempt")
    expect(attempt).to_contain_text("Attempt 1")
    expect(attempt).to_contain_text("version 2 (0.2.0)")
    expect(attempt.get_by_label("Rationale")).to_contain_text("two is more than one")
    verdicts = attempt.locator("tbody tr")
    expect(verdicts).to_have_count(11)
    expect(verdicts.filter(has_text="pass")).to_have_count(11)
    expect(attempt.locator(".diff .minus")).to_have_text('-(vigy-log "info" "one")\n')
    expect(attempt.locator(".diff .plus")).to_have_text('+(vigy-log "info" "two")\n')
    attempt.get_by_text("The setting as it was").click()
    expect(attempt.locator(".json").last).to_contain_text('"replays"')
    page.get_by_text("Constraints").click()
    expect(page.locator(".json").first).to_contain_text('"most": 1')

    page.goto(f"{site.url}#/vigies/{vigy}/versions")
    row = page.get_by_role("row", name=re.compile("ticks now"))
    expect(row).to_contain_text("0.2.0")
    row.get_by_role("link", name="epoch").click()
    expect(page.get_by_role("heading", name=re.compile("Attempt 1 at an issue of sayer"))).to_be_visible()
    expect(page.get_by_role("link", name="say two")).to_be_visible()
    expect(page.locator(".diff .plus")).to_have_count(1)


def test_a_rejected_proposal_says_what_to_do(visit: Callable[..., Page], site: Site) -> None:
    vigy = site.register("sayer", SAID)
    issue = site.runtime.enhance.submit("sayer", "say it wrongly", proposal={"source": WRONG}).issue
    site.runtime.enhance.drain()
    page = visit(f"/issues/{issue.id}")
    expect(page.locator("main header")).to_contain_text("rejected")
    expect(page.get_by_role("list", name="Reasons").first).to_contain_text("vigy-nop")
    denied = page.get_by_role("row", name=re.compile("^compiles deny"))
    expect(denied).to_contain_text("vigy-nop")
    expect(page.get_by_text("Version 1 to the candidate")).to_be_visible()
    expect(page.locator(".diff .plus")).to_have_text("+(vigy-nop)\n")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("main header")).to_contain_text("pending")
    site.runtime.enhance.drain()
    expect(page.locator(".attempt")).to_have_count(2)
    page.goto(f"{site.url}#/vigies/{vigy}/issues")
    expect(page.get_by_role("region", name="Issues").locator("tr[data-key]")).to_have_count(1)
    expect(page.get_by_role("region", name="Epochs").locator("tr[data-key]")).to_have_count(2)
    page.goto(f"{site.url}#/enhance/log")
    expect(page.locator("main tr[data-key]")).to_have_count(2)
    expect(page.locator("main tr[data-key]").first).to_contain_text("rejected")
    assert site.runtime.get(vigy).version == 1


def test_the_log_is_shown_a_page_at_a_time_and_as_it_grows(visit: Callable[..., Page], site: Site) -> None:
    site.register("sayer", SAID)
    for number in range(25):
        site.runtime.enhance.submit("sayer", f"wish {number}", proposal={"source": f"{WRONG}; {number}\n"})
    assert site.runtime.enhance.drain() == 25
    page = visit("/enhance/log")
    shown = page.locator("main tr[data-key]")
    expect(shown).to_have_count(20)
    page.get_by_role("button", name="Older").click()
    expect(shown).to_have_count(5)
    page.get_by_role("button", name="Newest").click()
    expect(shown).to_have_count(20)
    newest = shown.first.get_attribute("data-key")
    site.runtime.enhance.submit("sayer", "one more", proposal={"source": BETTER})
    site.runtime.enhance.drain()
    expect(shown.first).to_contain_text("applied")
    expect(shown.first).to_contain_text("1 → 2 (0.1.1)")
    assert shown.nth(1).get_attribute("data-key") == newest
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Attempt 1 at an issue of sayer"))).to_be_visible()


def test_a_trial_and_a_watch_tell_how_far_they_have_come(visit: Callable[..., Page], site: Site) -> None:
    vigy = site.register("sayer", SAID)
    site.runtime.enhance.put_setting("default", {"canary": {"shadow_ticks": 3, "watch_ticks": 20}})
    issue = site.runtime.enhance.submit("sayer", "say two", proposal={"source": BETTER}).issue
    site.runtime.enhance.drain()
    page = visit(f"/issues/{issue.id}")
    expect(page.locator("main header")).to_contain_text("trial")
    expect(page.locator("main")).to_contain_text("0 of 3 ticks in shadow, beside the runs of version 1")
    tried = page.get_by_text("What is tried, and what the verifiers said of it")
    tried.click()
    expect(page.locator(".diff .plus")).to_contain_text('"two"')
    site.runtime.tick(vigy)
    site.runtime.enhance.drain()
    expect(page.locator("main")).to_contain_text("1 of 3 ticks in shadow")
    expect(page.locator(".diff .plus")).to_be_visible()  # what was opened stays open
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "1")
    for _ in range(2):
        site.runtime.tick(vigy)
        site.runtime.enhance.drain()
    expect(page.locator("main header")).to_contain_text("applied")
    expect(page.locator("main")).to_contain_text("0 of 20 runs of the new version are watched")
    expect(tried).to_have_count(0)
    expect(page.get_by_role("row", name=re.compile("^canary pass"))).to_contain_text("3 ticks in shadow")
    for _ in range(20):
        site.runtime.tick(vigy)
    site.runtime.enhance.drain()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_an_issue_is_cancelled_when_it_is_confirmed(visit: Callable[..., Page], site: Site) -> None:
    site.register("sayer", SAID)
    issue = site.runtime.enhance.submit("sayer", "say two").issue
    page = visit(f"/issues/{issue.id}")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert site.runtime.enhance.issue(issue.id).state == "pending"
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the issue").click()
    expect(page.locator("main header")).to_contain_text("cancelled")
    expect(page.get_by_role("list", name="Reasons")).to_contain_text("cancelled by local")
    assert site.runtime.enhance.issue(issue.id).state == "cancelled"
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("main header")).to_contain_text("pending")


def test_what_is_protected_waits_until_it_is_approved(visitor: Visitor, site: Site) -> None:
    site.register("sayer", SAID)
    site.register("sayer.test", SAID)
    issue = site.runtime.enhance.submit("sayer.test", "test less").issue
    operator = site.server.tokens.add("operator", Role.OPERATE)
    page = visitor.logged_in(operator.token)
    page.goto(f"{site.url}#/issues/{issue.id}")
    expect(page.get_by_text("Approving takes the role admin.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()

    page = visitor.entered("/enhance")
    expect(page.get_by_role("row", name=re.compile("test less"))).to_contain_text("needs approval")
    page.goto(f"{site.url}#/issues/{issue.id}")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("needs approval")
    approved = site.runtime.enhance.issue(issue.id)
    assert (approved.held, approved.approved_by) == (False, "local")


def test_a_program_that_needs_more_is_approved_and_tried_again(browser: Browser) -> None:
    with served(policy=Policy.of("fs.read:/srv"), settings=Settings(enhance_workers=0)) as site:
        visitor = Visitor(browser, site)
        vigy = site.register("sayer", SAID)
        wider = SAID.replace("(vigy-noop)", '(vigy-log "info" (format "{}" (fs-read "/srv/none")))\n(vigy-noop)')
        issue = site.runtime.enhance.submit(vigy, "read it", proposal={"source": wider}).issue
        site.runtime.enhance.drain()
        page = visitor.entered(f"/issues/{issue.id}")
        expect(page.get_by_role("row", name=re.compile("^capabilities deny"))).to_contain_text("fs.read")
        page.get_by_role("button", name="Approve").click()
        page.get_by_role("dialog").get_by_role("button", name="Approve").click()
        expect(page.locator(".toast").filter(has_text="Approved by local")).to_be_visible()
        page.get_by_role("button", name="Retry").click()
        expect(page.locator("main header")).to_contain_text("pending")
        site.runtime.enhance.drain()
        expect(page.locator("main header")).to_contain_text("applied")
        visitor.leave()
        assert visitor.watched.faults == []


def test_workers_are_followed_from_the_start(browser: Browser) -> None:
    """What becomes of an issue before the page listens is not missed."""
    with served() as site:
        visitor = Visitor(browser, site)
        site.register("sayer", SAID)
        page = visitor.entered("/enhance")
        for number in range(5):
            source = f'(vigy-log "info" "{number}")\n(vigy-noop)\n'
            issue = site.runtime.enhance.submit("sayer", f"say {number}", proposal={"source": source}).issue
            page.evaluate("path => { location.hash = path }", f"#/issues/{issue.id}")
            expect(page.locator("main header")).to_contain_text("applied")
            expect(page.locator(".attempt")).to_have_count(1)
        page.evaluate("location.hash = '/enhance'")
        expect(page.locator(".count", has_text="applied")).to_contain_text("5")
        expect(page.get_by_text("1 worker here")).to_be_visible()
        visitor.leave()
        assert visitor.watched.faults == []


def test_who_may_only_read_sees_all_and_is_offered_nothing(visitor: Visitor, site: Site) -> None:
    site.register("sayer", SAID)
    issue = site.runtime.enhance.submit("sayer", "say two").issue
    reader = site.server.tokens.add("reader", Role.READ)
    page = visitor.logged_in(reader.token)
    page.goto(f"{site.url}#/enhance")
    expect(page.get_by_role("row", name=re.compile("say two"))).to_be_visible()
    expect(page.get_by_role("link", name="New issue")).to_have_count(0)
    page.goto(f"{site.url}#/issues/{issue.id}")
    expect(page.get_by_text("say two")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Cancel|Retry|Approve"))).to_have_count(0)
    page.goto(f"{site.url}#/issues/new")
    expect(page.get_by_text("Submitting takes the role operate.")).to_be_visible()
    expect(page.get_by_role("button", name="Submit")).to_be_disabled()
    page.goto(f"{site.url}#/enhance/settings/default")
    expect(page.get_by_text("changing it takes the role admin")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Edit|Pause|Delete|New setting"))).to_have_count(0)


def test_the_pages_are_gone_through_with_the_keyboard(visit: Callable[..., Page], site: Site) -> None:
    site.register("sayer", SAID)
    site.runtime.enhance.submit("sayer", "the first")
    issue = site.runtime.enhance.submit("sayer", "the second").issue
    page = visit()
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Enhance")).to_be_visible()
    expect(page.locator("main tr[data-key]")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator("tr:focus")).to_contain_text("the second")
    site.runtime.enhance.submit("sayer", "the third")
    expect(page.locator("main tr[data-key]")).to_have_count(3)
    expect(page.locator("tr:focus")).to_contain_text("the second")
    page.keyboard.press("Enter")
    expect(page.get_by_text("the second")).to_be_visible()
    assert issue.id in page.url
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("tab", name="Queue")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("2")
    expect(page.get_by_role("tab", name="Log")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("3")
    expect(page.get_by_role("tab", name="Settings")).to_have_attribute("aria-selected", "true")


def test_what_happens_to_issues_is_told_among_the_events(visit: Callable[..., Page], site: Site) -> None:
    site.register("sayer", SAID)
    page = visit("/events")
    issue = site.runtime.enhance.submit("sayer", "say two").issue
    site.runtime.enhance.pause("default", "for now")
    told = page.get_by_role("list", name="Events").get_by_role("listitem")
    expect(told.filter(has_text="is paused: for now")).to_have_count(1)
    told.filter(has_text=re.compile(r"issue .* is pending")).get_by_role("link").last.click()
    expect(page).to_have_url(re.compile(issue.id))


def test_what_was_wanted_of_a_vigy_that_was_deleted_is_still_told(visit: Callable[..., Page], site: Site) -> None:
    vigy = site.register("sayer", SAID)
    issue = site.runtime.enhance.submit("sayer", "say two", proposal={"source": BETTER}).issue
    site.runtime.enhance.drain()
    page = visit(f"/issues/{issue.id}")
    expect(page.locator(".diff .plus")).to_have_count(1)
    site.runtime.delete("sayer")
    expect(page.locator("main h1 a")).to_have_count(0)
    expect(page.locator("main h1")).to_contain_text(vigy[:8])
    page.reload()
    expect(page.get_by_role("row", name=re.compile("^reads pass"))).to_be_visible()
    page.goto(f"{site.url}#/enhance")
    expect(page.get_by_role("row", name=re.compile("say two"))).to_contain_text(vigy[:8])


def test_an_issue_says_that_its_setting_makes_it_wait(visit: Callable[..., Page], site: Site) -> None:
    site.register("sayer", SAID)
    site.runtime.enhance.put_setting("careful", {"repairs": 1})
    site.runtime.enhance.pause("careful", "the <b>model</b> is away")
    issue = site.runtime.enhance.submit("sayer", "say two", proposal={"source": BETTER}, setting="careful").issue
    page = visit(f"/issues/{issue.id}")
    expect(page.get_by_role("status").filter(has_text="is paused")).to_contain_text(
        "The setting careful is paused, and its issues wait: the <b>model</b> is away"
    )
    page.get_by_role("button", name="Resume careful").click()
    expect(page.get_by_text("is paused, and its issues wait")).to_have_count(0)
    site.runtime.enhance.pause("careful", "again")
    expect(page.get_by_text("is paused, and its issues wait: again")).to_be_visible()
    site.runtime._store.remove_enhance_setting("careful", 0)  # as a process would that does not ask who goes by it
    site.runtime.enhance.resume()  # which has everybody hear of it
    expect(page.get_by_text("It waits: there is no setting careful any more")).to_be_visible()


def test_an_issue_that_is_not_there_says_so(visitor: Visitor) -> None:
    visitor.watched.allowed.append("404")
    page = visitor.entered("/")
    for path in ("/issues/none", "/epochs/none", "/enhance/settings/none"):
        page.evaluate("path => { location.hash = path }", "#" + path)
        expect(page.get_by_role("heading", name=re.compile("There is no such"))).to_be_visible()
        expect(page.get_by_text("none")).to_be_visible()
        page.evaluate("location.hash = '#/denials'")
        expect(page.get_by_role("heading", name="Denials", exact=True)).to_be_visible()
