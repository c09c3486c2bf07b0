"""What the original gets wrong over HTTP, by the number in the list of its weaknesses, and is right here."""

from __future__ import annotations

from rest.serving import Served


def test_7_the_state_is_that_of_the_ticks(rest: Served) -> None:
    program = """(vigy-desired "size" 3) (vigy-observed "size" 2) (vigy-emit "custom" 1)
                 (vigy-condition "Ready" "false" "Low" "too few")"""
    vigy = rest.register("a", program)
    run = rest.post(f"/v1/vigies/{vigy['id']}/tick").json
    state = rest.get("/v1/vigies/a/state").json
    assert state["desired"] == {"size": 3}
    assert state["observed"] == {"size": 2}
    (condition,) = state["conditions"]
    assert (condition["name"], condition["status"], condition["reason"]) == ("Ready", "false", "Low")
    (pending,) = state["pending"]
    assert (pending["kind"], pending["payload"], pending["run_id"]) == ("custom", 1, run["id"])


def test_8_schedules_of_every_kind_can_be_set(rest: Served) -> None:
    for schedule in (
        {"kind": "cron", "expr": "0 3 * * *", "timezone": "Europe/Berlin"},
        {"kind": "adaptive", "min_ms": 500, "max_ms": 60_000, "hint_key": "wait"},
        {"kind": "fixed", "interval_ms": 2000, "mode": "delay"},
    ):
        name = schedule["kind"]
        assert rest.register(str(name), schedule=schedule)["schedule"] == schedule


def test_14_an_interval_is_ms_by_its_name_and_times_are_text(rest: Served) -> None:
    vigy = rest.register("a", tick_interval_ms=2500)
    assert vigy["tick_interval_ms"] == 2500
    assert "tick_interval" not in vigy
    assert vigy["created_at"].endswith("Z")
    assert "T" in vigy["created_at"]


def test_37_what_is_not_there_is_404_and_what_is_malformed_400(rest: Served) -> None:
    for method, path in (
        ("GET", "/v1/vigies/nobody"), ("GET", "/v1/vigies/nobody/state"), ("POST", "/v1/vigies/nobody/tick"),
        ("POST", "/v1/vigies/nobody/enable"), ("POST", "/v1/vigies/nobody/disable"), ("DELETE", "/v1/vigies/nobody"),
        ("PATCH", "/v1/vigies/nobody"), ("GET", "/v1/runs/nothing"), ("GET", "/v1/runs?vigy=nobody"),
    ):  # fmt: skip
        reply = rest.ask(method, path)
        assert (reply.status, reply.json["kind"]) == (404, "not-found"), (method, path)
        assert reply.headers["content-type"] == "application/problem+json"
    for path in ("/v1/vigies?label_selector=%3D%3D", "/v1/vigies?limit=-1", "/v1/vigies?limit=x", "/v1/runs?before=-1"):
        assert rest.get(path).json["kind"] == "invalid", path
        assert rest.get(path).status == 400


def test_37_no_error_is_plain_text(rest: Served) -> None:
    for reply in (
        rest.ask("POST", "/v1/vigies", raw=b"{"), rest.ask("POST", "/v1/vigies", raw=b"x", content_type="text/plain"),
        rest.ask("PUT", "/v1/vigies"), rest.get("/v1/nothing"), rest.post("/v1/vigies", {"name": "a"}),
    ):  # fmt: skip
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["status"] == reply.status
        assert reply.json["detail"]


def test_38_labels_names_and_programs_are_checked_when_registered(rest: Served) -> None:
    good = {"name": "a", "program": "1"}
    for wrong, status in (
        ({"labels": {"no spaces": "x"}}, 400), ({"labels": {"a": 1}}, 400), ({"name": "\n"}, 400), ({"name": ""}, 400),
        ({"name": "0123456789abcdef"}, 400), ({"program": "(if"}, 422), ({"schedule": {"kind": "never"}}, 400),
    ):  # fmt: skip
        assert rest.post("/v1/vigies", {**good, **wrong}).status == status, wrong
    problem = rest.post("/v1/vigies", {"name": "b", "program": "1\n  (if 1"}).json
    assert problem["kind"] == "not-a-program"
    assert [problem["findings"][0][part] for part in ("line", "column")] == [2, 3]


def test_a_patch_changes_what_it_says(rest: Served) -> None:
    vigy = rest.register("a", "1", labels={"team": "ops"})
    changed = rest.ask("PATCH", "/v1/vigies/a", {"program": "2", "tick_interval_ms": 5000, "labels": {"x": "y"}})
    assert changed.status == 200
    after = rest.get(f"/v1/vigies/{vigy['id']}").json
    assert after == changed.json
    assert (after["program"], after["tick_interval_ms"], after["labels"]) == ("2", 5000, {"x": "y"})
    assert (after["id"], after["created_at"], after["version"]) == (vigy["id"], vigy["created_at"], 2)


def test_registering_again_is_not_making_new(rest: Served) -> None:
    first = rest.post("/v1/vigies", {"name": "a", "program": "1"})
    assert (first.status, first.headers["location"]) == (201, f"/v1/vigies/{first.json['id']}")
    rest.post("/v1/vigies/a/disable")
    again = rest.post("/v1/vigies", {"name": "a", "program": "1"})
    assert (again.status, again.json["created"], again.json["enabled"]) == (200, False, False)
    assert again.json["created_at"] == first.json["created_at"]


def test_a_failed_run_is_an_answer(rest: Served) -> None:
    rest.register("a", "(undefined)")
    reply = rest.post("/v1/vigies/a/tick")
    assert (reply.status, reply.json["result"]) == (200, "failed")


def test_what_is_deleted_leaves_nothing(rest: Served) -> None:
    rest.register("a", "1")
    reply = rest.ask("DELETE", "/v1/vigies/a")
    assert (reply.status, reply.body) == (204, b"")
    assert rest.get("/v1/vigies/a").status == 404
