"""A newcomer's story: a program with a mistake, a vigy that ticks, one that breaks, and how it is found out and mended.

It is told twice, by one who writes requests by hand as curl would send them, and by one whose AI client has tools.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from surfaces.house import PATIENCE, House, house
from surfaces.script import Ask, Told
from surfaces.transports import over_mcp

UNREADABLE = '; my first vigy\n(vigy-log "info"\n  (format "tick {}" (vigy-incr "n"))'
MISTAKEN = '; my first vigy\n(vigy-log "info" (fromat "tick {}" 1))'
GOOD = '; my first vigy\n(vigy-log "info" (format "tick {}" (vigy-incr "n")))\n'
WORSE = GOOD + '(define sizes (list))\n(vigy-set "size" (car sizes))\n'
BETTER = GOOD + '(vigy-set "size" 3)\n'


@pytest.fixture
def served() -> Iterator[House]:
    with house() as found:
        yield found


def as_curl(served: House) -> Callable[..., tuple[int, dict[str, str], Any]]:
    """Sends a request as it is, on a connection of its own."""

    def curl(method: str, path: str, data: object = None, **headers: str) -> tuple[int, dict[str, str], Any]:
        connection = HTTPConnection(served.url.removeprefix("http://"), timeout=PATIENCE)
        body = None if data is None else json.dumps(data)
        kind = {} if data is None else {"Content-Type": "application/json"}
        told = {"Authorization": f"Bearer {served.admin}", **kind, **headers}
        connection.request(method, path, body, told)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(text or "null")

    return curl


def test_by_curl(served: House) -> None:
    curl = as_curl(served)
    status, _, problem = curl("POST", "/v1/vigies", {"name": "first", "program": UNREADABLE})
    assert (status, problem["kind"]) == (422, "not-a-program")
    assert [(each["line"], each["column"]) for each in problem["findings"]] == [(2, 1)]
    status, _, checked = curl("POST", "/v1/check", {"program": MISTAKEN})
    assert (status, checked["ok"]) == (200, False)
    (finding,) = [each for each in checked["findings"] if each["severity"] == "error"]
    assert (finding["line"], finding["column"], "fromat" in finding["message"]) == (2, 19, True)

    status, headers, made = curl(
        "POST", "/v1/vigies", {"name": "first", "program": GOOD, "tick_interval_ms": "1h", "enabled": False}
    )
    assert (status, headers["location"], made["findings"]) == (201, f"/v1/vigies/{made['id']}", [])
    assert curl("POST", "/v1/vigies/first/tick")[2]["result"] == "ok"
    assert curl("GET", "/v1/vigies/first/kv/n")[2] == {"key": "n", "value": 1}

    tag = curl("GET", "/v1/vigies/first")[1]["etag"]
    status, headers, _ = curl("PATCH", "/v1/vigies/first", {"program": WORSE, "note": "sizes"}, **{"If-Match": tag})
    assert status == 200
    assert curl("PATCH", "/v1/vigies/first", {"enabled": False}, **{"If-Match": tag})[0] == 412
    run = curl("POST", "/v1/vigies/first/tick")[2]
    assert (run["result"], run["place"]["line"] if "place" in run else 4) == ("failed", 4)
    assert ":4:" in run["error"]
    said = " ".join(curl("GET", "/v1/vigies/first/explain")[2]["sentences"])
    assert run["error"].split(" (at")[0] in said
    assert [each["value"] for each in curl("GET", "/v1/vigies/first/kv")[2]] == [1]  # nothing of a failed tick is kept

    assert curl("PATCH", "/v1/vigies/first", {"program": BETTER})[2]["version"] == 3
    assert curl("POST", "/v1/vigies/first/tick")[2]["result"] == "ok"
    assert curl("POST", "/v1/vigies/first/rollback", {"number": 1})[2]["version"] == 4
    assert "-(vigy-set" in curl("GET", "/v1/vigies/first/diff?old=3&new=4")[2]["diff"]
    assert curl("PUT", "/v1/vigies/first/kv/n", {"value": 40})[0] == 200
    assert curl("POST", "/v1/vigies/first/tick")[2]["logs"] == [{"level": "info", "message": "tick 41"}]
    assert curl("DELETE", "/v1/vigies/first")[0] == 204
    assert curl("GET", "/v1/vigies/first")[0] == 404


def test_by_an_mcp_client(served: House) -> None:
    with over_mcp(served, served.admin) as ask:
        _told_by_tools(ask)


def _told_by_tools(ask: Ask) -> None:
    with pytest.raises(Told) as told:
        ask("register_vigy", {"name": "first", "program": UNREADABLE})
    (finding,) = told.value.problem["findings"]
    assert (told.value.problem["kind"], finding["line"], finding["column"]) == ("not-a-program", 2, 1)
    checked = ask("check_program", {"program": MISTAKEN})
    assert [(each["line"], each["column"]) for each in checked["findings"] if each["severity"] == "error"] == [(2, 19)]
    ask("register_vigy", {"name": "first", "program": GOOD, "enabled": False})
    assert ask("tick_vigy", {"id": "first"})["result"] == "ok"
    ask("update_vigy", {"id": "first", "program": WORSE})
    failed = ask("tick_vigy", {"id": "first"})
    assert failed["result"] == "failed"
    said = " ".join(ask("explain_vigy", {"id": "first"})["sentences"])
    assert failed["error"].split(" (at")[0] in said
    ask("update_vigy", {"id": "first", "program": BETTER})
    assert ask("tick_vigy", {"id": "first"})["result"] == "ok"
    assert ask("get_kv", {"id": "first", "key": "size"})["value"] == 3
    assert ask("rollback_vigy", {"id": "first", "number": 1})["version"] == 4
    ask("set_kv", {"id": "first", "key": "n", "value": 40})
    assert ask("tick_vigy", {"id": "first"})["logs"] == [{"level": "info", "message": "tick 41"}]
    assert ask("delete_vigy", {"id": "first"}) == {"deleted": True}
    assert ask("list_vigies", {})["total"] == 0
