"""`vigyc update`, `versions`, `diff` and `rollback`."""

from __future__ import annotations

import pytest

from cli.counter import HELLO, Counter

SECOND = HELLO.replace("image", "other")


@pytest.fixture
def two(counter: Counter) -> Counter:
    """A vigy with two versions."""
    counter.register()
    counter.good("update", "hello", "--program", counter.file(SECOND), "--note", "another image")
    return counter


def test_a_new_program_is_a_new_version_and_all_else_stays(counter: Counter) -> None:
    vigy_id = counter.register(labels={"a": "b"})
    counter.good("tick", "hello")
    said = counter.good("update", "hello", "--program", counter.file(SECOND))
    assert said == f"✓ {vigy_id}  hello\n  version 2, ticking every 1h\n"
    run = counter.json("tick", "hello")
    assert (run["version"], run["tick"], run["actions"][0]["payload"]) == (2, 2, "other")
    vigy = counter.json("inspect", "hello")["vigy"]
    assert (vigy["id"], vigy["labels"], vigy["program"]) == (vigy_id, {"a": "b"}, SECOND)


def test_only_what_is_given_changes(counter: Counter) -> None:
    counter.register(every="10s", labels={"a": "1", "b": "2"}, deadline="1s")
    assert counter.json("update", "hello", "--jitter", "1s")["schedule"] == {
        "kind": "fixed", "interval_ms": 10_000, "jitter_ms": 1000,
    }  # fmt: skip
    assert counter.json("update", "hello", "--every", "5s")["schedule"] == {
        "kind": "fixed", "interval_ms": 5000, "jitter_ms": 1000,
    }  # fmt: skip
    vigy = counter.json("update", "hello", "--label", "c=x-", "--label", "a-", "--label", "b=3")
    assert vigy["labels"] == {"b": "3", "c": "x-"}
    assert vigy["deadline_ms"] == 1000
    assert counter.json("update", "hello", "--deadline", "250ms")["deadline_ms"] == 250
    assert "deadline_ms" not in counter.json("update", "hello", "--deadline", "none")
    renamed = counter.json("update", "hello", "--name", "hi")
    assert (renamed["name"], renamed["version"], renamed["id"]) == ("hi", 1, vigy["id"])


def test_from_one_kind_of_schedule_to_another(counter: Counter) -> None:
    counter.register(every="10s")
    assert counter.json("update", "hello", "--cron", "0 * * * *")["schedule"] == {"kind": "cron", "expr": "0 * * * *"}
    assert counter.json("update", "hello", "--timezone", "Asia/Tokyo")["schedule"] == {
        "kind": "cron", "expr": "0 * * * *", "timezone": "Asia/Tokyo",
    }  # fmt: skip
    assert counter.good("update", "hello", "--every", "1m").endswith("\n  version 1, ticking every 1m\n")


def test_what_is_so_already_is_no_change(counter: Counter) -> None:
    counter.register(every="10s")
    for words in (["--every", "10s"], ["--program", counter.file(HELLO)], ["--name", "hello"]):
        assert counter.good("update", "hello", *words).endswith("\n  it is so already: nothing changed\n")
    assert len(counter.json("versions", "hello")) == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "say what to change"),
        (["--every", "20"], 2, "must be >= 100"),
        (["--cron", "nonsense"], 2, "cron 'nonsense'"),
        (["--label", "x"], 2, "label 'x': give it as key=value"),
        (["--label", "gone-"], 4, "hello has no label 'gone'"),
        (["--name", "other"], 4, "'other'"),
        (["--name", ""], 2, "name ''"),
        (["--timezone", "UTC"], 2, "--timezone goes with --cron"),
        (["--deadline", "never"], 2, "duration 'never'"),
    ],
)
def test_what_is_refused(counter: Counter, words: list[str], code: int, told: str) -> None:
    counter.register()
    counter.register("other")
    before = counter.json("inspect", "hello")["vigy"]
    assert told in counter.bad("update", "hello", *words, code=code)
    assert counter.json("inspect", "hello")["vigy"] == before


def test_what_does_not_compile_changes_nothing(counter: Counter) -> None:
    counter.register()
    file = counter.file("(vigy-noop")
    done = counter("update", "hello", "--program", file, "--every", "5s")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"{file}:1:1" in done.stderr
    assert "^" in done.stderr
    vigy = counter.json("inspect", "hello")["vigy"]
    assert (vigy["program"], vigy["tick_interval_ms"]) == (HELLO, 3_600_000)


