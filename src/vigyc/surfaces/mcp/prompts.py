"""From a wish to the text that a model is given: how a vigy is written, or what is the matter with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    GetPromptResult,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)  # fmt: skip

from vigyc.lang.errors import Invalid
from vigyc.model.run import ABORTED, FAILED, TIMED_OUT
from vigyc.surfaces.mcp.calls import as_text, frames, protocol_error
from vigyc.surfaces.mcp.performer import Performer
from vigyc.surfaces.mcp.primer import PRIMER
from vigyc.surfaces.wire.caller import Caller

TROUBLE: Final = (FAILED, TIMED_OUT, ABORTED)
WRITE: Final = "write_vigy"
REPAIR: Final = "repair_vigy"

PROMPTS: Final = (
    Prompt(
        name=WRITE,
        title="Write a vigy",
        description="How to write, check, register and watch a vigy that reaches a goal.",
        arguments=[
            PromptArgument(name="goal", description="What the vigy is to bring about.", required=True),
            PromptArgument(name="name", description="What it is to be called.", required=False),
        ],
    ),
    Prompt(
        name=REPAIR,
        title="Repair a vigy",
        description="A vigy's program, how it goes with it and its last error, to be put right.",
        arguments=[PromptArgument(name="id", description="Its id or its name.", required=True)],
    ),
)


async def get(performer: Performer, caller: Caller, name: str, given: Mapping[str, str] | None) -> GetPromptResult:
    """Prompt `name`, filled in. Raises MCPError."""
    prompt = next((prompt for prompt in PROMPTS if prompt.name == name), None)
    if prompt is None:
        raise MCPError(INVALID_PARAMS, f"Unknown prompt: {name[:100]}")
    try:
        arguments = _checked(prompt, given or {})
        text = _write(**arguments) if name == WRITE else await _repair(performer, caller, **arguments)
    except Exception as error:
        raise protocol_error(error) from None
    message = PromptMessage(role="user", content=TextContent(type="text", text=text))
    return GetPromptResult(description=prompt.description, messages=[message])


def _checked(prompt: Prompt, given: Mapping[str, str]) -> dict[str, str]:
    known = {argument.name: argument for argument in prompt.arguments or ()}
    for name in given:
        if name not in known:
            raise Invalid(f"{prompt.name}: there is no argument {name!r}; there are {', '.join(known)}")
    for name, argument in known.items():
        if argument.required and not given.get(name, "").strip():
            raise Invalid(f"{prompt.name}.{name}: it is missing")
    return dict(given)


def _write(goal: str, name: str = "") -> str:
    called = f" Call it {name!r}." if name else " Choose a short name for it."
    task = f"Write a vigy for this goal, check it, register it and see that it ticks.{called}"
    return f"{PRIMER}\n# Your task\n\n{task}\n\n{goal}\n"


async def _repair(performer: Performer, caller: Caller, id: str) -> str:
    vigy = await performer.perform(caller, "get_vigy", {"id": id})
    program = vigy["program"]
    explained = await performer.perform(caller, "explain_vigy", {"id": vigy["id"]})
    failed = await performer.perform(
        caller, "list_runs", {"vigy": vigy["id"], "results": list(TROUBLE), "limit": 1}
    )  # fmt: skip
    checked = await performer.perform(
        caller, "check_program", {"program": program, "name": vigy["name"], "labels": vigy["labels"]}
    )  # fmt: skip
    found = frames([*checked["findings"], *checked["refused"]], program) or "Nothing.\n"
    return "\n".join(
        [
            PRIMER,
            f"# Your task\n\nThe vigy {vigy['name']!r} (id {vigy['id']}) is to be repaired. Find out what is wrong, "
            "check the better program with vigy_check, put it in place with vigy_update (the same id), and tick it.\n",
            _fenced("Its program", "tatara", program),
            "## How it goes with it\n\n" + "\n".join(f"- {each}" for each in explained["sentences"]) + "\n",
            _last_error(failed),
            _fenced("What vigy_check finds", "text", found),
        ]
    )


def _last_error(failed: list[dict[str, Any]]) -> str:
    if not failed:
        return "## Its last error\n\nNo run of it failed.\n"
    run = failed[0]
    told = {key: run[key] for key in ("id", "started_at", "error", "error_kind", "place", "log") if key in run}
    return _fenced("Its last failed run", "json", as_text(told))


def _fenced(title: str, language: str, text: str) -> str:
    """A section with a text in it, fenced with more backticks than it holds in a row."""
    longest = max((len(run) for run in _ticks(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"## {title}\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _ticks(text: str) -> list[str]:
    return [run for run in "".join(char if char == "`" else " " for char in text).split(" ") if run]
