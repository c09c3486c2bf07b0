"""Entity tags: not sent again what is known, not overwritten what somebody else changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from rest.serving import Served

VIGY = "/v1/vigies/a"


def test_a_vigy_has_its_generation_as_tag(rest: Served) -> None:
    rest.register("a")
    reply = rest.get(VIGY)
    assert reply.headers["etag"] == f'"{reply.json["generation"]}"'
    for changed in (rest.ask("PATCH", VIGY, {"note": "x", "enabled": False}), rest.post(VIGY + "/enable")):
        assert changed.headers["etag"] == f'"{changed.json["generation"]}"'
    assert changed.headers["etag"] != reply.headers["etag"]


@pytest.mark.parametrize("known", ["{}", "W/{}", '"x", {}', "*", '"a,b",{} '])
def test_what_is_known_is_not_sent_again(rest: Served, known: str) -> None:
    rest.register("a")
    tag = rest.get(VIGY).headers["etag"]
    reply = rest.get(VIGY, if_none_match=known.format(tag))
    assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("known", ['"999"', 'W/"999"', "1", "garbage", '"', "", ",,,", '"1'])
def test_what_is_not_known_is_sent(rest: Served, known: str) -> None:
    rest.register("a")
    assert rest.get(VIGY, if_none_match=known).status == 200


@pytest.mark.parametrize("wanted", ["{}", "*", '"77", {}', '{}, W/"5"', '"x", {}'])
def test_a_change_of_what_was_seen_is_made(rest: Served, wanted: str) -> None:
    rest.register("a")
    tag = rest.get(VIGY).headers["etag"]
    reply = rest.ask("PATCH", VIGY, {"labels": {"a": "b"}}, if_match=wanted.format(tag))
    assert (reply.status, reply.json["labels"]) == (200, {"a": "b"})


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ('"77"', 412), ('"77", "78"', 412), ("W/{}", 412), ('"x"', 412), ('"99999999999999999999999"', 412),
        ("garbage", 400), ("1", 400), ("", 400), ('"', 400),
    ],
)  # fmt: skip
def test_a_change_of_something_else_is_not_made(rest: Served, wanted: str, status: int) -> None:
    rest.register("a", labels={"a": "a"})
    tag = rest.get(VIGY).headers["etag"]
    reply = rest.ask("PATCH", VIGY, {"labels": {"a": "b"}}, if_match=wanted.format(tag))
    assert (reply.status, reply.json["status"]) == (status, status)
    assert rest.get(VIGY).json["labels"] == {"a": "a"}


def test_the_header_and_the_body_must_agree(rest: Served) -> None:
    generation = rest.register("a")["generation"]
    body = {"enabled": False, "generation": generation + 5}
    assert rest.ask("PATCH", VIGY, body, if_match=f'"{generation}"').status == 412
    assert rest.ask("PATCH", VIGY, {**body, "generation": generation}, if_match=f'"{generation}"').status == 200


def test_of_many_who_saw_the_same_one_changes_it(rest: Served) -> None:
    rest.register("a")
    tag = rest.get(VIGY).headers["etag"]

    def change(number: int) -> int:
        return rest.ask("PATCH", VIGY, {"labels": {"by": str(number)}}, if_match=tag).status

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(change, range(8))) == [200, *[412] * 7]


def test_a_condition_that_cannot_be_kept_is_refused(rest: Served) -> None:
    rest.register("a")
    assert rest.ask("DELETE", VIGY, if_match='"1"').status == 400
    assert rest.ask("PUT", VIGY + "/kv/x", {"value": 1}, if_none_match="*").status == 400
    assert rest.ask("DELETE", VIGY, if_match="*").status == 204
