"""`vigyc audit`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shell import objects, vigyc

PROGRAMS = {
    "pure": '(vigy-set "n" 1)',
    "mirror": '(require "fetch" :refer (fetch))\n(fs-write "/out/a" (fetch "https://api.example.com/a"))',
    "alias": "(define get http-get)\n(map get (list))",
    "built": '(http-get (string-append "https://" "evil.example.com"))',
    "quoted": "(eval '(http-get url))",
    "literal": '(http-get "https://EVIL.example.com:443/x")',
    "own": "(define (http-get url) url)\n(http-get 1)",
}


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "policy.toml").write_text('grants = ["net:*", "fs.write:*"]')
    monkeypatch.setenv("VIGYC_POLICY", str(tmp_path / "policy.toml"))
    (tmp_path / "fetch.tatara").write_text("(provide fetch)\n(define (fetch url) (http-get url))")
    for name, text in PROGRAMS.items():
        file = tmp_path / f"{name}.tatara"
        file.write_text(text)
        done = vigyc("register", file, "--name", name, "--disabled", "--db", tmp_path / "vigy.db")
        assert done.exit_code == 0, done.stderr
    return tmp_path / "vigy.db"


def audited(db: Path, *args: str) -> dict[str, list[str]]:
    (found,) = objects(vigyc("audit", *args, "--db", db, "-o", "json").stdout)
    return {each["name"]: [use["operation"] for use in each["uses"]] for each in found}


def test_every_vigy_is_told(db: Path) -> None:
    done = vigyc("audit", "--db", db)
    assert done.exit_code == 0
    text = done.stdout
    assert "pure: pure\n" in text
    assert "mirror: fs.write, net\n    2:1                fs-write  call  fs.write /out/a\n" in text
    assert "    fetch.tatara:2:21  http-get  call  net dynamic host\n" in text
    assert "own: pure\n" in text
    assert done.stderr == "7 vigies: fs.write 1, net 5, pure 2\n"


def test_h01_whoever_calls_it_by_whatever_name(db: Path) -> None:
    for args in (("--effect", "net"), ("--calls", "http-get")):
        assert set(audited(db, *args)) == {"mirror", "alias", "built", "quoted", "literal"}


def test_h02_a_dynamic_host_is_told_and_found(db: Path) -> None:
    assert "net dynamic host" in vigyc("audit", "--db", db, "--calls", "http-get").stdout
    assert "literal" in audited(db, "--host", "evil.example.com")
    assert set(audited(db, "--host", "good.example.com")) == {"mirror", "alias", "built", "quoted"}
    assert "literal" in audited(db, "--host", "*.example.com")


def test_filters_are_alternatives(db: Path) -> None:
    assert audited(db, "--effect", "fs.write", "--host", "evil.example.com")["mirror"] == ["fs-write", "http-get"]
    assert audited(db, "--effect", "fs.write") == {"mirror": ["fs-write"]}
    assert audited(db, "--effect", "env") == {}


def test_code_that_is_made_up_is_told(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "made.tatara"
    file.write_text('(eval (list (string->symbol (string-append "http-" "get")) 1))')
    vigyc("register", file, "--name", "made", "--disabled", "--db", db)
    assert "it runs code that it makes up" in vigyc("audit", "--db", db).stdout
    (found,) = objects(vigyc("audit", "--db", db, "-o", "json").stdout)
    assert [each["name"] for each in found if each["evaluates"]] == ["made"]


def test_a_use_in_json(db: Path) -> None:
    lines = objects(vigyc("audit", "--db", db, "--effect", "fs.write", "-o", "jsonl").stdout)
    (mirror,) = lines
    start = PROGRAMS["mirror"].index("(fs-write")
    assert mirror["uses"] == [
        {
            "operation": "fs-write", "pack": "fs", "how": "call", "file": "<program>", "line": 2, "column": 1,
            "span": [start, len(PROGRAMS["mirror"].rstrip())], "asks": [{"effect": "fs.write", "path": "/out/a"}],
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--effect", "nte"), "did you mean 'net'?"),
        (("--calls", "http-gett"), "did you mean 'http-get'?"),
        (("--host", "a b"), "net:a b"),
    ],
)
def test_wrong_usage_is_two(args: tuple[str, ...], said: str, db: Path) -> None:
    done = vigyc("audit", *args, "--db", db)
    assert done.exit_code == 2
    assert said in done.stderr
