"""From a prompt to what a language model answers, over Ollama's wire or OpenAI's.

    judge the model -> judge the host -> bound the answer by the tokens left -> ask -> charge the tokens

The key goes into one header and nowhere else; the policy that names it as the model's key grants it by that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from vigyc.effects.agents.exchange import member, tell
from vigyc.effects.gate import Gate
from vigyc.effects.operation import Options
from vigyc.effects.policy import Model
from vigyc.effects.result import EffectFailed
from vigyc.lang.datum import keyword
from vigyc.runtime.faults import native_fault
from vigyc.runtime.json_value import Json
from vigyc.runtime.secret import open_secret

TEXT: Final = keyword("text")
TOKENS: Final = keyword("tokens")
MODEL: Final = keyword("model")
_MOST_COUNTED: Final = 2**40  # tokens; a server that counts more counts wrong
_READ: Final = frozenset({"timeout", "decode", "too-large"})
"""Failures after which the model may have read the prompt."""


class Question(NamedTuple):
    """What is asked; `most` bounds the tokens of the answer (None: the server does)."""

    model: str
    prompt: str
    system: str
    temperature: float | None
    most: int | None


class Answer(NamedTuple):
    """What came; the tokens of question and answer as the server counted them, None where it did not."""

    text: Any
    asked: Any
    answered: Any


class Wire(NamedTuple):
    """How models of a kind are asked: the grants that are needed, where the policy says which, and the format."""

    kind: str
    entry: str
    default: Model
    path: str
    body: Callable[[Question], Json]
    answer: Callable[[str, Any], Answer]


def complete(op: str, gate: Gate, wire: Wire, prompt: str, options: Options) -> object:
    """The model's answer to `prompt`, for operation `op`."""
    place = gate.session.policy.models.get(wire.entry, wire.default)
    model = options["model"] or place.model
    gate.allow(wire.kind, model)
    target = gate.allow("net", place.url.rstrip("/") + wire.path)
    system = options["system"]
    asked = _estimate(system + prompt)
    question = Question(model, prompt, system, options["temperature"], _room(op, gate, asked, options["max-tokens"]))
    headers = {"authorization": f"Bearer {open_secret(gate.secret(place.key))}"} if place.key else {}
    try:
        data = tell(gate, target, wire.body(question), headers=headers, seconds=_patience(gate, options["timeout-ms"]))
        answer = wire.answer(target.place, data)
        if answer.text.__class__ is not str:
            raise EffectFailed("decode", f"{target.place} answered with no text")
    except EffectFailed as failure:
        if failure.tag in _READ:
            _settle(gate, asked)
        raise
    tokens = _counted(answer.asked, asked) + _counted(answer.answered, _estimate(answer.text))
    _settle(gate, tokens)
    return {TEXT: answer.text, TOKENS: tokens, MODEL: model}


def _patience(gate: Gate, timeout_ms: int | None) -> float:
    most = gate.limits.model_ms
    return gate.remaining(most if timeout_ms is None else min(most, timeout_ms))


def _room(op: str, gate: Gate, asked: int, most: int | None) -> int | None:
    """How many tokens the answer may have. Raises TickError `budget-exceeded` if the prompt leaves none."""
    if most is not None and most < 1:
        raise native_fault(op, ":max-tokens must be at least 1")
    left = gate.left("tokens")
    if left is None:
        return most
    if left <= asked:
        gate.charge("tokens", asked + 1)
    return left - asked if most is None else min(most, left - asked)


def _settle(gate: Gate, tokens: int) -> None:
    """Charge what was used; where less is left, all that is and then the error, so that it is spent either way."""
    there = gate.most("tokens", tokens)
    gate.charge("tokens", there)
    gate.charge("tokens", tokens - there)


def _counted(given: Any, estimate: int) -> int:
    return given if given.__class__ is int and 0 <= given <= _MOST_COUNTED else estimate


def _estimate(text: str) -> int:
    """Tokens of `text`, for want of a count: one for every 4 bytes."""
    return (len(text.encode("utf-8", "surrogatepass")) + 3) // 4


# -- the wires


def _to_ollama(question: Question) -> Json:
    options: dict[str, Json] = {}
    if question.most is not None:
        options["num_predict"] = question.most
    if question.temperature is not None:
        options["temperature"] = question.temperature
    body: dict[str, Json] = {"model": question.model, "prompt": question.prompt, "stream": False, "options": options}
    return {**body, "system": question.system} if question.system else body


def _from_ollama(place: str, data: Any) -> Answer:
    return Answer(member(place, data, "response"), data.get("prompt_eval_count"), data.get("eval_count"))


def _to_openai(question: Question) -> Json:
    messages: list[Json] = [{"role": "user", "content": question.prompt}]
    if question.system:
        messages.insert(0, {"role": "system", "content": question.system})
    body: dict[str, Json] = {"model": question.model, "messages": messages}
    if question.most is not None:
        body["max_tokens"] = question.most
    if question.temperature is not None:
        body["temperature"] = question.temperature
    return body


def _from_openai(place: str, data: Any) -> Answer:
    text = member(place, data, "choices", 0, "message", "content")
    usage = data.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return Answer(text, counts.get("prompt_tokens"), counts.get("completion_tokens"))


LOCAL: Final = Wire(
    "llm.local", "local", Model("http://localhost:11434", "llama3"), "/api/generate", _to_ollama, _from_ollama
)
CLOUD: Final = Wire(
    "llm.cloud", "cloud", Model("https://api.openai.com/v1", "gpt-4o-mini", "openai"), "/chat/completions",
    _to_openai, _from_openai,
)  # fmt: skip
