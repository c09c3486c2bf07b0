"""From the operations to the tools of an AI client: names, descriptions, schemas, hints. Every operation is one tool.

The seven names of the original are kept. What a list answers is put into an object under a name of its own, since a
tool's structured answer must be an object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from mcp.types import Tool as Listed
from mcp.types import ToolAnnotations

from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.operation import Operation
from vigyc.surfaces.wire.table import OPERATIONS

ARRAY: Final = {"type": "array"}
OBJECT: Final = {"type": "object"}


class Tool(NamedTuple):
    """A tool: the operation it performs, what its description adds to that of the operation, how its answer is named.

    `holds` is the name under which a list is put; `properties` are the schemas of what every answer has.
    """

    operation: Operation
    advice: str = ""
    holds: str | None = None
    answer: Callable[[Any], Any] = lambda found: found
    properties: dict[str, Any] = {}  # noqa: RUF012  # a default, never changed

    def shaped(self, found: Any) -> dict[str, Any]:
        """The operation's answer as the tool's."""
        shaped: dict[str, Any] = {self.holds: found} if self.holds else self.answer(found)
        return shaped


def _tool(operation: str, advice: str = "", holds: str | None = None, **more: Any) -> Tool:
    return Tool(OPERATIONS[operation], advice, holds, **more)


def _deleted(found: Any) -> Any:
    return {"deleted": True, "vigy": found}


def _page(found: Any) -> Any:
    return {"vigies": found["items"], **{key: value for key, value in found.items() if key != "items"}}


_CHECK_FIRST: Final = (
    "Check the program first (vigy_check): a text that cannot be read is refused; one with other mistakes is taken, "
    "but its ticks fail."
)
_SAME_ID: Final = "A vigy may be given by its id, its name, or the unique beginning of its id."
_PROPOSE: Final = (
    "To propose the change yourself, read the program (vigy_get) and give `proposal`: either `edits`, made one after "
    "another, all or none, or `source`, the whole of the new text. In an edit `path` counts from 0: first the form at "
    "the top, then the item in each list ([0, 2] is the third item of the first form); `old` is the text of the form "
    "that stands there, which must be so; `new` is put in its place (op replace), before it (insert), or around it "
    "(wrap, with _ where it stood); delete takes `old` out; rename makes the symbol `old` the symbol `new`. What no "
    "edit touches stays as it is, with its comments. Without a proposal the setting's proposer makes one of `intent`."
)
_COMES_BACK: Final = (
    "The issue comes back at once, pending; vigy_issue_wait gives its end: applied (`version` is new and in force), or "
    "rejected, with `reasons` that say what to mend; then submit another. vigy_verify tries a text beforehand."
)
_ISSUE: Final = {"id": {"type": "string"}, "state": {"type": "string"}, "reasons": ARRAY}

TOOLS: Final[dict[str, Tool]] = {
    "vigy_register": _tool("register_vigy", f"{_CHECK_FIRST} The answer has `findings` too. Then vigy_tick tries it."),
    "vigy_update": _tool("update_vigy", f"This is how a failing program is repaired. {_CHECK_FIRST}"),
    "vigy_enable": _tool("enable_vigy"),
    "vigy_disable": _tool("disable_vigy"),
    "vigy_delete": _tool(
        "delete_vigy", "To only stop it, take vigy_disable.",
        answer=_deleted, properties={"deleted": {"type": "boolean"}, "vigy": OBJECT},
    ),
    "vigy_rollback": _tool("rollback_vigy", "The numbers are those of vigy_versions."),
    "vigy_versions": _tool("list_versions", holds="versions"),
    "vigy_version": _tool("get_version"),
    "vigy_diff": _tool("diff_versions"),
    "vigy_list": _tool(
        "list_vigies", "Go on with `cursor` = `next` while there is a `next`.",
        answer=_page, properties={"vigies": ARRAY, "total": {"type": "integer"}},
    ),
    "vigy_get": _tool("get_vigy", "Its `program` is the text that it ticks."),
    "vigy_inspect": _tool(
        "inspect_vigy", "The best first look at one vigy.",
        properties={"vigy": OBJECT, "standing": OBJECT, "state": OBJECT, "recent_runs": ARRAY},
    ),
    "vigy_state": _tool("get_vigy_state"),
    "vigy_standing": _tool("get_standing"),
    "vigy_explain": _tool("explain_vigy", "Ask this first when one does not do what is expected."),
    "vigy_runs": _tool("list_runs", 'With `results` ["failed"] only those that failed.', holds="runs"),
    "vigy_run": _tool("get_run", "Logs, actions, metrics, events, effects, and of a failed one the error."),
    "vigy_notices": _tool("list_notices", holds="notices"),
    "vigy_denials": _tool("list_denials", holds="denials"),
    "vigy_next": _tool("next_ticks", holds="ticks"),
    "vigy_health": _tool("get_health"),
    "vigy_stats": _tool("get_stats"),
    "vigy_tick": _tool("tick_vigy", "`result` is ok or failed; `error` says why, with its place in the program."),
    "vigy_dry_run": _tool("dry_run_vigy", "Effects that change something are not done."),
    "vigy_replay": _tool("replay_run"),
    "vigy_resolve": _tool("resolve_action"),
    "vigy_pause": _tool("pause_runtime"),
    "vigy_resume": _tool("resume_runtime"),
    "vigy_kv_list": _tool("list_kv", holds="entries"),
    "vigy_kv_get": _tool("get_kv"),
    "vigy_kv_set": _tool("set_kv"),
    "vigy_kv_delete": _tool("delete_kv"),
    "vigy_kv_replace": _tool("replace_kv", "Without `merge`, every other key is removed."),
    "vigy_check": _tool(
        "check_program",
        "`ok` says whether it can be registered; `findings` have lines and columns, from 1; `rendered` shows them "
        "under the text of the program.",
        properties={"ok": {"type": "boolean"}, "findings": ARRAY, "refused": ARRAY, "rendered": {"type": "string"}},
    ),
    "vigy_python": _tool("get_python"),
    "vigy_audit": _tool("audit_vigies", holds="vigies"),
    "vigy_policy": _tool("get_policy"),
    "vigy_decide": _tool("decide_policy"),
    "vigy_issue_submit": _tool("submit_issue", f"{_PROPOSE} {_COMES_BACK}", properties=_ISSUE),
    "vigy_issue_wait": _tool(
        "wait_issue",
        "Call it again while `state` is pending, leased or trial. If `held` is true it waits for an administrator "
        "(vigy_issue_approve). If it stays pending, vigy_enhance_status says whether its setting is `paused`, and how "
        "many `workers` there are; if there are none, ask a person to run `vigyc serve` or `vigyc enhance run`. "
        "Once it has ended, `reasons` say why.",
        properties=_ISSUE,
    ),
    "vigy_issue_get": _tool("get_issue", "What the verifiers said is in vigy_enhance_log.", properties=_ISSUE),
    "vigy_issue_list": _tool("list_issues", holds="issues"),
    "vigy_issue_cancel": _tool("cancel_issue", properties=_ISSUE),
    "vigy_issue_retry": _tool(
        "retry_issue", "That helps if something outside was at fault; a rejected proposal is better made anew.",
        properties=_ISSUE,
    ),
    "vigy_issue_approve": _tool("approve_issue", "Only after a person has said so.", properties=_ISSUE),
    "vigy_verify": _tool(
        "verify_candidate",
        "Take this to try a proposal before vigy_issue_submit: every verdict has its `axis`, its `status` (pass or "
        "deny), and in `detail` what was found, or why it is denied and what to do about it.",
        properties={"passed": {"type": "boolean"}, "verdicts": ARRAY},
    ),
    "vigy_enhance_log": _tool(
        "list_epochs",
        "With `issue` the attempts at one: the `verdicts`, the `reasons`, and the candidate (`program`) of one that "
        "did not become a version.",
        holds="epochs",
    ),
    "vigy_enhance_epoch": _tool("get_epoch"),
    "vigy_enhance_status": _tool("get_enhance", properties={"counts": OBJECT, "paused": ARRAY}),
    "vigy_enhance_settings": _tool("list_enhance_settings", holds="settings"),
    "vigy_enhance_setting": _tool("get_enhance_setting"),
    "vigy_enhance_set": _tool("put_enhance_setting"),
    "vigy_enhance_unset": _tool("delete_enhance_setting"),
    "vigy_enhance_pause": _tool("pause_enhance"),
    "vigy_enhance_resume": _tool("resume_enhance"),
}  # fmt: skip
"""Every tool, by name."""

_AGAIN: Final = frozenset(
    {"register_vigy", "enable_vigy", "disable_vigy", "pause_runtime", "resume_runtime", "pause_enhance",
     "resume_enhance", "approve_issue"}
)  # fmt: skip


def listed(role: Role) -> list[Listed]:
    """The tools that one who has `role` may use, as a client is told of them."""
    return [_listed(name, tool) for name, tool in TOOLS.items() if tool.operation.role <= role]


def _listed(name: str, tool: Tool) -> Listed:
    operation = tool.operation
    takes_vigy = any(argument.name == "id" for argument in operation.arguments)
    parts = [operation.doc, tool.advice, _SAME_ID if takes_vigy else ""]
    return Listed(
        name=name,
        title=name.removeprefix("vigy_").replace("_", " ").capitalize(),
        description="\n".join(" ".join(part.split()) for part in parts if part),
        input_schema=operation.schema,
        output_schema=_output_schema(tool),
        annotations=_annotations(operation),
    )


def _output_schema(tool: Tool) -> dict[str, Any]:
    properties = {tool.holds: ARRAY} if tool.holds else tool.properties
    return {"type": "object", "properties": properties, "required": list(properties)}


def _annotations(operation: Operation) -> ToolAnnotations:
    """What a client may take into account before it asks its user: a tick may do whatever the program is granted."""
    method, ticks = operation.route[0], operation.slow and operation.changes
    return ToolAnnotations(
        read_only_hint=not operation.changes,
        destructive_hint=operation.changes and (method != "POST" or ticks),
        idempotent_hint=not operation.changes or method != "POST" or operation.name in _AGAIN,
        open_world_hint=ticks,
    )
