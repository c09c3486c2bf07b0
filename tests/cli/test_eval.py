"""`vigyc eval`: a value after what was displayed, errors with their place, and batches that never die."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.shell import objects, vigyc


def batch(tmp_path: Path, *lines: object, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"".join((x if isinstance(x, bytes) else json.dumps(x).encode()) + b"\n" for x in lines))
    done = vigyc("eval", "--batch", file, *options)
    assert done.exit_code == 0
    assert done.stderr == ""
    return objects(done.stdout)


def test_the_value_is_printed() -> None:
    done = vigyc("eval", "-e", "(+ 1 2)")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "3\n", "")


def test_the_value_comes_after_what_was_displayed(tmp_path: Path) -> None:
    file = tmp_path / "a.tatara"
    file.write_text('(display "a") (newline) (display "b") (list 1 "x" :k)')
    assert vigyc("eval", file).stdout == '"a"\n"b"\n(1 "x" :k)\n'


def test_standard_input_is_a_file_called_minus() -> None:
    assert vigyc("eval", "-", given="(* 6 7)").stdout == "42\n"
    assert vigyc("eval", "-", given="(* 6 #t)").stderr.startswith("error[type-mismatch]: ")


def test_json_has_value_json_and_stdout() -> None:
    done = vigyc("eval", "-e", '(begin (display 1) (list 1.5 :a "b"))', "-o", "json")
    assert objects(done.stdout) == [{"ok": True, "value": '(1.5 :a "b")', "json": [1.5, ":a", "b"], "stdout": "1"}]


def test_an_error_is_shown_where_it_is_and_is_one(tmp_path: Path) -> None:
    file = tmp_path / "a.tatara"
    file.write_text("(display 1)\n(+ 1 #t)\n")
    done = vigyc("eval", file)
    assert done.exit_code == 1
    assert done.stdout == "1"
    assert done.stderr.startswith("error[type-mismatch]: ")
    assert f"--> {file}:2:1" in done.stderr


def test_an_error_in_json() -> None:
    done = vigyc("eval", "-e", "(begin (display 1) (throw (list 1 2)))", "-o", "json")
    assert done.exit_code == 1
    (result,) = objects(done.stdout)
    assert {key: result[key] for key in ("ok", "kind", "thrown", "stdout")} == {
        "ok": False,
        "kind": "user",
        "thrown": "(1 2)",
        "stdout": "1",
    }


def test_a_read_error_points_at_the_bracket() -> None:
    done = vigyc("eval", "-e", "(+ 1")
    assert done.exit_code == 1
    assert "--> <expression>:1:1" in done.stderr


def test_the_intrinsics_are_there() -> None:
    assert vigyc("eval", "-e", '(begin (vigy-set "a" 1) (vigy-get "a"))').stdout == "1\n"


def test_require_finds_files_beside_the_program(tmp_path: Path) -> None:
    (tmp_path / "math.tatara").write_text("(define (square x) (* x x)) (provide square)")
    (tmp_path / "a.tatara").write_text('(require "math") (math/square 5)')
    assert vigyc("eval", tmp_path / "a.tatara").stdout == "25\n"


def test_a_deadline_ends_what_does_not_end() -> None:
    done = vigyc("eval", "-e", "(begin (define (f n) (f (+ n 1))) (f 0))", "--deadline", "100ms")
    assert done.exit_code == 1
    assert done.stderr.startswith("error[halted]: ")


@pytest.mark.parametrize("options", [(), ("--no-cache",)])
def test_each_line_of_a_batch_is_a_world_of_its_own(tmp_path: Path, options: tuple[str, ...]) -> None:
    got = batch(
        tmp_path,
        {"id": "a", "src": "(define x 1) (display x) x"},
        {"id": "b", "src": "x"},
        {"id": 3, "src": '(require "m") m/y', "files": {"m": "(define y 2) (provide y)"}},
        {"src": '(vigy-set "n" (+ 1 (vigy-get "n" 0)))', "host": {"kv": {"n": 4}, "tick_start_ms": 5}},
        {"id": "e", "src": "(vigy-noop)"},
        options=options,
    )
    assert got[0] == {"id": "a", "ok": True, "value": "1", "json": 1, "stdout": "1"}
    assert {key: got[1][key] for key in ("id", "ok", "kind", "span")} == {
        "id": "b",
        "ok": False,
        "kind": "unbound-symbol",
        "span": [0, 1],
    }
    assert got[2] == {"id": 3, "ok": True, "value": "2", "json": 2, "stdout": ""}
    assert got[3]["id"] is None
    assert got[3]["host"]["kv"] == {"n": 5}
    assert got[3]["host"]["kv_dirty"] == ["n"]
    assert (got[4]["ok"], got[4]["kind"]) == (False, "unbound-symbol")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b"[" * 100_000,
        b"1" * 5_000,
        b"[1]",
        b"null",
        b"{}",
        b'{"src": 1}',
        b'{"src": "1", "files": []}',
        b'{"src": "1", "files": {"a": 1}}',
        b'{"src": "1", "host": []}',
        b'{"src": "1", "host": {"kv": 1}}',
        b'{"src": "1", "host": {"tick_count": "1"}}',
        b'{"src": "1", "host": {"tick_start_ms": 9223372036854775808}}',
        b'{"src": "1", "host": {"now": 1}}',
    ],
)
def test_a_bad_line_gives_a_result_and_the_next_goes_on(tmp_path: Path, line: bytes) -> None:
    bad, good = batch(tmp_path, line, {"id": 1, "src": "1"})
    assert {key: bad[key] for key in ("id", "ok", "kind")} == {"id": None, "ok": False, "kind": "bad-input"}
    assert bad["message"]
    assert good["value"] == "1"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("(", "reader"),
        (")", "reader"),
        ("(throw 1)", "user"),
        ("(define (f n) (+ 1 (f n))) (f 0)", "depth-exceeded"),
        ("(define (f n) (f (+ n 1))) (f 0)", "halted"),
        ("(defmacro m () (define (f n) (f (+ n 1))) (f 0)) (m)", "halted"),
        ("(" * 20_000 + ")" * 20_000, "reader"),
        ("(+ 1 " * 5_000 + "1" + ")" * 5_000, "reader"),
    ],
    ids=["open", "close", "throw", "depth", "loop", "macro-loop", "brackets", "nesting"],
)
def test_nothing_a_program_does_ends_a_batch(tmp_path: Path, source: str, kind: str) -> None:
    deadline = "1s" if kind == "halted" else "60s"
    bad, good = batch(tmp_path, {"id": 0, "src": source}, {"id": 1, "src": "1"}, options=("--deadline", deadline))
    assert (bad["id"], bad["ok"]) == (0, False)
    assert bad["kind"] == kind
    assert good["value"] == "1"


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    got = batch(tmp_path, '{"id": 1, "src": "\\"\u2028\x85\\""}'.encode(), b'{"id": 2, "src": "1"}\r')
    assert [(line["id"], line["json"]) for line in got] == [(1, "\u2028\x85"), (2, 1)]


def test_a_lone_surrogate_comes_back_as_an_escape(tmp_path: Path) -> None:
    (got,) = batch(tmp_path, b'{"id": 1, "src": "\\"\\ud800\\""}')
    assert got["json"] == "\ud800"


def test_a_batch_reads_standard_input() -> None:
    done = vigyc("eval", "--batch", "-", given='{"id": 1, "src": "(+ 1 1)"}')
    assert objects(done.stdout) == [{"id": 1, "ok": True, "value": "2", "json": 2, "stdout": ""}]
