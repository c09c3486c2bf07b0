"""Pages of the vigies: those that match, in order, however the registry changes between two pages."""

from __future__ import annotations

import pytest

from service.conftest import Opener
from vigyc.lang.errors import Invalid
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.browsing import SORTS, Page
from vigyc.service.runtime import Runtime


def registered(runtime: Runtime, time: VirtualTime, *names: str) -> None:
    for name in names:
        runtime.register("1", name=name, labels={"first": name[0]})
        time.advance(1)


def names(page: Page) -> list[str]:
    return [overview.vigy.name for overview in page.items]


def walked(runtime: Runtime, **given: object) -> list[str]:
    found, cursor = [], None
    while True:
        page = runtime.browse(cursor=cursor, **given)
        found += names(page)
        if page.next is None:
            return found
        cursor = page.next


@pytest.mark.parametrize("ticking", [False, True])
def test_pages_are_the_list_in_parts(runtime: Runtime, time: VirtualTime, ticking: bool) -> None:
    registered(runtime, time, "d", "b", "e", "a", "c")
    if ticking:
        runtime.step()
    assert walked(runtime, limit=2) == ["d", "b", "e", "a", "c"] == [vigy.name for vigy in runtime.list()]
    assert walked(runtime, limit=2, sort="name") == ["a", "b", "c", "d", "e"]
    assert runtime.browse(limit=2).total == 5


def test_what_is_at_hand_is_what_is_stored(runtime: Runtime, time: VirtualTime, opened: Opener) -> None:
    registered(runtime, time, "a", "b")
    time.advance(5_000)
    runtime.disable("a")
    runtime.enable("a")
    runtime.step()
    assert [overview.vigy for overview in runtime.browse().items] == runtime.list()


def test_a_cursor_goes_on_after_what_was_deleted(runtime: Runtime, time: VirtualTime) -> None:
    registered(runtime, time, "a", "b", "c", "d")
    first = runtime.browse(limit=2)
    runtime.delete("b")
    registered(runtime, time, "e")
    assert names(runtime.browse(limit=2, cursor=first.next)) == ["c", "d"]


def test_only_those_that_match(runtime: Runtime, time: VirtualTime) -> None:
    registered(runtime, time, "alpha", "beta", "Alphabet")
    runtime.disable("beta")
    assert names(runtime.browse(search="ALPHA")) == ["alpha", "Alphabet"]
    assert names(runtime.browse(search=runtime.get("beta").id[:6])) == ["beta"]
    assert names(runtime.browse("first=b")) == ["beta"]
    assert names(runtime.browse(phase="disabled")) == ["beta"]
    assert runtime.browse(search="nothing") == Page([], None, 0)


def test_who_needs_attention_comes_first(runtime: Runtime, time: VirtualTime) -> None:
    registered(runtime, time, "calm", "off")
    runtime.register("(car 1)", name="broken")
    runtime.disable("off")
    runtime.step()
    assert names(runtime.browse(sort="attention")) == ["broken", "calm", "off"]
    assert names(runtime.browse(failing=True)) == ["broken"]
    assert names(runtime.browse(failing=False)) == ["calm", "off"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "W10", "WyJuYW1lIiwgMV0", "WyJyZWdpc3RlcmVkIiwgbnVsbCwgIngiXQ"])
def test_cursors_that_no_page_gave(runtime: Runtime, sort: str, cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        runtime.browse(sort=sort, cursor=cursor)


def test_a_cursor_of_another_order(runtime: Runtime, time: VirtualTime) -> None:
    registered(runtime, time, "a", "b")
    cursor = runtime.browse(limit=1, sort="name").next
    with pytest.raises(Invalid, match="sorted by 'name', not 'registered'"):
        runtime.browse(cursor=cursor)


def test_an_order_nobody_knows(runtime: Runtime) -> None:
    with pytest.raises(Invalid, match="registered, name, attention"):
        runtime.browse(sort="best")
