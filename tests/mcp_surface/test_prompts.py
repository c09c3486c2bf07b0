"""Prompts: what they teach is right, and what they tell of a vigy is what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mcp.shared.exceptions import MCPError

from mcp_surface.serving import at_http, at_stdio, played, served
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.service.runtime import Runtime
from vigyc.surfaces.mcp.primer import PRIMER
from vigyc.surfaces.mcp.tools import TOOLS

SAMPLES = re.findall(r"```tatara\n(.*?)```", PRIMER, re.DOTALL)
INTRINSICS = {name for extension in standard_extensions() for name in extension.intrinsics}


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 4


@pytest.mark.parametrize("program", SAMPLES, ids=lambda text: text.split("\n")[0])
def test_a_sample_is_right_and_ticks(tmp_path: Path, program: str) -> None:
    with Runtime.open(tmp_path / "store.db") as runtime:
        checked = runtime.check(program)
        assert not checked.findings
        assert not checked.refused
        runtime.register(program, name="sample", enabled=False)
        for _ in range(4):
            run = runtime.tick("sample")
            assert (run.result, run.error) == ("ok", None)


def test_the_primer_names_only_what_there_is() -> None:
    assert set(re.findall(r"`(vigy_\w+)`", PRIMER)) <= TOOLS.keys()
    assert set(re.findall(r"\((vigy-[\w?-]+)", PRIMER)) <= INTRINSICS


def test_what_the_primer_says_of_numbers_and_truth(tmp_path: Path) -> None:
    program = """
    (vigy-trace "zero" (if 0 #t #f))
    (vigy-trace "empty" (if "" #t #f))
    (vigy-trace "whole" (= (/ 6 3) 2))
    (vigy-trace "not-whole" (= (/ 7 2) 3.5))
    (vigy-trace "modulo" (modulo 7 2))
    """
    with Runtime.open(tmp_path / "store.db") as runtime:
        runtime.register(program, name="sample", enabled=False)
        run = runtime.tick("sample")
        assert run.error is None
        trace = dict(run.report.trace)
    assert trace == {"zero": True, "empty": True, "whole": True, "not-whole": True, "modulo": 1}


def _prompt(tmp_path: Path, name: str, given: dict[str, str]) -> str:
    async def story() -> str:
        async with at_stdio(tmp_path / "store.db") as client:
            assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["write_vigy", "repair_vigy"]
            found = await client.get_prompt(name, given)
            return found.messages[0].content.text  # type: ignore[union-attr]

    return played(story)


def test_the_prompt_to_write_one(tmp_path: Path) -> None:
    text = _prompt(tmp_path, "write_vigy", {"goal": "Keep `x` {at} 7", "name": "keeper"})
    assert text.startswith(PRIMER)
    assert "Keep `x` {at} 7" in text
    assert "'keeper'" in text


def test_the_prompt_to_repair_one_shows_program_error_and_findings(tmp_path: Path) -> None:
    program = '(vigy-log "info" "```")\n(define x (car 7))\n(nope x)\n'
    with Runtime.open(tmp_path / "store.db") as runtime:
        vigy = runtime.register(program, name="bad", enabled=False).vigy
        run = runtime.tick("bad")
        assert run.error is not None
    text = _prompt(tmp_path, "repair_vigy", {"id": "bad"})
    assert f"````tatara\n{program.rstrip()}\n````" in text
    assert vigy.id in text
    assert run.id in text
    assert "error[unbound-name]" in text or "nope" in text.split("What vigy_check finds")[1]


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("write_vigy", {}, "write_vigy.goal: it is missing"),
        ("write_vigy", {"goal": " "}, "write_vigy.goal: it is missing"),
        ("write_vigy", {"goal": "x", "colour": "red"}, "there is no argument 'colour'"),
        ("repair_vigy", {"id": "none"}, "error[not-found]"),
        ("nope", {}, "Unknown prompt: nope"),
    ],
)
def test_refused(tmp_path: Path, name: str, given: dict[str, str], said: str) -> None:
    async def story(url: str) -> None:
        async with at_http(url) as client:
            with pytest.raises(MCPError) as caught:
                await client.get_prompt(name, given)
            assert caught.value.code == -32602
            assert said in caught.value.message

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        played(lambda: story(url))