def test_what_is_only_doubtful_is_shown(counter: Counter) -> None:
    counter.register()
    done = counter("update", "hello", "--program", counter.file("(vigy-pul)"))
    assert done.exit_code == 0
    assert "vigy-pul" in done.stderr


def test_versions(two: Counter) -> None:
    heads, newest, first = two.good("versions", "hello", "--utc").splitlines()
    assert heads.split() == ["VERSION", "LABEL", "MADE", "DIGEST", "BY", "NOTE"]
    assert newest.startswith("2        0.1.1  20")
    assert newest.endswith("  another image")
    assert first.startswith("1        0.1.0  20")
    assert [(each["number"], each["program"]) for each in two.json("versions", "hello")] == [(2, SECOND), (1, HELLO)]


def test_the_program_of_a_version_as_it_is(two: Counter) -> None:
    assert two.good("versions", "hello", "1") == HELLO
    assert two.good("versions", "hello", "2") == SECOND
    assert two.json("versions", "hello", "2")["note"] == "another image"
    assert two.bad("versions", "hello", "3", code=4) == "vigyc: hello has no version 3; there are 1, 2"
    assert two("versions", "hello", "0").exit_code == 2


@pytest.mark.parametrize("numbers", [[], ["1"], ["1", "2"]])
def test_diff(two: Counter, numbers: list[str]) -> None:
    assert two.good("diff", "hello", *numbers).splitlines() == [
        "--- hello v1", "+++ hello v2", "@@ -1,4 +1,4 @@", *(f" {line}" for line in HELLO.splitlines()[:3]),
        '-(vigy-pull "image")', '+(vigy-pull "other")',
    ]  # fmt: skip


def test_diff_in_json_backwards_and_of_nothing(two: Counter) -> None:
    told = two.json("diff", "hello", "2", "1")
    assert (told["old"], told["new"]) == (2, 1)
    assert '\n-(vigy-pull "other")\n' in told["diff"]
    assert two.good("diff", "hello", "2", "2") == ""
    assert "there are 1, 2" in two.bad("diff", "hello", "2", "9", code=4)


def test_diff_of_one_version(counter: Counter) -> None:
    counter.register()
    assert "only one version" in counter.bad("diff", "hello", code=4)


def test_diff_in_colour(two: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    told = two.good("diff", "hello")
    assert '\x1b[31m-(vigy-pull "image")\x1b[0m\n' in told
    assert '\x1b[32m+(vigy-pull "other")\x1b[0m\n' in told


def test_a_program_shown_in_colour_does_not_move_the_cursor(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    counter.register("sly", '(vigy-log "info" "\x1b[2J")\t; x')
    assert counter.good("versions", "sly", "1") == '(vigy-log "info" "\x1b[2J")\t; x'
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert counter.good("versions", "sly", "1") == '(vigy-log "info" "\\x1b[2J")\t; x\n'


def test_rollback_makes_a_new_version_of_an_old_one(two: Counter) -> None:
    vigy_id = two.json("inspect", "hello")["vigy"]["id"]
    assert two.good("rollback", "hello", "1", "--yes") == f"✓ {vigy_id}  hello\n  version 3: what version 1 was\n"
    assert two.good("versions", "hello", "3") == HELLO
    assert two.json("versions", "hello", "3")["note"] == "rollback to version 1"
    assert two.json("rollback", "hello", "2", "-y", "--note", "no, better")["version"] == 4
    assert two.json("versions", "hello", "4")["note"] == "no, better"


def test_rollback_to_what_it_is(two: Counter) -> None:
    assert two.good("rollback", "hello", "2", "--yes").endswith(
        "\n  version 2 is what it is already: nothing changed\n"
    )


def test_rollback_asks_and_refuses(two: Counter) -> None:
    assert "say --yes" in two.bad("rollback", "hello", "1", code=2)
    assert "there are 1, 2" in two.bad("rollback", "hello", "7", "--yes", code=4)
    assert two("rollback", "hello", "first", "--yes").exit_code == 2
    assert len(two.json("versions", "hello")) == 2
