"""`vigyc policy`, and the policy in `vigyc check`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.shell import objects, vigyc
from vigyc.effects.policy_file import load_policies
from vigyc.service.policy_check import load_cases

PROGRAM = """(fs-read "data/a.txt")
(define (send host) (http-get host))
(io-print "done")
"""
POLICY = """base = "."
grants = ["fs.read:data", "net:api.example.com"]
[[budget]]
calls = 10
shared_by = "vigy"
every = "1h"
[limits]
rows = 5
[[for]]
vigy = "loud"
grants = ["print"]
[[for]]
labels = "team=ops"
grants = ["proc:uname"]
"""
DOCS = Path(__file__).parents[2] / "docs" / "policy.md"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "a.tatara"
    file.write_text(PROGRAM)
    return file


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY)
    return file


def test_what_a_program_needs_can_be_pasted(program: Path) -> None:
    done = vigyc("policy", "check", program)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[:2] == ['base = "."', "grants = ["]
    assert [line.split("  #")[0].strip() for line in lines[2:-1]] == ['"fs.read:data/a.txt",', '"net:*",', '"print",']
    assert "narrow it" in lines[3]
    pasted = program.with_name("pasted.toml")
    pasted.write_text(done.stdout)
    again = vigyc("policy", "check", program, "--policy", pasted)
    assert (again.exit_code, again.stdout) == (0, "")


def test_needs_in_json(program: Path) -> None:
    (told,) = objects(vigyc("policy", "check", program, "-o", "json").stdout)
    assert told == {
        "file": str(program),
        "grants": ["fs.read:data/a.txt", "net:*", "print"],
        "dynamic": ["net:*"],
        "evaluates": False,
    }


def test_what_is_refused_is_three(program: Path, policy: Path) -> None:
    done = vigyc("policy", "check", program, "--policy", policy)
    assert done.exit_code == 3
    assert f"--> {program}:3:1" in done.stdout
    assert 'the grant "print" would allow it' in done.stdout
    assert done.stderr == f"{program}: 1 refused\n"
    (told,) = objects(vigyc("policy", "check", program, "--policy", policy, "-o", "json").stdout)
    assert (told["id"], told["line"], told["kind"]) == ("not-granted", 3, "denied")


def test_a_vigy_has_the_policy_of_its_section(program: Path, policy: Path) -> None:
    done = vigyc("policy", "check", program, "--policy", policy, "--vigy", "loud", "-o", "json")
    assert [each["line"] for each in objects(done.stdout)] == [1, 2]


def test_a_program_that_makes_up_code_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.tatara"
    file.write_text('(eval (list (string->symbol (string-append "fs-" "read")) "/etc/passwd"))')
    assert "runs code that it makes up" in vigyc("policy", "check", file).stderr
    done = vigyc("policy", "check", file, "--grant", "time")
    assert done.exit_code == 0
    assert "runs code that it makes up" in done.stderr


def test_a_program_that_is_none_is_one(tmp_path: Path) -> None:
    done = vigyc("policy", "check", "-", given="(car")
    assert (done.exit_code, done.stdout) == (1, "")


def test_check_with_a_policy(program: Path, policy: Path) -> None:
    assert vigyc("check", program).exit_code == 0
    done = vigyc("check", program, "--policy", policy)
    assert done.exit_code == 3
    assert "error[not-granted]" in done.stdout
    assert done.stderr == "1 program: 1 error, 0 warnings\n"
    grants = ("--grant", "fs.read:/", "--grant", "net:*", "--grant", "print")
    assert vigyc("check", program, *grants).exit_code == 0
    program.write_text(PROGRAM + "(nowhere)")
    assert vigyc("check", program, "--policy", policy).exit_code == 1


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        (("fs.read", "data/x"), 0, 'fs.read of data/x is allowed, by the grant "fs.read:data"'),
        (("fs.read", "data/../x"), 3, "fs.read of data/../x is refused: no grant of fs.read covers it"),
        (("net", "api.example.com"), 0, "net of api.example.com:443 is allowed"),
        (("net", "http://API.example.com:80/x"), 0, "net of api.example.com:80 is allowed"),
        (("print",), 3, 'print is refused: there is no grant of print; the grant "print" would allow it'),
        (("print", "--vigy", "loud"), 0, "print is allowed"),
    ],
)
def test_a_decision_is_explained(question: tuple[str, ...], code: int, said: str, policy: Path) -> None:
    done = vigyc("policy", "explain", *question, "--policy", policy)
    assert done.exit_code == code
    assert done.stdout.startswith(said), done.stdout


def test_a_decision_in_json(policy: Path) -> None:
    done = vigyc("policy", "explain", "fs.read", "/etc/passwd", "--policy", policy, "-o", "json")
    assert done.exit_code == 3
    assert objects(done.stdout) == [
        {
            "allowed": False,
            "kind": "fs.read",
            "resource": "/etc/passwd",
            "rule": "no grant of fs.read covers it",
            "needed": "fs.read:/etc/passwd",
        }
    ]


def test_a_policy_is_shown(policy: Path) -> None:
    done = vigyc("policy", "explain", "--policy", policy)
    assert done.exit_code == 0
    for line in ("grant      fs.read:data", "budget     10 calls for each vigy, every 1h", "limit      rows 5"):
        assert line in done.stdout
    (told,) = objects(vigyc("policy", "explain", "--policy", policy, "--label", "team=ops", "-o", "json").stdout)
    assert told["grants"] == ["proc:uname"]
    assert told["id"]


def test_without_a_policy_nothing_is_allowed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no effect is allowed" in vigyc("policy", "explain").stdout
    assert vigyc("policy", "explain", "time").exit_code == 3


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("explain", "fs.raed", "x"), "did you mean 'fs.read'?"),
        (("explain", "fs.read"), "must be asked with what for"),
        (("explain", "time", "x"), "takes no resource"),
        (("explain", "proc", "git 'x"), "is not a command line"),
        (("explain", "time", "--grant", "tiem"), "did you mean 'time'?"),
        (("explain", "time", "--grant", "time", "--budget", "steps=3"), "UNIT=AMOUNT"),
        (("explain", "time", "--policy", "no.toml"), "no.toml: No such file"),
        (("explain", "time", "--policy", "no.toml", "--grant", "time"), "give --policy, or --grant"),
        (("explain", "time", "--label", "x"), "give it as key=value"),
        (("test", "no.toml", "--grant", "time"), "no.toml: No such file"),
    ],
)
def test_wrong_usage_is_two(args: tuple[str, ...], said: str) -> None:
    done = vigyc("policy", *args)
    assert done.exit_code == 2, done.stderr
    assert said in done.stderr


def test_a_slip_in_the_policy_is_told_with_its_line(policy: Path, program: Path) -> None:
    policy.write_text("\n[limit]\n")
    done = vigyc("check", program, "--policy", policy)
    assert done.exit_code == 2
    assert f"{policy}:2: there is no key 'limit'; did you mean 'limits'?" in done.stderr


CASES = """
[[case]]
kind = "fs.read"
resource = "data/a"
expect = "allow"

