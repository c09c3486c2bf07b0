"""From an operation to the command line that asks for it, and from what that prints to the operation's answer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cli.shell import objects, vigyc
from surfaces.house import House
from surfaces.script import Ask, Told
from surfaces.transports import over_door


class Command(NamedTuple):
    """A command: its words, given the arguments and a function that has a text in a file, and how its JSON is read.

    `also` are exit codes that come with an answer, as 0 does; `lines` says that it prints as many values as there are.
    `told` is what of the operation's answer it tells. One that is not `placed` asks no store.
    """

    words: Callable[[dict[str, Any], Callable[[str], str]], list[Any]]
    read: Callable[[Any, dict[str, Any]], Any] = lambda found, _: found
    also: tuple[int, ...] = ()
    lines: bool = False
    told: Callable[[Any], Any] = lambda answer: answer
    placed: bool = True


def _many(option: str, values: Any) -> list[Any]:
    return [word for value in values for word in (option, value)]


def _edit(given: dict[str, Any]) -> list[Any]:
    """The options that both `register` and `update` have."""
    labels = [f"{key}={value}" for key, value in given.get("labels", {}).items()]
    words = _many("--label", labels)
    if "tick_interval_ms" in given:
        words += ["--every", f"{given['tick_interval_ms']}ms"]
    if "schedule" in given:
        words += ["--cron", given["schedule"].get("expr", "odd")]
    if "deadline_ms" in given:
        words += ["--deadline", "none" if given["deadline_ms"] is None else f"{given['deadline_ms']}ms"]
    return words + (["--note", given["note"]] if "note" in given else [])


def _register(given: dict[str, Any], in_file: Callable[[str], str]) -> list[Any]:
    disabled = ["--disabled"] if given.get("enabled") is False else []
    return ["register", in_file(given["program"]), "--name", given["name"], *disabled, *_edit(given)]


def _update(given: dict[str, Any], in_file: Callable[[str], str]) -> list[Any]:
    program = ["--program", in_file(given["program"])] if "program" in given else []
    name = ["--name", given["name"]] if "name" in given else []
    return ["update", given["id"], *program, *name, *_edit(given)]


def _runs(given: dict[str, Any], _: object) -> list[Any]:
    vigy = [given["vigy"]] if "vigy" in given else []
    return ["runs", *vigy, *_many("--result", given.get("results", ())), "--limit", given.get("limit", 20)]


def _list(given: dict[str, Any], _: object) -> list[Any]:
    names = {"label_selector": "--selector", "search": "--search", "phase": "--phase", "sort": "--sort",
             "limit": "--limit"}  # fmt: skip
    words = [word for name, option in names.items() if name in given for word in (option, given[name])]
    failing = {None: [], True: ["--failing"], False: ["--not-failing"]}[given.get("failing")]
    return ["list", *words, *failing]


def _check(given: dict[str, Any], in_file: Callable[[str], str]) -> list[Any]:
    labels = [f"{key}={value}" for key, value in given.get("labels", {}).items()]
    whose = ["--vigy", given.get("name", ""), *_many("--label", labels)]
    return ["check", in_file(given["program"]), *whose, "--policy", os.environ["VIGYC_POLICY"]]


def _found(checked: dict[str, Any]) -> list[Any]:
    """What was found of a program, mistakes and refusals, in the order of the text."""
    return sorted(checked.get("findings", []) + checked.get("refused", []), key=lambda finding: list(finding["span"]))


def _uncounted(stats: dict[str, Any]) -> dict[str, Any]:
    """The figures without the census, which is kept for a while: the command counts for the health already."""
    return {name: found for name, found in stats.items() if name not in {"total", "phases", "failing"}}


def _resolve(given: dict[str, Any], _: object) -> list[Any]:
    return ["resolve", given["run"], given["index"], given["status"], "--message", given.get("message", "")]


def _of_id(*words: str, more: tuple[str, ...] = (), then: tuple[str, ...] = ()) -> Callable[..., list[Any]]:
    """A command upon a vigy, and further arguments by name."""
    return lambda given, _: [*words, given["id"], *(given[name] for name in more), *then]


def _ended(given: Any, _: object) -> list[Any]:
    return ["delete", given["id"], "--yes", *(["--keep-data"] if given.get("keep_data") else [])]


def _submit(given: dict[str, Any], in_file: Callable[[str], str]) -> list[Any]:
    patch = ["--patch", in_file(json.dumps(given["proposal"]))] if "proposal" in given else []
    constraints = [f"{key}={json.dumps(value)}" for key, value in given.get("constraints", {}).items()]
    named = [word for name in ("setting", "key") if name in given for word in (f"--{name}", given[name])]
    return ["issue", "submit", given["vigy"], given["intent"], *patch, *_many("--constraint", constraints), *named]


def _issues(given: dict[str, Any], _: object) -> list[Any]:
    vigy = [given["vigy"]] if "vigy" in given else []
    return ["issue", "list", *vigy, *_many("--state", given.get("states", ())), "--limit", given.get("limit", 20)]


def _log(given: dict[str, Any], _: object) -> list[Any]:
    vigy = [given["vigy"]] if "vigy" in given else []
    return ["enhance", "log", *vigy, *(["--issue", given["issue"]] if "issue" in given else [])]


def _of_issue(word: str, then: Callable[[dict[str, Any]], list[Any]] = lambda _: []) -> Callable[..., list[Any]]:
    return lambda given, _: ["issue", word, given["issue"], *then(given)]


def _of_setting(*words: str, then: Callable[[dict[str, Any]], list[Any]] = lambda _: []) -> Callable[..., list[Any]]:
    return lambda given, _: ["enhance", *words, given["setting"], *then(given)]


def _set(given: dict[str, Any]) -> list[Any]:
    return _many("--set", [f"{key}={json.dumps(value)}" for key, value in given["fields"].items()])


COMMANDS: dict[str, Command] = {
    "register_vigy": Command(_register),
    "update_vigy": Command(_update),
    "enable_vigy": Command(_of_id("enable")),
    "disable_vigy": Command(_of_id("disable")),
    "delete_vigy": Command(_ended, lambda _, __: {"deleted": True}),
    "rollback_vigy": Command(
        lambda given, _: ["rollback", given["id"], given["number"], "--yes", "--note", given.get("note", "")]
    ),
    "list_vigies": Command(_list, lambda found, _: {"items": found, "total": len(found)}),
    "get_vigy": Command(_of_id("inspect"), lambda found, _: found["vigy"]),
    "get_standing": Command(_of_id("inspect"), lambda found, _: found["standing"]),
    "list_notices": Command(
        lambda given, _: ["tail", "--no-follow", "--after", given["after"]],
        lambda found, given: found[: given["limit"]], lines=True,
    ),
    "list_denials": Command(lambda given, _: ["denials", given["vigy"]]),
    "get_health": Command(lambda _, __: ["health"], lambda found, _: found["health"], also=(1,)),
    "get_stats": Command(
        lambda _, __: ["health"], lambda found, _: _uncounted(found["stats"]), also=(1,), told=_uncounted
    ),
    "resolve_action": Command(_resolve),
    "pause_runtime": Command(lambda _, __: ["pause"]),
    "resume_runtime": Command(lambda _, __: ["resume"]),
    "list_versions": Command(_of_id("versions")),
    "get_version": Command(_of_id("versions", more=("number",))),
    "diff_versions": Command(
        _of_id("diff", more=("old", "new")), lambda found, _: {key: found[key] for key in ("old", "new", "diff")}
    ),
    "inspect_vigy": Command(
        _of_id("inspect"), lambda found, given: {**found, "recent_runs": found["recent_runs"][: given["limit"]]}
    ),
    "get_vigy_state": Command(_of_id("state")),
    "explain_vigy": Command(_of_id("explain"), lambda found, _: {key: found[key] for key in found if key != "advice"}),
    "list_runs": Command(_runs),
    "get_run": Command(lambda given, _: ["runs", "--run", given["run"]]),
    "next_ticks": Command(lambda given, _: ["next", "--limit", given["limit"]]),
    "tick_vigy": Command(_of_id("tick"), also=(1,)),
    "dry_run_vigy": Command(_of_id("tick", then=("--dry-run",))),
    "replay_run": Command(lambda given, _: ["replay", given["run"]]),
    "list_kv": Command(lambda given, _: ["kv", "ls", given["id"], given.get("prefix", "")]),
    "get_kv": Command(_of_id("kv", "get", more=("key",)), lambda found, given: {"key": given["key"], "value": found}),
    "set_kv": Command(
        lambda given, _: [
            "kv", "set", given["id"], given["key"], json.dumps(given["value"]), *(["--force"] * ("force" in given))
        ]
    ),
    "replace_kv": Command(
        lambda given, in_file: [
            "kv", "import", given["id"], in_file(json.dumps(given["entries"])), "--yes",
            *(["--merge"] * ("merge" in given)),
        ]
    ),
    "delete_kv": Command(
        _of_id("kv", "rm", more=("key",), then=("--yes",)),
        lambda found, given: {"key": given["key"], "deleted": found is not None}, also=(4,),
    ),
    "check_program": Command(
        _check, lambda found, _: [{key: each[key] for key in each if key != "file"} for each in found], also=(1, 3),
        lines=True, told=_found, placed=False,
    ),
    "get_python": Command(_of_id("python")),
    "audit_vigies": Command(
        lambda given, _: ["audit", *_many("--effect", given.get("effects", ())),
                          "--selector", given.get("label_selector", "")]
    ),
    "get_policy": Command(_of_id("policy", "show")),
    "decide_policy": Command(
        lambda given, _: ["policy", "decide", given["id"], given["effect"],
                          *([given["resource"]] if "resource" in given else [])], also=(3,),
    ),
    "submit_issue": Command(_submit),
    "list_issues": Command(_issues),
    "get_issue": Command(
        _of_issue("show"), lambda found, _: {key: value for key, value in found.items() if key != "epochs"}
    ),
    "wait_issue": Command(_of_issue("wait", lambda given: ["--timeout", f"{given['timeout_ms']}ms"]), also=(1,)),
    "cancel_issue": Command(
        _of_issue("cancel", lambda given: ["--note", given["note"]] if "note" in given else [])
    ),
    "retry_issue": Command(_of_issue("retry")),
    "approve_issue": Command(_of_issue("approve")),
    "list_epochs": Command(_log),
    "get_epoch": Command(lambda given, _: ["enhance", "log", "--epoch", given["epoch"]]),
    "get_enhance": Command(lambda _, __: ["enhance", "status"]),
    "list_enhance_settings": Command(lambda _, __: ["enhance", "settings"]),
    "get_enhance_setting": Command(_of_setting("settings")),
    "put_enhance_setting": Command(_of_setting("settings", then=_set)),
    "delete_enhance_setting": Command(_of_setting("settings", then=lambda _: ["--delete"])),
    "pause_enhance": Command(_of_setting("pause", then=lambda given: ["--reason", given["reason"]])),
    "resume_enhance": Command(_of_setting("resume")),
    "verify_candidate": Command(
        lambda given, in_file: [
            "enhance", "verify", given["id"], in_file(given["program"]), "--setting", given.get("setting", "default")
        ], also=(1,),
    ),
}  # fmt: skip
"""The command of each operation."""

SERVER_ONLY = {"pause_runtime", "resume_runtime"}
"""Which can be done to who ticks, and not to a file."""
UNSAID = {"generation", "cursor"}
"""Arguments that no command has: `update` makes its change upon what is so, `list` turns the pages by itself."""


@contextmanager
def over_cli(house: House, place: list[str], folder: Path) -> Iterator[Ask]:
    """Command lines upon `place`; what no command can say is asked of the runtime itself."""

    def in_file(text: str) -> str:
        (folder / "text").write_text(text, "utf-8")
        return str(folder / "text")

    with over_door(house, house.admin) as door:

        def ask(name: str, data: dict[str, Any]) -> Any:
            if UNSAID & data.keys() or (name in SERVER_ONLY and place[0] == "--db"):
                return door(name, data)
            command = COMMANDS[name]
            where = place if command.placed else []
            done = vigyc(*map(str, command.words(data, in_file)), *where, "-o", "json")
            if done.exit_code not in (0, *command.also):
                assert done.stdout == ""
                raise Told({"exit": done.exit_code, "said": done.stderr}, done.exit_code)
            found = objects(done.stdout)
            return command.read(found if command.lines else found[0] if found else None, data)

        yield ask
