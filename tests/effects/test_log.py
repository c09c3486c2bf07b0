"""Records: one line each whatever is in them, in the run's log and in a sink of the run's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.log_sink import json_record, one_line, text_record
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host
from vigyc.runtime.secret import Secret

STAMP = "2023-11-14T22:13:20Z"
HOSTILE = (
    'quotes " and \\ backslash', "new\nline", "carriage\rreturn", "\x1b[2J\x1b]0;title\x07", "line\u2028sep\u2029par",
    "next\x85line", "nul\0bell\a\b\x0b\x0c\x1c\x1d\x1e\x1f", "\x7f\x9b31m", "override\u202e\u2066",
    "half \ud83d surrogate", '{"level":"error"}', "é世界🎉",
)  # fmt: skip


@pytest.fixture
def logging(effects: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """A run that may log, and write below /data, which is `tmp_path`."""
    return lambda *grants, **rest: effects("log", f"fs.write:{tmp_path}", *grants, base=str(tmp_path), **rest)


def logged(run: Any) -> list[tuple[str, str]]:
    return [tuple(line) for line in run.host.logs]


def test_records_go_into_the_log_of_the_run(effects: Callable[..., Any]) -> None:
    run = effects("log")
    assert run.call("log-info", "deployed") is None
    run.call("log-warn", "slow", {keyword("ms"): 12, "host": "a"})
    run.call("log-error", ["a", keyword("b")])
    assert logged(run) == [("info", "deployed"), ("warn", 'slow {":ms":12,"host":"a"}'), ("error", '("a" :b)')]


def test_without_a_grant_nothing_is_logged(effects: Callable[..., Any]) -> None:
    run = effects("print", "fs.write:/tmp")
    for name, args in (
        ("log-debug", ("x",)), ("log-info", ("x",)), ("log-warn", ("x",)), ("log-error", ("x",)),
        ("log-level", ("warn",)), ("log-format", ("json",)), ("log-sink", ("/tmp/x",)), ("log-console", ()),
    ):  # fmt: skip
        assert "there is no grant of log" in run.denied(name, *args)
    assert logged(run) == []


@pytest.mark.parametrize(("level", "kept"), [("debug", 4), ("info", 3), ("warn", 2), ("error", 1)])
def test_what_is_below_the_level_is_dropped(effects: Callable[..., Any], level: str, kept: int) -> None:
    run = effects("log")
    run.call("log-level", level)
    for each in ("debug", "info", "warn", "error"):
        run.call(f"log-{each}", each)
    assert [line.level for line in run.host.logs] == ["debug", "info", "warn", "error"][-kept:]


def test_at_first_the_level_is_info(effects: Callable[..., Any]) -> None:
    run = effects("log")
    run.call("log-debug", "x")
    assert logged(run) == []


def test_names_that_are_none_are_refused_with_the_choices(effects: Callable[..., Any]) -> None:
    run = effects("log")
    with pytest.raises(
        TickError, match="in native `log-level`: there is no `loud`; there are debug, info, warn, error"
    ):
        run.call("log-level", "loud")
    with pytest.raises(TickError, match="in native `log-format`: there is no `xml`; there are text, json"):
        run.call("log-format", "xml")
    with pytest.raises(TickError, match="`log-info`: fields must be a map, got list"):
        run.call("log-info", "x", [1])
    run.call("log-level", "error")
    run.call("log-info", "x", [1])  # dropped before it is looked at
    assert logged(run) == []


def test_a_text_sink_gets_a_line_a_record(logging: Callable[..., Any], tmp_path: Path) -> None:
    run = logging()
    assert run.value("log-sink", "app.log") is None
    run.call("log-info", "deployed")
    run.call("log-warn", "slow", {keyword("ms"): 12})
    assert (
        tmp_path / "app.log"
    ).read_text() == f'[{STAMP}] info vigy: deployed\n[{STAMP}] warn vigy: slow {{":ms":12}}\n'
    assert logged(run) == [("info", "deployed"), ("warn", 'slow {":ms":12}')]
    assert (tmp_path / "app.log").stat().st_mode & 0o777 == 0o600


def test_a_json_sink_gets_an_object_a_record(logging: Callable[..., Any], tmp_path: Path) -> None:
    run = logging()
    run.value("log-sink", "app.log")
    run.call("log-format", "json")
    run.call("log-info", "deployed", {keyword("n"): [1, 2.5, None, True, float("nan")], "deep": {"é": "世"}})
    run.call("log-error", "bare")
    first, second = (tmp_path / "app.log").read_text().splitlines()
    assert json.loads(first) == {
        "ts": STAMP, "level": "info", "vigy": "vigy", "msg": "deployed",
        "fields": {":n": [1, 2.5, None, True, None], "deep": {"é": "世"}},
    }  # fmt: skip
    assert second == f'{{"ts":"{STAMP}","level":"error","vigy":"vigy","msg":"bare"}}'


@pytest.mark.parametrize("format", ["text", "json"])
def test_f07_hostile_text_is_one_record_per_call(logging: Callable[..., Any], tmp_path: Path, format: str) -> None:
    run = logging()
    run.value("log-sink", "app.log")
    run.call("log-format", format)
    for text in HOSTILE:
        run.call("log-info", text, {text: text})
    data = (tmp_path / "app.log").read_bytes()
    lines = data.decode().splitlines()
    assert len(lines) == len(HOSTILE)
    for line, text in zip(lines, HOSTILE, strict=True):
        assert all(char.isprintable() or char == " " for char in line), line
        if format == "json":
            assert json.loads(line)["msg"] == text
            assert json.loads(line)["fields"] == {text: text}
        else:
            assert line.startswith(f"[{STAMP}] info vigy: ")


def test_the_name_of_a_vigy_cannot_break_a_record_either() -> None:
    assert one_line("tab\tstays") == "tab\tstays"
    assert text_record(STAMP, "info", "a\nb\x1b", "m", None) == f"[{STAMP}] info a\\nb\\u{{1b}}: m"
    assert json.loads(json_record(STAMP, "info", 'a\n"b', "m", {}))["vigy"] == 'a\n"b'


def test_a_sink_is_added_to(logging: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("before\n")
    run = logging()
    run.value("log-sink", "app.log")
    run.call("log-info", "x")
    run.value("log-sink", "other.log")
    run.call("log-info", "y")
    run.value("log-sink", "app.log")
    run.call("log-info", "z")
    assert (tmp_path / "app.log").read_text().splitlines() == [
        "before", f"[{STAMP}] info vigy: x", f"[{STAMP}] info vigy: z"
    ]  # fmt: skip
    assert (tmp_path / "other.log").read_text() == f"[{STAMP}] info vigy: y\n"


def test_f09_a_sink_outside_of_the_grant_is_denied(logging: Callable[..., Any], tmp_path: Path) -> None:
    run = logging()
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    for path in ("../x", f"{tmp_path}/../x", "/etc/x", str(outside), "", "a\0b"):
        run.denied("log-sink", path)
    assert not outside.exists()
    run.call("log-info", "x")


def test_f09_a_sink_through_a_link_is_denied(logging: Callable[..., Any], tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (tmp_path / "dangling").symlink_to(outside / "x")
    (tmp_path / "folder").symlink_to(outside)
    (tmp_path / "inside").symlink_to("real.log")
    run = logging()
    run.denied("log-sink", "folder/x")
    run.denied("log-sink", "dangling")
    assert run.error("log-sink", "inside").tag == "is-link"
    run.call("log-info", "x")
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "real.log").exists()


def test_a_sink_must_be_a_regular_file(logging: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    run = logging()
    assert run.error("log-sink", "fifo").tag == "not-file"
    assert run.error("log-sink", "folder").tag == "is-folder"
    assert run.error("log-sink", "no/such/folder.log").tag == "not-found"
    (tmp_path / "one").write_text("")
    os.link(tmp_path / "one", tmp_path / "two")
    assert run.error("log-sink", "two").tag == "hard-link"


def test_a_sink_that_cannot_be_had_leaves_the_one_before(logging: Callable[..., Any], tmp_path: Path) -> None:
    run = logging()
    run.value("log-sink", "app.log")
    run.error("log-sink", "no/such/folder.log")
    run.call("log-info", "still here")
    assert (tmp_path / "app.log").read_text().endswith("still here\n")


def test_the_console_as_a_sink_needs_a_grant_of_print(logging: Callable[..., Any]) -> None:
    run = logging()
    assert "there is no grant of print" in run.denied("log-console")
    run = logging("print")
    written: list[str] = []
    run.session.console = written.append
    run.call("log-console")
    run.call("log-warn", "\x1b[2J")
    assert written == [f"[{STAMP}] warn vigy: \\u{{1b}}[2J\n"]


def test_settings_are_those_of_one_run_of_one_vigy(logging: Callable[..., Any], tmp_path: Path) -> None:
    """T2: log.set_level and log.set_sink were global."""
    first, second = logging(), logging()
    first.call("log-level", "error")
    first.call("log-format", "json")
    first.value("log-sink", "first.log")
    second.call("log-info", "of another vigy")
    assert len(second.host.logs) == 1

    host = Host(tick_start_ms=0)
    gate = host.gate = first.powers.gate("id", first.session, host, 5.0)
    first.gate, first.host = gate, host
    first.call("log-info", "of the next run")
    assert [line.message for line in host.logs] == ["of the next run"]
    assert (tmp_path / "first.log").read_text() == ""


def test_a_sink_is_closed_with_the_session(logging: Callable[..., Any]) -> None:
    before = len(os.listdir("/proc/self/fd"))
    run = logging()
    for _ in range(20):
        run.value("log-sink", "app.log")
    assert len(os.listdir("/proc/self/fd")) == before + 2  # the granted folder and the file
    run.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_sink_that_fails_is_let_go_and_the_run_says_so(logging: Callable[..., Any]) -> None:
    run = logging("print")
    reader, writer = os.pipe()
    os.close(reader)
    run.session.console = lambda line: os.write(writer, line.encode())
    run.call("log-console")
    run.call("log-info", "one")
    run.call("log-info", "two")
    os.close(writer)
    assert logged(run) == [("info", "one"), ("error", "log-sink the console: broken pipe"), ("info", "two")]


def test_records_are_bounded_and_paid_for(logging: Callable[..., Any], tmp_path: Path) -> None:
    run = logging(limits=Limits(write_bytes=60), budgets=(Budget({"bytes": 100}),))
    run.value("log-sink", "app.log")
    run.call("log-info", "x")
    size = (tmp_path / "app.log").stat().st_size
    assert run.gate.left("bytes") == 100 - size
    with pytest.raises(TickError, match="size limit of 60"):
        run.call("log-info", "x" * 60)
    run.call("log-info", "x" * 20)
    with pytest.raises(TickError) as raised:
        run.call("log-info", "x" * 20)
    assert raised.value.kind == "budget-exceeded"
    assert (tmp_path / "app.log").stat().st_size == 2 * size + 19


def test_f13_a_secret_is_logged_as_a_mask(logging: Callable[..., Any], tmp_path: Path) -> None:
    run = logging()
    run.value("log-sink", "app.log")
    secret = Secret("hunter2hunter2", "key")
    for format in ("text", "json"):
        run.call("log-format", format)
        run.call("log-info", secret, {keyword("key"): secret, "list": [secret]})
    assert "hunter2" not in (tmp_path / "app.log").read_text() + str(run.host.snapshot())
    assert logged(run) == [("info", '*** {":key":"***","list":["***"]}')] * 2


def test_deep_fields_are_no_trouble(logging: Callable[..., Any], tmp_path: Path) -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    run = logging()
    run.value("log-sink", "app.log")
    run.call("log-info", "deep", {"at": deep})
    assert (tmp_path / "app.log").read_text().count("[") == 5001
