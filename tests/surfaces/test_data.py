"""Keys and values that are hard to carry: they come back the very same, whatever carried them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from surfaces.house import House, house
from surfaces.script import Told
from surfaces.transports import WAYS, over_door

KEYS: Final = (
    "a/b", "a\nb", "\x00", "\x7f", "%2F", "a b", "ü", "?", "#", "a;b", "k\\", "+", " ", "true", "&a=b", "\u2028", "🐦",
    "k" * 1500,
)  # fmt: skip
VALUES: Final = (
    2**63 - 1, -(2**63), 2**53 + 1, 1e308, -0.0, 1.0, 0.1, None, True, "", [], {}, "\x00", "\u2028", "🐦", {"": 1},
    {"a": {"b": [None, {}]}}, [[[[[]]]]], "x" * 200_000, [3, 3.0, "3"],
)  # fmt: skip
INTENTS: Final = (
    "a\nb\tc", "\x1b[31mred\x1b]0;x\x07", "\x7f\x00", "x\u2028🐦\u202e", "'; DROP TABLE issues; --",
    "{0.__class__} %s $(id)", "../../etc/passwd", "<script>alert(1)</script>", "ü" * 10_000,
)  # fmt: skip
LONG: Final = "; " + "ü" * 150_000 + "\n(vigy-noop)"


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    with house() as found:
        found.runtime.register(LONG, name="one", enabled=False)
        yield found


@pytest.mark.parametrize("way", WAYS)
def test_keys(served: House, way: str) -> None:
    with WAYS[way](served, served.admin) as ask, over_door(served, served.admin) as door:
        for key in KEYS:
            assert ask("set_kv", {"id": "one", "key": key, "value": way}) == {"key": key, "value": way}
            assert door("get_kv", {"id": "one", "key": key}) == {"key": key, "value": way}
            assert ask("get_kv", {"id": "one", "key": key}) == {"key": key, "value": way}
            assert ask("list_kv", {"id": "one", "prefix": key}) == [{"key": key, "value": way}]
            assert ask("delete_kv", {"id": "one", "key": key}) == {"key": key, "deleted": True}
            with pytest.raises(Told) as told:
                ask("get_kv", {"id": "one", "key": key})
            assert told.value.problem["kind"] == "not-found"


@pytest.mark.parametrize("way", WAYS)
def test_values(served: House, way: str) -> None:
    with WAYS[way](served, served.admin) as ask, over_door(served, served.admin) as door:
        for value in VALUES:
            ask("set_kv", {"id": "one", "key": "v", "value": value})
            for asked in (ask, door):
                assert _exact(asked("get_kv", {"id": "one", "key": "v"})["value"]) == _exact(value)
        entries = {str(at): value for at, value in enumerate(VALUES)}
        ask("replace_kv", {"id": "one", "entries": entries})
        assert _exact({each["key"]: each["value"] for each in ask("list_kv", {"id": "one"})}) == _exact(entries)


@pytest.mark.parametrize("way", WAYS)
def test_a_long_program(served: House, way: str) -> None:
    with WAYS[way](served, served.admin) as ask:
        assert ask("get_vigy", {"id": "one"})["program"] == LONG
        assert ask("check_program", {"program": LONG})["ok"]
        assert ask("get_version", {"id": "one", "number": 1})["program"] == LONG


@pytest.mark.parametrize("way", WAYS)
def test_wishes(served: House, way: str) -> None:
    served.runtime.enhance.put_setting("default", {"paused": "only looked at", "per_minute": 10_000})
    carried = [value for value in VALUES if value != "x" * 200_000]
    constraints = {**{str(at): value for at, value in enumerate(carried)}, "nested": {"": carried}}
    edit = {"op": "replace", "path": [0, 2**31], "old": '"\x00\u2028\U0001f426\\"', "new": "'ü"}
    proposal = {"edits": [edit], "rationale": "\x00\u2028 ü {} %s", "bump": "major"}
    with WAYS[way](served, served.admin) as ask, over_door(served, served.admin) as door:
        for intent in INTENTS:
            given = {"vigy": "one", "intent": intent, "constraints": constraints, "proposal": proposal, "author": "ü b"}
            issue = ask("submit_issue", given)
            for asked in (ask, door):
                found = asked("get_issue", {"issue": issue["id"]})
                assert (found["intent"], found["author"], found["vigy_name"]) == (intent, "ü b", "one")
                assert _exact(found["constraints"]) == _exact(constraints)
                assert _exact(found["proposal"]) == _exact(proposal)
            assert ask("cancel_issue", {"issue": issue["id"], "note": intent[:900]})["state"] == "cancelled"
        source = ask("submit_issue", {"vigy": "one", "intent": "all of it", "proposal": {"source": LONG[:60_000]}})
        assert ask("get_issue", {"issue": source["id"]})["proposal"]["source"] == LONG[:60_000]
        asked_settings = {"proposer": {"kind": "rules", "deep": carried}, "factor": 1.5, "replay_changes": 0.1}
        assert ask("put_enhance_setting", {"setting": f"s-{way}", "fields": asked_settings})["factor"] == 1.5
        told = door("get_enhance_setting", {"setting": f"s-{way}"})
        assert _exact(told["proposer"]["deep"]) == _exact(carried)


def _exact(data: Any) -> str:
    return json.dumps(data, sort_keys=True)
