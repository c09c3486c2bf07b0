"""A list in pages: all of it, once, also while it changes."""

from __future__ import annotations

import re
from typing import Any

from rest.serving import Served


def pages(rest: Served, path: str) -> list[list[Any]]:
    found = []
    at: str | None = path
    while at is not None:
        reply = rest.get(at)
        assert reply.status == 200, reply
        found.append(reply.json)
        link = re.fullmatch(r'<(/v1/vigies\?[^>]+)>; rel="next"', reply.headers.get("link", ""))
        at = link[1] if link else None
    return found


def test_a_list_is_an_array_with_its_links(rest: Served) -> None:
    for number in range(7):
        rest.register(f"v{number}", labels={"a": "b,c" if number % 2 else "d"})
    found = pages(rest, "/v1/vigies?limit=3&sort=name")
    assert [[vigy["name"] for vigy in page] for page in found] == [["v0", "v1", "v2"], ["v3", "v4", "v5"], ["v6"]]
    reply = rest.get("/v1/vigies?limit=2&label_selector=a%3Dd")
    assert reply.headers["x-total-count"] == "4"
    assert "label_selector=a%3Dd" in reply.headers["link"]
    last = rest.get("/v1/vigies?limit=100")
    assert "link" not in last.headers


def test_a_list_that_changes_meanwhile(rest: Served) -> None:
    for number in range(6):
        rest.register(f"v{number}")
    first = rest.get("/v1/vigies?limit=3&sort=name")
    rest.ask("DELETE", "/v1/vigies/v2")
    rest.ask("DELETE", "/v1/vigies/v4")
    rest.register("v0b")
    rest.register("v9")
    following = re.findall("<(.*)>", first.headers["link"])[0]
    assert [vigy["name"] for vigy in rest.get(following).json] == ["v3", "v5", "v9"]


def test_a_cursor_of_another_order_is_refused(rest: Served) -> None:
    for number in range(3):
        rest.register(f"v{number}")
    link = rest.get("/v1/vigies?limit=1&sort=name").headers["link"]
    path = re.findall("<(.*)>", link)[0].replace("sort=name", "sort=registered")
    assert rest.get(path).status == 400
