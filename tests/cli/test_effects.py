"""The command line and effects: what is granted where, what is told of it, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from cli.shell import vigyc

READS = '(vigy-set "text" (ok-value (fs-read "a.txt")))'
CAUGHT = '(try (fs-read (string-append "/etc/" "passwd")) (catch (e) (vigy-log "warn" (error-message e))))'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "reads.tatara").write_text(READS)
    (tmp_path / "caught.tatara").write_text(CAUGHT)
    (tmp_path / "policy.toml").write_text('base = "."\ngrants = ["fs.read:."]\n')
    return tmp_path


def run(folder: Path, *args: str) -> Result:
    assert Path.cwd() == folder
    return vigyc(*args)


def test_eval_performs_what_is_granted_here(folder: Path) -> None:
    program = '(ok-value (fs-read "a.txt"))'
    done = run(folder, "eval", "-e", program, "--grant", "fs.read:.")
    assert (done.exit_code, done.stdout) == (0, '"hello"\n')
    refused = run(folder, "eval", "-e", program)
    assert refused.exit_code == 3
    assert "error[denied]: `fs-read` of a.txt is denied" in refused.stderr


def test_eval_has_a_budget(folder: Path) -> None:
    program = '(fs-exists? "a.txt") (fs-exists? "a.txt")'
    done = run(folder, "eval", "-e", program, "--grant", "fs.read:.", "--budget", "calls=1")
    assert done.exit_code == 1
    assert "1 calls would exceed the run's budget: 0 of 1 left" in done.stderr


def test_run_goes_by_a_policy_file_and_tells_effects(folder: Path) -> None:
    done = run(folder, "run", "reads.tatara", "--ticks", "1", "--policy", "policy.toml")
    assert done.exit_code == 0
    assert "  effect     fs-read  a.txt  ok" in done.stdout.splitlines()


def test_register_refuses_what_is_not_granted_and_writes_nothing(folder: Path) -> None:
    done = run(folder, "register", "reads.tatara", "--name", "reads", "--db", "x.db")
    assert done.exit_code == 3
    assert "error[not-granted]: `fs-read` of a.txt is not granted" in done.stderr
    assert "reads.tatara:1:28" in done.stderr
    assert run(folder, "list", "--db", "x.db").stdout == "no vigies registered\n"


def test_update_and_rollback_refuse_it_too(folder: Path) -> None:
    (folder / "plain.tatara").write_text("(vigy-noop)")
    given = ("--db", "x.db")
    assert run(folder, "register", "plain.tatara", "--name", "p", "--disabled", *given).exit_code == 0
    assert run(folder, "update", "p", "--program", "reads.tatara", *given).exit_code == 3
    granted = ("--policy", "policy.toml", *given)
    assert run(folder, "update", "p", "--program", "reads.tatara", *granted).exit_code == 0
    assert run(folder, "update", "p", "--program", "plain.tatara", *granted).exit_code == 0
    refused = run(folder, "rollback", "p", "2", "--yes", *given)
    assert (refused.exit_code, "not granted" in refused.stderr) == (3, True)


def test_a_denied_tick_and_one_that_carried_on(folder: Path) -> None:
    given = ("--db", "x.db", "--policy", "policy.toml")
    assert run(folder, "register", "caught.tatara", "--name", "caught", "--disabled", *given).exit_code == 0
    done = run(folder, "tick", "caught", *given)
    assert done.exit_code == 0
    assert "  denied     1 of its calls" in done.stdout.splitlines()
    assert run(folder, "tick", "caught", "--fail-on-denied", *given).exit_code == 3
    told = run(
        folder, "tail", "--db", "x.db", "--kind", "denied", "--no-follow", "--since", "0", "-o", "jsonl"
    ).stdout.splitlines()
    assert [json.loads(line)["data"]["resource"] for line in told] == ["/etc/passwd", "/etc/passwd"]
    assert "Its policy refused 2 calls of effects" in run(folder, "explain", "caught", "--db", "x.db").stdout
    assert "2 effects denied" in run(folder, "inspect", "caught", "--db", "x.db").stdout
    (folder / "caught.tatara").write_text('(fs-read (string-append "/etc/" "passwd"))')
    assert run(folder, "update", "caught", "--program", "caught.tatara", *given).exit_code == 0
    assert run(folder, "tick", "caught", *given).exit_code == 3


def test_replay_of_a_run(folder: Path) -> None:
    given = ("--db", "x.db", "--policy", "policy.toml")
    assert run(folder, "register", "reads.tatara", "--name", "reads", "--disabled", *given).exit_code == 0
    made = json.loads(run(folder, "tick", "reads", "-o", "json", *given).stdout)
    assert made["effects"][0]["rule"] == "fs.read:."
    (folder / "a.txt").unlink()
    done = run(folder, "replay", made["id"], "--db", "x.db")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "the replay is as the run was"
    told = json.loads(run(folder, "replay", made["id"], "--db", "x.db", "-o", "json").stdout)
    assert (told["differences"], told["replay"]["kv_set"]) == ([], ["text"])
    assert told["calls"] == [{"name": "fs-read", "args": ["a.txt"], "value": {":ok": True, ":value": "hello"}}]
    assert run(folder, "replay", "0000", "--db", "x.db").exit_code == 4


def test_a_dry_run_lists_effects(folder: Path) -> None:
    (folder / "writes.tatara").write_text('(fs-write "b.txt" (ok-value (fs-read "a.txt")))')
    given = ("--db", "x.db", "--grant", "fs.read:.", "--grant", "fs.write:.")
    assert run(folder, "register", "writes.tatara", "--name", "w", "--disabled", *given).exit_code == 0
    done = run(folder, "tick", "w", "--dry-run", *given)
    assert [line.split() for line in done.stdout.splitlines() if "effect" in line] == [
        ["effect", "fs-read", "a.txt", "ok"],
        ["effect", "fs-write", "b.txt", "not-done"],
    ]
    assert not (folder / "b.txt").exists()


def test_the_policy_may_be_a_setting(folder: Path) -> None:
    (folder / "vigyc.toml").write_text('policy = "policy.toml"\n')
    assert run(folder, "register", "reads.tatara", "--name", "reads", "--db", "x.db", "--disabled").exit_code == 0
    assert run(folder, "tick", "reads", "--db", "x.db").exit_code == 0
    assert "vigyc.toml:1" in run(folder, "config", "show", "--origin").stdout
    (folder / "policy.toml").write_text('grants = ["fs.reed:/data"]\n')
    broken = run(folder, "tick", "reads", "--db", "x.db")
    assert broken.exit_code == 2
    assert "policy.toml:1" in broken.stderr
    assert "did you mean 'fs.read'?" in broken.stderr
