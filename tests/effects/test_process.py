"""Programs that are run: what they are given, what they may take, and that nothing of them stays behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from effects.options import options
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.secret import Secret

Make = Callable[..., Any]
LONG = f"1000.{os.getpid()}"  # how long sleepers sleep, and how they are known from those of another test process


def out(result: dict[object, object]) -> Any:
    return result[keyword("stdout")]


def run_sh(run: Any, script: str, **given: object) -> Any:
    return run.value("process-run", ["sh", "-c", script], options(**given))


def alive(marker: str) -> list[int]:
    """The processes with `marker` on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if marker.encode() in line and state != "Z":
                found.append(int(entry.name))
    return found


def gone(marker: str) -> bool:
    until = time.monotonic() + 2
    while alive(marker) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(marker)


# -- running


def test_a_program_gets_its_arguments_and_stdin(effects: Make) -> None:
    run = effects("proc:sort")
    assert run.value("process-run", ["sort", "-r"], options(stdin="a\nb\n")) == {
        keyword("code"): 0,
        keyword("signal"): None,
        keyword("stdout"): "b\na\n",
        keyword("stderr"): "",
    }


def test_code_and_stderr_are_told(effects: Make) -> None:
    result = run_sh(effects("proc:sh"), "echo no >&2; exit 3")
    assert (result[keyword("code")], result[keyword("stderr")]) == (3, "no\n")


def test_a_signal_that_ended_it_is_told(effects: Make) -> None:
    result = run_sh(effects("proc:sh"), "kill -TERM $$")
    assert (result[keyword("code")], result[keyword("signal")]) == (-1, "TERM")


def test_output_is_text_or_bytes(effects: Make) -> None:
    run = effects("proc:printf")
    assert out(run.value("process-run", ["printf", r"\377a"])) == "\ufffda"
    assert out(run.value("process-run", ["printf", r"\377a"], options(bytes=True))) == b"\xffa"


def test_no_shell_stands_between(effects: Make) -> None:
    assert out(effects("proc:echo").value("process-run", ["echo", "$HOME; id", "*"])) == "$HOME; id *\n"


def test_a_program_that_is_not_there_is_not_found(effects: Make) -> None:
    assert effects("proc:*").error("process-run", ["no-such-program"]).tag == "not-found"


