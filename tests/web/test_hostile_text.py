"""Text that would be markup: in names, labels, logs, kv, errors and programs it stays text, on every page."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from web.programs import HOSTILE
from web.site import Site


def program(text: str) -> str:
    """A program that says `text` wherever a program can."""
    said = json.dumps(text, ensure_ascii=False)
    return f"""; {text.replace(chr(10), " ")}
(vigy-log "error" {said})
(vigy-event {said} {said})
(vigy-condition "Bad" #f {said} {said})
(vigy-desired {said} {said})
(vigy-observed {said} 1)
(vigy-trace {said} {said})
(vigy-metric {said} 1)
(vigy-set {said} {said})
(vigy-update (hash-map {said} {said}))
(when (vigy-get "fail" #f) (throw (error :bad {said})))
"""


def test_text_stays_text_everywhere(visit: Callable[..., Page], site: Site) -> None:
    text = " ".join(HOSTILE)
    vigy = site.register(HOSTILE[0], program(text), labels={"team": "x"})
    other = site.register(HOSTILE[2], program(HOSTILE[1]))
    good = site.runtime.tick(vigy)
    site.runtime.kv(vigy).set("fail", True)
    bad = site.runtime.tick(vigy)
    site.runtime.tick(other)
    site.runtime.update(vigy, program=program(HOSTILE[5]), note=HOSTILE[1], author=HOSTILE[2])
    page = visit("/events")
    expect(page.locator("main")).to_contain_text(HOSTILE[0])
    tabs = ("state", "kv", "runs", "program", "versions", "python", "policy", "explain")
    paths = ["/", *(f"/vigies/{vigy}/{tab}" for tab in tabs), f"/runs/{good.id}", f"/runs/{bad.id}", "/denials"]
    for path in paths:
        page.evaluate("path => { location.hash = path }", "#" + path)
        page.wait_for_timeout(200)
        assert page.locator("main script, main img, main svg, main iframe, main [onerror], main [onload]").count() == 0
        assert page.locator("main a[href^='javascript']").count() == 0
    page.evaluate("path => { location.hash = path }", f"#/vigies/{vigy}/kv")
    expect(page.locator("main")).to_contain_text(HOSTILE[1])
    page.evaluate("path => { location.hash = path }", f"#/runs/{bad.id}")
    expect(page.locator("main")).to_contain_text(HOSTILE[5])


def test_text_in_the_editor_stays_text(visit: Callable[..., Page]) -> None:
    page = visit("/register")
    for text in HOSTILE:
        page.get_by_role("textbox", name="Program").fill(f'(vigy-log "info" {json.dumps(text)}) {text}')
        expect(page.locator(".paint")).to_contain_text(text)
        assert page.locator(".editor script, .editor img, .editor svg").count() == 0
