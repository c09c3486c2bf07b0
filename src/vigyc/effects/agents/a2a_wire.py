"""From A2A as two versions of it write it to one form: agent cards, messages, tasks.

Version 1 names its methods `SendMessage` and `GetTask`, its states `TASK_STATE_WORKING`; version 0.3 has
`message/send`, `tasks/get` and `working`. A card says which its agent speaks; version 1 is preferred, over JSON-RPC in
both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from vigyc.effects.result import EffectFailed
from vigyc.runtime.json_value import Json

CARD: Final = "/.well-known/agent-card.json"
UNDER_WAY: Final = frozenset({"submitted", "working", "unspecified", "unknown"})
"""The states in which an agent works on; in every other it is done, or waits for an answer."""


class Version(NamedTuple):
    """How a version of the protocol says things; `headers` say which it is."""

    send: str
    get: str
    role: str
    headers: Mapping[str, str]
    part: Callable[[Json], Json]


class Answer(NamedTuple):
    """What an agent answered: the parts of it, and the task it is about (id "" and state "" for a message alone)."""

    task: str
    state: str
    parts: list[Any]


def _part(content: Json) -> Json:
    if isinstance(content, str):
        return {"text": content}
    return content if isinstance(content, dict) else {"data": content}


def _old_part(content: Json) -> Json:
    part = _part(content)
    assert isinstance(part, dict)
    kind = next((kind for kind in ("text", "data", "file") if kind in part), "data")
    return {"kind": kind, **part}


V1: Final = Version("SendMessage", "GetTask", "ROLE_USER", {"a2a-version": "1.0"}, _part)
V0_3: Final = Version("message/send", "tasks/get", "user", {}, _old_part)


def endpoint(place: str, card: Any) -> tuple[str, Version]:
    """Where the agent of `card`, which `place` gave, is told things, and in which version. Raises EffectFailed."""
    if not isinstance(card, dict):
        raise EffectFailed("decode", f"{place} did not answer with an agent card")
    for wanted, found in (("1", V1), ("0.3", V0_3)):
        for url, version in _interfaces(card):
            if isinstance(url, str) and isinstance(version, str) and version.startswith(wanted):
                return url, found
    raise EffectFailed("unsupported", f"the agent at {place} offers no JSON-RPC interface of A2A 1.0 or 0.3")


def _interfaces(card: dict[str, Any]) -> Iterable[tuple[Any, Any]]:
    """URL and version of every JSON-RPC interface, as the card has them."""
    for given in _records(card.get("supportedInterfaces")):
        if given.get("protocolBinding") == "JSONRPC":
            yield given.get("url"), given.get("protocolVersion")
    old = card.get("protocolVersion", "0.3.0")
    if card.get("preferredTransport", "JSONRPC") == "JSONRPC":
        yield card.get("url"), old
    for given in _records(card.get("additionalInterfaces")):
        if given.get("transport") == "JSONRPC":
            yield given.get("url"), old


def message(version: Version, content: Json, message_id: str, task: str) -> Json:
    """The parameters of sending `content`: a text, a part or a list of them; it goes on with `task` ("" none)."""
    parts = content if isinstance(content, list) else [content]
    said: dict[str, Json] = {
        "messageId": message_id,
        "role": version.role,
        "parts": [version.part(part) for part in parts],
    }
    if version is V0_3:
        said["kind"] = "message"
    if task:
        said["taskId"] = task
    return {"message": said}


def read(place: str, result: Any) -> Answer:
    """The message or task that is the result of a call. Raises EffectFailed `decode`."""
    if isinstance(result, dict):
        result = result.get("task", result.get("message", result))
    if isinstance(result, dict) and isinstance(result.get("parts"), list):
        return Answer(_text(result.get("taskId")), "", _records(result["parts"]))
    status = result.get("status") if isinstance(result, dict) else None
    if not isinstance(status, dict) or not isinstance(result.get("id"), str):
        raise EffectFailed("decode", f"{place} answered with neither a message nor a task")
    parts = [part for artifact in _records(result.get("artifacts")) for part in _records(artifact.get("parts"))]
    said = status.get("message")
    if not parts and isinstance(said, dict):
        parts = _records(said.get("parts"))
    return Answer(result["id"], _state(status.get("state")), parts)


def _state(given: Any) -> str:
    return _text(given).removeprefix("TASK_STATE_").lower().replace("_", "-") or "unknown"


def texts(parts: Iterable[dict[str, Any]]) -> str:
    """The text of the parts that are text, a line each."""
    return "\n".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def data(parts: Iterable[dict[str, Any]]) -> list[Any]:
    """The data of the parts that are data."""
    return [part["data"] for part in parts if "data" in part]


def _records(given: Any) -> list[dict[str, Any]]:
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _text(given: Any) -> str:
    return given if isinstance(given, str) else ""