def test_what_cannot_be_run_is_a_result(effects: Make, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("text")
    plain.chmod(0o644)
    assert effects("proc:*").error("process-run", [str(plain)]).tag == "no-permission"


def test_misuse_is_a_type_mismatch(effects: Make) -> None:
    run = effects("proc:*")
    for argv in ("sort", [1], ["sort", Secret("s", "s")]):
        with pytest.raises(TickError, match="argv must be a list of strings"):
            run.call("process-run", argv)


# -- section 14


def test_e01_without_a_grant_nothing_runs(effects: Make) -> None:
    assert "there is no grant of proc" in effects("print").denied("process-run", ["id"])
    assert "the grant 'proc:id' would allow it" in effects("print").denied("process-spawn", ["id"])


def test_e02_another_program_is_denied(effects: Make, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    run = effects("proc:git")
    run.denied("process-run", ["rm", str(tmp_path / "x")])
    run.denied("process-spawn", ["rm", str(tmp_path / "x")])
    assert (tmp_path / "x").exists()


def test_e03_e04_a_shell_under_a_granted_name_is_denied(effects: Make, tmp_path: Path) -> None:
    run = effects("proc:git", "fs.read:/bin", f"fs.write:{tmp_path}")
    fake = tmp_path / "git"
    fake.write_bytes(Path("/bin/sh").read_bytes())
    fake.chmod(0o755)
    run.denied("process-run", [str(fake), "-c", "id"])


def test_e06_the_folder_must_be_granted(effects: Make, tmp_path: Path) -> None:
    run = effects("proc:pwd", f"fs.read:{tmp_path}")
    (tmp_path / "in").mkdir()
    (tmp_path / "out").symlink_to("/etc")
    assert out(run.value("process-run", ["pwd"], options(cwd=f"{tmp_path}/in"))) == f"{tmp_path.resolve()}/in\n"
    run.denied("process-run", ["pwd"], options(cwd="/etc"))
    run.denied("process-run", ["pwd"], options(cwd=f"{tmp_path}/../.."))
    run.denied("process-run", ["pwd"], options(cwd=f"{tmp_path}/out"))
    assert run.error("process-run", ["pwd"], options(cwd=f"{tmp_path}/none")).tag == "not-found"


def test_without_a_folder_it_gets_an_empty_one_that_goes_with_it(effects: Make) -> None:
    folder, *inside = out(run_sh(effects("proc:sh"), "pwd; ls -A; touch x")).splitlines()
    assert (folder.rpartition("/")[2].startswith("vigyc-"), inside) == (True, [])
    assert not os.path.exists(folder)


def test_e07_nothing_of_our_environment_is_passed_on(effects: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_SECRET", "canary-58c1")
    shown = out(effects("proc:env").value("process-run", ["env"], options(env={"TOKEN": "t"})))
    names = {line.partition("=")[0] for line in shown.splitlines()}
    assert names == {"PATH", "LANG", "TOKEN", "VIGYC_CHILD"}
    assert "canary" not in shown


def test_e07_no_descriptor_of_ours_is_passed_on(effects: Make, tmp_path: Path) -> None:
    with open(tmp_path / "held", "w") as held:
        os.set_inheritable(held.fileno(), True)
        found = out(effects("proc:ls", f"fs.read:{tmp_path}").value(
            "process-run", ["ls", "/proc/self/fd"], options(cwd=str(tmp_path))
        ))  # fmt: skip
    assert set(found.split()) <= {"0", "1", "2", "3"}  # 3: the folder that ls reads


def test_a_secret_in_the_environment_is_masked_in_the_output(effects: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE", "hunter2hunter2")
    run = effects("proc:sh", "secret:KEY", secrets={"KEY": "env:SOURCE"})
    key = run.gate.secret("KEY")
    assert out(run_sh(run, "echo $KEY ${#KEY}", env={"KEY": key})) == "*** 14\n"


@pytest.mark.parametrize(
    "name",
    ["LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "IFS", "BASH_ENV", "ENV", "PYTHONPATH", "PERL5OPT", "GIT_SSH_COMMAND",
     "X_PRELOAD", "ld_preload", "HOME", "VIGYC_CHILD", "BASH_FUNC_id%%", "A=B", "", "1A"],
)  # fmt: skip
def test_t6_variables_that_make_programs_run_something_are_refused(effects: Make, name: str) -> None:
    assert effects("proc:env").error("process-run", ["env"], options(env={name: "x"})).tag == "bad-variable"


def test_e08_arguments_are_bounded(effects: Make) -> None:
    run = effects("proc:true")
    assert run.error("process-run", ["true", *["a"] * 1025]).tag == "too-many-arguments"
    assert run.value("process-run", ["true", *["a"] * 1024])[keyword("code")] == 0
    assert run.error("process-run", ["true", "a" * (2**16 + 1)]).tag == "too-large"
    assert run.error("process-run", ["true", "é" * 2**15 + "a"]).tag == "too-large"
    assert run.value("process-run", ["true", "a" * 2**16])[keyword("code")] == 0
    assert run.error("process-run", ["true", *["a" * 2**16] * 100]).tag == "too-large"


def test_e09_yes_is_ended_at_the_cap(effects: Make) -> None:
    run = effects("proc:yes", limits=Limits(output_bytes=100_000))
    assert run.error("process-run", ["yes", "e09-yes"]).tag == "too-large"
    assert gone("e09-yes")


def test_t6_a_gigabyte_is_never_held(effects: Make) -> None:
    run = effects("proc:head")
    assert run.error("process-run", ["head", "-c", "1000000000", "/dev/zero"]).tag == "too-large"


def test_e09_sleep_is_ended_after_its_time(effects: Make) -> None:
    run = effects("proc:sleep")
    began = time.monotonic()
    assert run.error("process-run", ["sleep", LONG + "109"], options(timeout_ms=100)).tag == "timeout"
    assert time.monotonic() - began < 2
    assert gone(LONG + "109")


def test_e09_the_limit_and_the_tick_bound_it_as_well(effects: Make) -> None:
    limited = effects("proc:sleep", limits=Limits(process_ms=100))
    assert limited.error("process-run", ["sleep", LONG + "209"], options(timeout_ms=10_000)).tag == "timeout"
    short = effects("proc:sleep", seconds=0.2)
    assert short.error("process-run", ["sleep", LONG + "209"]).tag == "timeout"
    assert gone(LONG + "209")


def test_e09_what_forks_and_forks_is_ended_as_a_group(effects: Make) -> None:
    script = f"for i in 1 2 3 4 5; do (sleep {LONG}309 & sleep {LONG}309 &) & done; wait; sleep {LONG}309"
    run = effects("proc:sh")
    assert run.error("process-run", ["sh", "-c", script], options(timeout_ms=200)).tag == "timeout"
    assert gone(LONG + "309")


def test_t6_a_daemon_that_flees_its_group_is_ended(effects: Make) -> None:
    run = effects("proc:sh")
    result = run_sh(run, f"setsid sh -c 'sleep {LONG}409 & sleep {LONG}409' & echo started")
    assert out(result) == "started\n"
    assert gone(LONG + "409")


def test_t6_what_ignores_sigterm_is_ended(effects: Make) -> None:
    run = effects("proc:sh")
    script = f"trap '' TERM INT HUP; echo ready; while :; do sleep {LONG}509; done"
    process = run.value("process-spawn", ["sh", "-c", script])
    assert run.value("process-read-line", process) == "ready"
    run.value("process-kill", process, "TERM")
    assert run.error("process-wait", process, options(timeout_ms=50)).tag == "timeout"
    run.value("process-kill", process)
    assert run.value("process-wait", process)[keyword("signal")] == "KILL"
    assert gone(LONG + "509")


def test_t6_nobody_waits_for_ever_over_stdin(effects: Make) -> None:
    run = effects("proc:cat", "proc:true", "proc:sh")
    assert out(run.value("process-run", ["cat"])) == ""
    large = "x" * 1_000_000
    assert out(run.value("process-run", ["cat"], options(stdin=large))) == large
    assert run.value("process-run", ["true"], options(stdin=large))[keyword("code")] == 0
    both = run_sh(run, "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; cat >/dev/null", stdin=large)
    assert (len(both[keyword("stderr")]), len(out(both))) == (300_000, 300_000)


def test_t6_stdin_is_bounded(effects: Make) -> None:
    run = effects("proc:cat", limits=Limits(write_bytes=10))
    assert run.error("process-run", ["cat"], options(stdin="x" * 11)).tag == "too-large"
    process = run.value("process-spawn", ["cat"])
    assert run.error("process-write", process, "x" * 11).tag == "too-large"


def test_t6_it_has_no_terminal_and_a_session_of_its_own(effects: Make) -> None:
    shown = out(run_sh(effects("proc:sh"), "cut -d' ' -f5-7 /proc/$$/stat; echo $$; cat /proc/$$/limits"))
    (group, session, terminal), pid, *limits = shown.splitlines()[0].split(), *shown.splitlines()[1:]
    assert (group, session, terminal) == (pid, pid, "0")
    assert any(line.split()[:5] == ["Max", "core", "file", "size", "0"] for line in limits)


def test_e10_no_orphans_stay_behind(effects: Make) -> None:
    run = effects("proc:sleep", limits=Limits(processes=400), seconds=60.0)
    for _ in range(300):
        run.value("process-spawn", ["sleep", LONG + "610"])
    assert len(alive(LONG + "610")) == 256
    run.close()
    assert gone(LONG + "610")


def test_only_so_many_run_at_once(effects: Make) -> None:
    run = effects("proc:sleep", limits=Limits(processes=2))
    first, _ = (run.value("process-spawn", ["sleep", "1000"]) for _ in range(2))
    assert run.error("process-run", ["sleep", "0"]).tag == "too-many-processes"
    run.value("process-kill", first)
    run.value("process-wait", first)
    assert run.value("process-run", ["sleep", "0"])[keyword("code")] == 0


def test_e12_our_own_program_is_denied_and_an_interpreter_must_be_granted(effects: Make) -> None:
    run = effects("proc:python3", "proc:sort")
    assert "vigyc cannot be run by a vigy" in run.denied("process-run", ["python3", "-m", "vigyc", "run", "x"])
    effects("proc:sort").denied("process-run", ["python3", "-c", "print(1)"])
    assert out(run.value("process-run", ["python3", "-c", "print(1)"])) == "1\n"


def test_e13_options_that_run_something_do_not_match_the_pattern(effects: Make) -> None:
    run = effects("proc:git status", "proc:git log *")
    run.denied("process-run", ["git", "-c", "alias.x=!sh", "x"])
    run.denied("process-run", ["git", "status", "--porcelain"])
    assert run.value("process-run", ["git", "status"])[keyword("code")] == 128  # no repository there


@pytest.mark.parametrize("argv", [[], [""], [".."], ["/"], ["./sort"], ["w/sort"]])
def test_e15_what_is_no_program_is_refused(effects: Make, argv: list[str]) -> None:
    effects("proc:*").denied("process-run", argv)


def test_t6_a_script_that_all_may_write_to_is_refused(effects: Make, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho ran\n")
    script.chmod(0o777)
    run = effects(f"proc:{script}")
    assert "all may write to it" in run.denied("process-run", [str(script)])
    script.chmod(0o755)
    assert out(run.value("process-run", [str(script)])) == "ran\n"


# -- going on with a process


def test_a_process_is_written_to_and_read_by_lines(effects: Make) -> None:
    run = effects("proc:cat")
    process = run.value("process-spawn", ["cat"])
    run.value("process-write", process, "one\r\ntwo\nthree")
    assert run.value("process-read-line", process) == "one"
    assert run.value("process-read-line", process) == "two"
    assert run.error("process-read-line", process, options(timeout_ms=30)).tag == "timeout"
    run.value("process-write", process, "", options(end=True))
    assert run.value("process-read-line", process) == "three"
    assert run.value("process-read-line", process) is None
    assert run.value("process-wait", process) == {keyword("code"): 0, keyword("signal"): None}
    assert run.value("process-wait", process)[keyword("code")] == 0
    assert run.value("process-read-line", process) is None


def test_each_stream_is_read_by_itself(effects: Make) -> None:
    run = effects("proc:sh")
    process = run.value("process-spawn", ["sh", "-c", "echo e >&2; echo o; head -c 200000 /dev/zero >&2; echo last"])
    assert [run.value("process-read-line", process) for _ in range(3)] == ["o", "last", None]
    assert run.value("process-read-line", process, options(**{"from": "stderr"})) == "e"
    assert run.error("process-read-line", process, options(**{"from": "x"})).tag == "bad-stream"


def test_what_was_written_before_the_end_can_be_read_after_it(effects: Make) -> None:
    run = effects("proc:sh")
    process = run.value("process-spawn", ["sh", "-c", "echo a; echo b; exit 7"])
    assert run.value("process-wait", process)[keyword("code")] == 7
    assert [run.value("process-read-line", process) for _ in range(3)] == ["a", "b", None]


def test_writing_to_one_that_reads_no_more_is_closed(effects: Make) -> None:
    run = effects("proc:true", "proc:cat")
    process = run.value("process-spawn", ["true"])
    run.value("process-wait", process)
    assert run.error("process-write", process, "x").tag == "closed"
    given = run.value("process-spawn", ["cat"], options(stdin="a\n"))
    assert run.error("process-write", given, "x").tag == "closed"
    assert run.value("process-read-line", given) == "a"
    assert run.value("process-wait", given)[keyword("code")] == 0


def test_one_that_does_not_read_times_out(effects: Make) -> None:
    run = effects("proc:sleep")
    process = run.value("process-spawn", ["sleep", "1000"])
    assert run.error("process-write", process, "x" * 1_000_000, options(timeout_ms=50)).tag == "timeout"


def test_a_spawned_process_is_bounded_too(effects: Make) -> None:
    run = effects("proc:yes", "proc:sleep", limits=Limits(output_bytes=10_000, process_ms=100))
    process = run.value("process-spawn", ["yes"])
    assert run.error("process-wait", process).tag == "too-large"
    slow = run.value("process-spawn", ["sleep", "1000"])
    assert run.error("process-wait", slow).tag == "timeout"
    assert run.value("process-wait", slow)[keyword("signal")] == "KILL"


def test_a_signal_must_have_a_name_and_an_ended_process_takes_any(effects: Make) -> None:
    run = effects("proc:true")
    process = run.value("process-spawn", ["true"])
    assert run.error("process-kill", process, "SEGV").tag == "bad-signal"
    run.value("process-wait", process)
    assert run.value("process-kill", process, "TERM") is None


def test_f01_a_process_of_another_run_is_closed(effects: Make) -> None:
    first, second = effects("proc:cat"), effects("proc:cat")
    process = first.value("process-spawn", ["cat"])
    with pytest.raises(TickError, match="is closed") as caught:
        second.call("process-write", process, "x")
    assert caught.value.kind == "closed-handle"
    with pytest.raises(TickError, match=r"(?i)process must be a running program"):
        second.call("process-wait", 1)


def test_output_is_taken_from_the_budget(effects: Make) -> None:
    run = effects("proc:echo", "proc:yes", budgets=(Budget({"bytes": 100}),))
    run.value("process-run", ["echo", "a" * 49])
    assert run.gate.left("bytes") == 50
    with pytest.raises(TickError) as caught:
        run.call("process-run", ["yes", "budget-yes"])
    assert caught.value.kind == "budget-exceeded"
    assert gone("budget-yes")


def test_waiting_is_taken_from_the_budget(effects: Make) -> None:
    run = effects("proc:sleep", budgets=(Budget({"ms": 100}),))
    run.value("process-run", ["sleep", "0.05"])
    assert 0 < run.gate.left("ms") <= 60  # what passes before it runs is not waited for
    assert run.error("process-run", ["sleep", "1000"]).tag == "timeout"


def test_nothing_is_left_open(effects: Make) -> None:
    run = effects("proc:true", "proc:cat")
    run.value("process-run", ["true"])
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        run.value("process-run", ["true"])
        run.value("process-spawn", ["cat"])
        assert run.error("process-run", ["true"], options(env={"PATH": ""})).tag == "bad-variable"
    run.gate.close()
    assert len(os.listdir("/proc/self/fd")) == before
