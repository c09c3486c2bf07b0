"""What grants of programs cover."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from vigyc.effects.policy import Policy, narrow
from vigyc.effects.scopes import program
from vigyc.effects.scopes.program import Invocation, ProgramScope, located, resource
from vigyc.lang.errors import Invalid


def allowed(grant: str, *argv: str) -> bool:
    return Policy.of(grant).judge("proc", list(argv)).decision.allowed


def why(grant: str, *argv: str) -> str:
    return Policy.of(grant).judge("proc", list(argv)).decision.rule


@pytest.mark.parametrize("asked", ["sort", "/usr/bin/sort", "/bin/sort"])
@pytest.mark.parametrize("granted", ["sort", "/usr/bin/sort", "/bin/sort"])
def test_names_and_paths_of_one_file_are_one_program(granted: str, asked: str) -> None:
    same_folder = os.path.realpath("/bin") == "/usr/bin"
    assert allowed(f"proc:{granted}", asked, "-r") is (same_folder or "/bin/sort" not in {granted, asked})


@pytest.mark.parametrize(
    ("pattern", "arguments", "verdict"),
    [
        ("", "", True),
        ("", "anything --at all", True),
        (" status", "status", True),
        (" status", "status -s", False),
        (" status", "", False),
        (" status", "statusx", False),
        (" status *", "status", True),
        (" status *", "status -s -b", True),
        (" status *", "log", False),
        (" log -n 5 *", "log -n 5 main", True),
        (" log -n 5 *", "log -n 6", False),
        (" 'a b'", "a b", False),
        (" *", "status", True),
        (" *", "", True),
    ],
)
def test_arguments_are_matched_one_by_one(pattern: str, arguments: str, verdict: bool) -> None:
    assert allowed(f"proc:git{pattern}", "git", *arguments.split()) is verdict


def test_an_argument_with_a_space_is_quoted() -> None:
    assert allowed("proc:git commit -m 'a b'", "git", "commit", "-m", "a b")
    assert not allowed("proc:git commit -m 'a b'", "git", "commit", "-m", "a", "b")


@pytest.mark.parametrize(
    "text", ["", "..", ".", "/", "a/b", "./git", "/usr/../bin/git", "/usr/bin/", "git sta*", "git * x", "* x", "git 'x"]
)
def test_a_malformed_grant_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Policy.of(f"proc:{text}")


@pytest.mark.parametrize(
    "argv", [[], [""], [".."], ["."], ["/"], ["a/b"], ["../git"], ["/usr/bin/../bin/git"], ["a\0b"]]
)
def test_e15_what_is_no_program_is_malformed(argv: list[str]) -> None:
    found = Policy.of("proc:*").judge("proc", argv)
    assert not found.decision.allowed
    assert found.resource is None


def test_an_argument_with_nul_is_malformed() -> None:
    assert not allowed("proc:*", "git", "a\0b")


def test_e03_a_file_elsewhere_with_the_granted_name_is_another_program(tmp_path: Path) -> None:
    copied, linked = tmp_path / "git", tmp_path / "w" / "git"
    shutil.copy("/bin/sh", copied)
    linked.parent.mkdir()
    linked.symlink_to("/usr/bin/git")
    assert not allowed("proc:git", str(copied))
    assert not allowed("proc:git", str(linked))
    assert allowed("proc:*", str(copied))


def test_another_applet_of_the_same_file_is_another_program(tmp_path: Path) -> None:
    box = tmp_path / "box"
    shutil.copy("/bin/sh", box)
    for applet in ("ls", "sh"):
        (tmp_path / applet).symlink_to(box)
    assert allowed(f"proc:{tmp_path}/ls", f"{tmp_path}/ls")
    assert not allowed(f"proc:{tmp_path}/ls", f"{tmp_path}/sh")


def test_path_of_the_environment_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy("/bin/true", tmp_path / "mine")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert located("mine") == ""
    assert located("sort") == "/usr/bin/sort"


def test_a_program_that_is_not_there_is_covered_by_any_alone() -> None:
    assert allowed("proc:*", "no-such-program")
    assert not allowed("proc:no-such-program", "no-such-program")


def test_t6_a_script_that_all_may_write_to_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\nid\n")
    script.chmod(0o757)
    assert why("proc:*", str(script)) == "all may write to it"
    script.chmod(0o755)
    assert allowed("proc:*", str(script))


def test_a_program_in_a_folder_that_all_may_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    (folder / "in").mkdir(parents=True)
    shutil.copy("/bin/true", folder / "in" / "x")
    folder.chmod(0o777)
    assert why("proc:*", f"{folder}/in/x") == "it lies in a folder that all may write to"
    folder.chmod(0o1777)  # sticky: others cannot replace what is ours
    assert allowed("proc:*", f"{folder}/in/x")


def test_a_link_is_judged_by_where_it_leads_as_well(tmp_path: Path) -> None:
    target = tmp_path / "target"
    shutil.copy("/bin/true", target)
    target.chmod(0o777)
    (tmp_path / "link").symlink_to(target)
    assert not allowed("proc:*", f"{tmp_path}/link")


@pytest.mark.parametrize(
    "arguments", [["-m", "vigyc"], ["-mvigyc", "run"], ["-Im", "vigyc"], ["-m", "vigyc.surfaces.cli.main"]]
)
def test_e12_vigyc_is_never_run_as_a_module(arguments: list[str]) -> None:
    python = os.path.realpath(sys.executable)
    for grant in ("proc:*", f"proc:{python}"):
        assert why(grant, python, *arguments) == "vigyc cannot be run by a vigy"


def test_e12_vigyc_is_never_run_by_its_entry_point(tmp_path: Path) -> None:
    entry = tmp_path / "vigyc"
    shutil.copy("/bin/true", entry)
    (tmp_path / "other").symlink_to(entry)
    assert not allowed("proc:*", str(entry))
    assert not allowed(f"proc:{entry}", str(entry))
    assert not allowed("proc:*", f"{tmp_path}/other")
    assert not allowed("proc:*", "sh", str(entry))


def test_a_message_that_names_us_is_no_module() -> None:
    assert allowed("proc:git", "git", "commit", "-m", "vigyc")


@pytest.mark.parametrize(
    ("parent", "child", "covered"),
    [
        ("*", "git", True),
        ("*", "*", True),
        ("git", "*", False),
        ("git", "git status", True),
        ("git", "/usr/bin/git", True),
        ("git", "sort", False),
        ("git status", "git", False),
        ("git status", "git status", True),
        ("git status *", "git status -s", True),
        ("git status *", "git status -s *", True),
        ("git status *", "git log", False),
        ("git status", "git status *", False),
        ("git log -n *", "git log *", False),
    ],
)
def test_a_narrower_policy_only_narrows(parent: str, child: str, covered: bool) -> None:
    wide, narrower = Policy.of(f"proc:{parent}"), Policy.of(f"proc:{child}")
    if covered:
        assert narrow(wide, narrower).grants == narrower.grants
    else:
        with pytest.raises(Invalid):
            narrow(wide, narrower)


def test_what_is_missing_is_said_as_a_grant_of_just_that() -> None:
    decision = Policy.of("proc:git status").judge("proc", ["git", "-c", "alias.x=!sh", "x"]).decision
    assert decision.needed == "proc:git -c 'alias.x=!sh' x"
    assert Policy.of(decision.needed).judge("proc", ["git", "-c", "alias.x=!sh", "x"]).decision.allowed


def test_what_is_asked_for_keeps_its_name() -> None:
    found, text = resource(["/bin/sort", "-r"], None)
    assert found == Invocation(os.path.realpath("/bin") + "/sort", ("/bin/sort", "-r"))
    assert text == "/bin/sort -r"
    assert ProgramScope.parse("sort", None).covers(found) is (os.path.realpath("/bin") == "/usr/bin")
    assert all(folder.startswith("/") for folder in program.TRUSTED_PATH.split(":"))
