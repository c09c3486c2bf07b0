"""A newcomer's way in the browser: register, break, explain, repair, and all that changes something."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from vigyc.model.schedule import Adaptive, Schedule, every
from vigyc.surfaces.wire.caller import Role
from web.conftest import Visitor
from web.programs import COUNT, SCALE
from web.site import Site

GOOD = '(vigy-set "answer" (/ 84 (vigy-get "parts" 2)))\n(vigy-noop)\n'


def write(page: Page, text: str) -> None:
    """Put a program into the editor."""
    page.get_by_role("textbox", name="Program").fill(text)


def test_register_break_explain_and_repair(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/register")
    page.get_by_role("textbox", name="Name").fill("divider")
    page.get_by_role("textbox", name="Ticks every").fill("10m")
    page.get_by_role("textbox", name="Labels").fill("team=maths, tier=1")
    write(page, '(vigy-set "answer" (divide 84 2)')
    expect(page.locator(".finding.error")).to_contain_text("unmatched opening paren")
    expect(page.get_by_role("button", name="Register")).to_be_disabled()
    write(page, '(vigy-set "answer" (divide 84 2))')
    expect(page.locator(".finding.error")).to_contain_text("nothing is bound to `divide`")
    expect(page.locator(".paint .mark")).to_have_text("divide")
    expect(page.locator(".caret")).to_have_text("^^^^^^")
    write(page, GOOD)
    expect(page.get_by_text("No findings")).to_be_visible()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="divider")).to_be_visible()
    assert site.runtime.get("divider").labels == {"team": "maths", "tier": "1"}
    expect(page.get_by_role("row", name=re.compile("noop"))).to_be_visible()

    site.runtime.kv("divider").set("parts", 0)
    page.get_by_role("button", name="Tick now").click()
    expect(page.locator(".toast").filter(has_text="division by zero")).to_be_visible()
    expect(page.locator("main header")).to_contain_text("failing: 1 in a row")
    page.get_by_role("tab", name="Explain").click()
    expect(page.locator(".sentences")).to_contain_text("division by zero")

    page.get_by_role("tab", name="Program").click()
    page.get_by_role("button", name="Edit").click()
    write(page, GOOD.replace('(vigy-get "parts" 2)', '(max 1 (vigy-get "parts" 2))'))
    page.get_by_label("Note").fill("never by zero")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved: version 2")).to_be_visible()
    page.get_by_role("button", name="Tick now").click()
    expect(page.locator(".toast").filter(has_text="Ticked: ok")).to_be_visible()
    expect(page.locator("main header")).not_to_contain_text("failing")
    assert site.runtime.kv("divider").get("answer") == 84
    assert site.runtime.version("divider", 2).note == "never by zero"


def test_a_program_that_is_wrong_cannot_be_saved(visit: Callable[..., Page], site: Site) -> None:
    page = visit(f"/vigies/{site.register('kept', COUNT)}/program")
    page.get_by_role("button", name="Edit").click()
    write(page, "(vigy-nop)")
    expect(page.locator(".finding.error")).to_contain_text("vigy-nop")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".listing")).to_contain_text("counts its ticks")
    assert site.runtime.get("kept").version == 1


def test_who_saves_second_is_told(visit: Callable[..., Page], visitor: Visitor, site: Site) -> None:
    visitor.watched.allowed.append("412")
    page = visitor.entered(f"/vigies/{site.register('shared', COUNT)}/program")
    page.get_by_role("button", name="Edit").click()
    write(page, "(vigy-noop) ; mine")
    expect(page.get_by_role("button", name="Save")).to_be_enabled()
    site.runtime.update("shared", program="(vigy-noop) ; theirs")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="It was changed meanwhile")
    expect(dialog).to_contain_text("theirs")
    dialog.get_by_role("button", name="Save mine").click()
    expect(page.get_by_text("Saved: version 3")).to_be_visible()
    assert site.runtime.get("shared").program.endswith("mine")


def test_long_lines_are_edited_where_they_are_shown(visit: Callable[..., Page]) -> None:
    page = visit("/register")
    write(page, "; " + "long " * 80 + "\n" + "(vigy-noop)\n" * 60)
    sizes = """[...document.querySelectorAll('.layers > *')].map(each => [each.offsetWidth, each.offsetHeight])"""
    painted, edited = page.evaluate(sizes)
    assert painted == edited
    assert page.evaluate("(box => box.scrollWidth > box.clientWidth)(document.querySelector('.editor'))")


def test_kv_is_edited_to_the_letter(visit: Callable[..., Page], site: Site) -> None:
    scale = site.register("scale", SCALE)
    kv = site.runtime.kv(scale)
    kv.set("big", 9_007_199_254_740_993)
    kv.set("a/b c", 1.0)
    page = visit(f"/vigies/{scale}/kv")
    expect(page.get_by_role("row", name=re.compile("big"))).to_contain_text("9007199254740993")
    page.get_by_role("button", name="Edit big").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert kv.get("big") == 9_007_199_254_740_993
    page.get_by_role("button", name="Edit a/b c").click()
    expect(page.get_by_label("Value (JSON)")).to_have_value("1.0")
    page.get_by_label("Value (JSON)").fill("{nonsense")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Not JSON")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_label("Value (JSON)").fill('{"deep": [1, null]}')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("a.b c"))).to_contain_text('{"deep":[1,null]}')
    assert kv.get("a/b c") == {"deep": [1, None]}
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Key", exact=True).fill("wanted")
    page.get_by_label("Value (JSON)").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("wanted"))).to_be_visible()
    page.get_by_role("button", name="Delete big").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row", name=re.compile("big"))).to_have_count(0)
    assert {key: kv.get(key) for key in ("wanted",)} == {"wanted": 7}
    page.get_by_label("Search the kv").fill("deep")
    expect(page.locator("main tr[data-key]")).to_have_count(1)


def test_back_to_an_earlier_version(visit: Callable[..., Page], site: Site) -> None:
    vigy = site.register("rolled", COUNT)
    site.runtime.update(vigy, program="(vigy-noop)\n")
    page = visit(f"/vigies/{vigy}/versions")
    expect(page.locator(".diff .minus").filter(has_text="(define n")).to_be_visible()
    expect(page.locator(".diff .plus")).to_have_count(0)
    page.get_by_role("button", name="Roll back to version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("row", name=re.compile("ticks now"))).to_contain_text("3")
    assert site.runtime.get(vigy).program == COUNT


def test_enable_disable_dry_run_and_delete(visit: Callable[..., Page], site: Site) -> None:
    scale = site.register("scale", SCALE, every="1h")
    page = visit(f"/vigies/{scale}")
    page.get_by_role("button", name="Dry run").click()
    dialog = page.get_by_role("dialog", name="Dry run: scale")
    expect(dialog).to_contain_text("running")
    expect(dialog).to_contain_text("scaling from 0 to 1")
    dialog.get_by_role("button", name="Close").click()
    assert site.runtime.runs(scale) == []
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable")).to_be_visible()
    page.get_by_role("button", name="Disable").click()
    expect(page.locator("main header .pill", has_text="disabled")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    sure = page.get_by_role("dialog").get_by_role("button", name="Delete")
    expect(sure).to_be_disabled()
    page.get_by_label("Type scale to go on").fill("scale")
    sure.click()
    expect(page.get_by_text("Nothing is registered")).to_be_visible()
    assert site.runtime.list() == []


def test_what_the_policy_says(visit: Callable[..., Page], site: Site) -> None:
    page = visit(f"/vigies/{site.register('asked', COUNT)}/policy")
    page.get_by_label("Of what").fill("/etc/hosts")
    page.get_by_role("button", name="Ask").click()
    answer = page.locator("#tab-panel")
    expect(answer).to_contain_text("there is no grant of fs.read")
    expect(answer).to_contain_text("fs.read:/etc/hosts")


def test_a_panel_is_copied_as_a_command(visitor: Visitor, site: Site) -> None:
    page = visitor.entered(
        f"/vigies/{site.register('it has a space', COUNT)}/explain", permissions=["clipboard-read", "clipboard-write"]
    )
    panel = page.get_by_role("region", name="Why it is as it is")
    panel.get_by_role("button", name="Copy as").click()
    panel.get_by_role("menuitem", name=re.compile("as CLI")).click()
    expect(page.locator(".toast").filter(has_text="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"vigyc explain 'it has a space' --server {site.url[:-1]}"


def test_who_may_only_read_is_offered_no_more(visitor: Visitor, site: Site) -> None:
    vigy = site.register("seen", COUNT)
    reader = site.server.tokens.add("reader", Role.READ)
    page = visitor.logged_in(reader.token)
    expect(page.get_by_role("row", name=re.compile("seen"))).to_be_visible()
    expect(page.get_by_role("link", name="Register")).to_have_count(0)
    page.goto(f"{site.url}#/vigies/{vigy}")
    expect(page.get_by_role("heading", name="seen")).to_be_visible()
    for name in ("Tick now", "Dry run", "Enable", "Delete"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_settings_are_changed_and_only_what_is_touched(visit: Callable[..., Page], site: Site) -> None:
    settled = site.register("settled", COUNT, every="90s", labels={"team": "db"}, deadline="2s")
    page = visit(f"/vigies/{settled}/settings")
    expect(page.get_by_label("Every")).to_have_value("1m30s")
    expect(page.get_by_label("Deadline")).to_have_value("2s")
    page.get_by_label("Name").fill("renamed")
    page.get_by_label("Deadline").fill("")
    page.get_by_label("Labels").fill("team=web\ntier=1, the first")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="renamed")).to_be_visible()
    changed = site.runtime.get(settled)
    assert (changed.name, changed.deadline_ms, changed.version) == ("renamed", None, 1)
    assert changed.labels == {"team": "web", "tier": "1, the first"}
    assert changed.schedule == every(90_000)
    page.get_by_role("combobox", name="Ticks").select_option("cron")
    page.get_by_label("Expression").fill("0 4 * * *")
    page.get_by_label("Time zone").fill("Europe/Paris")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main header")).to_contain_text("cron 0 4 * * * (Europe/Paris)")
    page.get_by_role("combobox", name="Ticks").select_option("adaptive")
    page.get_by_label("At least").fill("2s")
    page.get_by_label("At most").fill("1h")
    page.get_by_role("textbox", name="Key", exact=True).fill("pace")
    page.get_by_label("Jitter").fill("250ms")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main header")).to_contain_text("every 2s to 1h")
    assert site.runtime.get(settled).schedule == Schedule(Adaptive(2_000, 3_600_000, "pace"), jitter_ms=250)


def test_settings_that_cannot_be_are_told_by_the_server(visitor: Visitor, site: Site) -> None:
    visitor.watched.allowed.append("400")
    page = visitor.entered(f"/vigies/{site.register('kept', COUNT, every='10s')}/settings")
    page.get_by_role("combobox", name="Ticks").select_option("cron")
    page.get_by_label("Expression").fill("every day")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("five fields")
    expect(page.get_by_label("Expression")).to_have_value("every day")
    page.get_by_role("combobox", name="Ticks").select_option("fixed")
    page.get_by_label("Every").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("length of time")
    expect(page.get_by_label("Every")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Every")).to_be_focused()
    assert site.runtime.get("kept").schedule == every(10_000)


def test_settings_changed_by_two_at_once(visitor: Visitor, site: Site) -> None:
    visitor.watched.allowed.append("412")
    page = visitor.entered(f"/vigies/{site.register('shared', COUNT, every='10s')}/settings")
    page.get_by_label("Every").fill("20s")
    site.runtime.update("shared", labels={"a": "1"})
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main header")).to_contain_text("every 20s")
    assert site.runtime.get("shared").labels == {"a": "1"}
    page.get_by_label("Every").fill("30s")
    site.runtime.update("shared", every="40s")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("Its schedule is now")
    page.get_by_role("button", name="Save mine").click()
    expect(page.locator("main header")).to_contain_text("every 30s")


def test_the_editor_indents_and_lets_the_keyboard_out(visit: Callable[..., Page]) -> None:
    page = visit("/register")
    code = page.get_by_role("textbox", name="Program")
    code.fill("(define (f x)")
    code.press("End")
    for key in ("Enter", "x", "Enter", "Tab", "y", "Shift+Tab"):
        code.press(key)
    expect(code).to_have_value("(define (f x)\n  x\n  y")
    code.press("Control+z")
    expect(code).to_have_value("(define (f x)\n  x\n    y")
    code.press("Control+a")
    code.press("Tab")
    expect(code).to_have_value("  (define (f x)\n    x\n      y")
    code.press("Escape")
    expect(code).not_to_be_focused()
    page.keyboard.press("Tab")
    expect(code).not_to_be_focused()
    assert page.evaluate("document.activeElement.tagName") in {"A", "BUTTON"}


def test_a_program_of_two_thousand_lines_is_edited_fluently(visit: Callable[..., Page]) -> None:
    page = visit("/register")
    code = page.get_by_role("textbox", name="Program")
    text = "".join(f"(define (f{n} a b)\n  (if (= a b) a (+ a b {n})))\n" for n in range(1000))
    code.evaluate("(area, text) => { area.value = text; area.dispatchEvent(new Event('input')); }", text)
    expect(page.locator(".paint .line")).to_have_count(2001)
    expect(page.get_by_text("No findings")).to_be_visible()
    kept = page.locator(".paint .line").first.element_handle()
    code.press("Control+End")
    page.keyboard.type("(nothing-of-this-name)")
    expect(page.locator(".paint .mark")).to_have_text("nothing-of-this-name")
    assert kept.evaluate("line => line.isConnected"), "lines that are as they were are not drawn anew"
