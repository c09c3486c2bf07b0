"""`vigyc kv`: what a vigy remembers, seen and changed from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from cli.serving import COUNT, register, serve, until
from cli.shell import objects, vigyc
from vigyc.service.runtime import Runtime


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "vigy.db"
    register(path, every="1h")
    with Runtime.open(path) as runtime:
        for key, value in (("n", 1), ("name", "a b"), ("nested", {"b": [1, None], "a": 2.5})):
            runtime.kv("counter").set(key, value)
    return path


def kv(db: Path, *args: str | Path, given: str | None = None) -> Result:
    return vigyc("kv", *args, "--db", db, given=given)


def held(db: Path) -> dict[str, object]:
    with Runtime.open(db) as runtime:
        return runtime.kv("counter").export()


def test_get_prints_json_or_text(db: Path) -> None:
    assert kv(db, "get", "counter", "nested").stdout == '{"a":2.5,"b":[1,null]}\n'
    assert kv(db, "get", "counter", "name").stdout == '"a b"\n'
    assert kv(db, "get", "counter", "name", "--text").stdout == "a b\n"
    missing = kv(db, "get", "counter", "nam")
    assert (missing.exit_code, missing.stdout) == (4, "")
    assert "did you mean 'name'?" in missing.stderr
    assert kv(db, "get", "nobody", "n").exit_code == 4


def test_a_vigy_is_named_by_the_beginning_of_its_id(db: Path) -> None:
    with Runtime.open(db) as runtime:
        vigy_id = runtime.get("counter").id
    assert kv(db, "get", vigy_id[:5], "n").stdout == "1\n"


def test_set_takes_json_text_or_a_file(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text("[true]\n", encoding="utf-8")
    for args, given, wanted in (
        (("2",), None, 2),
        (("2", "--text"), None, "2"),
        (("--file", file), None, [True]),
        (("--file", file, "--text"), None, "[true]\n"),
        (("--file", "-"), '{"a": null}', {"a": None}),
        (("null",), None, None),
        (("-1.5",), None, -1.5),
    ):
        done = kv(db, "set", "counter", "x", *args, given=given)
        assert (done.exit_code, done.output) == (0, "")
        assert held(db)["x"] == wanted


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("1", "--file", "x"),
        ("not json",),
        ("--test",),
        ("{",),
        ("[" * 100_000,),
        ("NaN",),
        ("[-Infinity]",),
        ("1e999",),
    ],
)
def test_set_refuses_what_is_no_value(db: Path, args: tuple[str, ...]) -> None:
    done = kv(db, "set", "counter", "n", *args)
    assert done.exit_code == 2
    assert held(db)["n"] == 1


def test_ls_in_every_form(db: Path) -> None:
    assert kv(db, "ls", "counter").stdout == (
        'KEY     VALUE\nn       1\nname    "a b"\nnested  {"a":2.5,"b":[1,null]}\n'
    )
    assert json.loads(kv(db, "ls", "counter", "na", "-o", "json").stdout) == [{"key": "name", "value": "a b"}]
    assert [line["key"] for line in objects(kv(db, "ls", "counter", "-o", "jsonl").stdout)] == ["n", "name", "nested"]
    assert kv(db, "ls", "counter", "zz").stdout == ""
    assert kv(db, "ls", "counter", "zz", "-o", "json").stdout == "[]\n"


def test_rm_asks_where_it_can_and_wants_yes_elsewhere(db: Path) -> None:
    refused = kv(db, "rm", "counter", "n", "name")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert kv(db, "rm", "counter", "n", "absent", "--yes").exit_code == 4
    assert set(held(db)) == {"n", "name", "nested"}
    assert kv(db, "rm", "counter", "n", "name", "--yes").exit_code == 0
    assert set(held(db)) == {"nested"}


def test_the_runtimes_own_keys_need_force(db: Path) -> None:
    assert kv(db, "set", "counter", "__once::x", "1").exit_code == 2
    assert kv(db, "set", "counter", "__once::x", "1", "--force").exit_code == 0
    assert kv(db, "get", "counter", "__once::x").stdout == "1\n"
    assert kv(db, "rm", "counter", "__once::x", "--yes").exit_code == 2
    assert kv(db, "rm", "counter", "__once::x", "--yes", "--force").exit_code == 0
    assert "__once::x" not in held(db)


def test_export_and_import(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "kv.json"
    before = held(db)
    assert kv(db, "export", "counter", file).exit_code == 0
    assert json.loads(file.read_text("utf-8")) == before
    assert json.loads(kv(db, "export", "counter").stdout) == before

    kv(db, "set", "counter", "n", "7")
    kv(db, "set", "counter", "more", "8")
    assert kv(db, "import", "counter", file, "--merge").exit_code == 0
    assert held(db) == {**before, "more": 8}
    refused = kv(db, "import", "counter", file)
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert kv(db, "import", "counter", file, "--yes").exit_code == 0
    assert held(db) == before


@pytest.mark.parametrize("text", ["[1]", "{", '{"__mine": 1}'])
def test_import_refuses_what_is_no_export(db: Path, text: str) -> None:
    before = held(db)
    assert kv(db, "import", "counter", "-", "--yes", given=text).exit_code == 2
    assert held(db) == before


def test_a_server_goes_on_from_what_was_set(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    register(path, COUNT)
    with serve(path) as server:
        assert until(lambda: held(path).get("n", 0) >= 2)
        assert kv(path, "set", "counter", "n", "1000").exit_code == 0
        assert until(lambda: held(path)["n"] > 1001)
        server.process.terminate()
        assert server.ends() == 0


def test_what_changes_answers_in_json(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "kv.json"
    for args, wanted in (
        (("get", "counter", "n"), 1),
        (("get", "counter", "name", "--text"), "a b"),
        (("set", "counter", "x", "[-5]"), {"key": "x", "value": [-5]}),
        (("rm", "counter", "x", "n", "--yes"), [{"key": "x"}, {"key": "n"}]),
        (("export", "counter"), {"name": "a b", "nested": {"a": 2.5, "b": [1, None]}}),
        (("export", "counter", file), {"keys": 2}),
        (("import", "counter", file, "--yes"), {"keys": 2}),
    ):
        done = kv(db, *args, "-o", "json")
        assert (done.exit_code, json.loads(done.stdout)) == (0, wanted)


def test_export_to_where_nothing_can_be_written_is_one_clear_line(db: Path, tmp_path: Path) -> None:
    done = kv(db, "export", "counter", tmp_path / "absent" / "kv.json")
    assert (done.exit_code, done.stderr) == (
        2,
        f"vigyc: {tmp_path / 'absent' / 'kv.json'}: no such file or directory\n",
    )
