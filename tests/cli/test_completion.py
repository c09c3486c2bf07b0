"""`vigyc completion`: scripts that the shells accept, and what they then complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shell import vigyc
from vigyc.service.runtime import Runtime
from vigyc.surfaces.cli.main import COMMANDS

SHELLS = ("bash", "zsh", "fish")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_each_shell(shell: str) -> None:
    done = vigyc("completion", shell)
    assert done.exit_code == 0
    assert f"_VIGYC_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])
def test_the_shells_that_are_here_accept_it(shell: str) -> None:
    script = vigyc("completion", shell).stdout
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_shell_is_refused() -> None:
    assert vigyc("completion", "csh").exit_code == 2


def completed(*words: str) -> list[str]:
    """What bash is told to offer for the last of `words`."""
    environment = {
        **os.environ, "_VIGYC_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("vigyc", *words)),
        "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    code = "from vigyc.surfaces.cli.main import main; main(prog_name='vigyc')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return [line.split(",")[1] for line in done.stdout.splitlines() if line]


def test_commands_options_and_choices_are_completed() -> None:
    assert completed("se") == ["serve", "service"]
    assert set(completed("kv", "")) == {"get", "set", "ls", "rm", "export", "import"}
    assert "--follow" in completed("tail", "--f")
    assert completed("tail", "--level", "w") == ["warn"]
    assert set(completed("")) == set(COMMANDS)


def test_issues_and_settings_are_completed(tmp_path: Path) -> None:
    db = str(tmp_path / "vigy.db")
    with Runtime.open(db) as runtime:
        runtime.register("(vigy-noop)", name="one", enabled=False)
        runtime.enhance.put_setting("careful", {"repairs": 5})
        issues = [runtime.enhance.submit("one", f"wish {number}").issue.id for number in range(2)]
    assert set(completed("issue", "show", "--db", db, "")) == set(issues)
    assert completed("issue", "wait", "--db", db, issues[1]) == [issues[1]]
    assert set(completed("enhance", "log", "--db", db, "--issue", "0")) == set(issues)
    assert completed("enhance", "pause", "--db", db, "c") == ["careful"]
    assert completed("enhance", "settings", "--db", db, "") == ["careful", "default"]
    assert completed("issue", "submit", "--db", db, "--setting", "de") == ["default"]
    assert completed("issue", "show", "--db", str(tmp_path / "none.db"), "") == []