[[case]]
vigy = "loud"
kind = "print"
expect = "deny"

[[case]]
labels = { team = "ops" }
kind = "proc"
resource = "rm -rf /"
expect = "deny"
"""


def test_expectations(policy: Path, tmp_path: Path) -> None:
    cases = tmp_path / "cases.toml"
    cases.write_text(CASES)
    done = vigyc("policy", "test", cases, "--policy", policy)
    assert done.exit_code == 1
    said = 'loud: print was to be refused, but print is allowed, by the grant "print"'
    assert done.stdout == f"{cases}:7: {said}\n"
    assert done.stderr == "3 cases: 1 failed\n"
    (told,) = objects(vigyc("policy", "test", cases, "--policy", policy, "-o", "json").stdout)
    assert (told["line"], told["vigy"], told["allowed"]) == (7, "loud", True)
    cases.write_text(CASES.replace('kind = "print"\nexpect = "deny"', 'kind = "print"\nexpect = "allow"'))
    assert vigyc("policy", "test", cases, "--policy", policy).exit_code == 0


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "there is no [[case]]"),
        ("[case]\n", 1, "there is no [[case]]"),
        ("[[case]]\nexpect = 'allow'\n", 1, "must have a `kind`"),
        ("[[case]]\nkind = 'time'\n", 1, "must have a `expect`"),
        ("[[case]]\nkind = 'time'\nexpect = 'yes'\n", 3, "allow or deny"),
        ("[[case]]\nkind = 'tiem'\nexpect = 'allow'\n", 2, "did you mean 'time'?"),
        ("[[case]]\nkind = 'time'\nexpect = 'allow'\nresorce = 'x'\n", 4, "did you mean 'resource'?"),
        ("[[case]]\nkind = 'fs.read'\nexpect = 'allow'\n", 2, "with what for"),
        ("[[case]]\nkind = 'time'\nexpect = 'allow'\nlabels = 'a'\n", 4, "must be a mapping"),
    ],
)
def test_a_slip_in_the_expectations(text: str, line: int, said: str, tmp_path: Path) -> None:
    cases = tmp_path / "cases.toml"
    cases.write_text(text)
    done = vigyc("policy", "test", cases, "--grant", "time")
    assert done.exit_code == 2
    assert f"{cases}:{line}: " in done.stderr
    assert said in done.stderr


def test_what_the_page_shows_can_be_loaded(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 3
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.toml"
        file.write_text(block)
        if "[[case]]" in block:
            assert vigyc("policy", "test", file, "--policy", tmp_path / "0.toml").exit_code == 0
            assert load_cases(file)
        else:
            assert load_policies(file).default.grants


def test_the_page_s_python_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    exec(compile(block, str(DOCS), "exec"), {})
