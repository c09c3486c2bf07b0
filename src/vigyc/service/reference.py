"""From the tables of the language and the docstrings of its functions to its reference: entries, and Markdown of them.

What is said here is what the code is: nothing is written twice.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from vigyc.effects import catalog
from vigyc.effects.operation import READERS, REQUIRED, Operation
from vigyc.frontend.macros.library import LIBRARY
from vigyc.frontend.macros.lines import MACRO_LINES
from vigyc.lang.form_lines import FORM_LINES
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.runtime.families import FAMILIES
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.runtime.library import NATIVES


class Entry(NamedTuple):
    """A name of the language: how a use of it looks, and what it does."""

    name: str
    shape: str
    text: str | None


def forms() -> list[Entry]:
    """The special forms."""
    return [Entry(name, shape, FORM_LINES[name]) for name, shape in SPECIAL_FORMS.items()]


def macros() -> list[Entry]:
    """The macros."""
    return [Entry(name, shape, MACRO_LINES[name]) for name, (_, shape) in LIBRARY.items()]


def functions() -> dict[str, list[Entry]]:
    """The functions, by the title of their family."""
    found: dict[str, list[Entry]] = {}
    for name, function in NATIVES.items():
        host = function.tatara.host  # type: ignore[attr-defined]
        entry = Entry(name, _signature(name, function, host), inspect.getdoc(function))
        found.setdefault(_family(function), []).append(entry)
    ordered = [key for key in FAMILIES if key in found] + sorted(found.keys() - FAMILIES.keys())
    return {FAMILIES.get(key, key.replace("_", " ").capitalize()): found[key] for key in ordered}


def intrinsics() -> dict[str, list[Entry]]:
    """What a tick can do, by standard extension."""
    return {
        extension.name: [
            Entry(each.name, _signature(each.name, each.function, host=True), each.doc)
            for each in extension.intrinsics.values()
        ]
        for extension in standard_extensions()
    }


def rows(entries: Iterable[Entry]) -> list[str]:
    """A table of entries, in Markdown."""
    return ["| call | what it does |", "|---|---|", *(_row(each.shape, each.text) for each in entries), ""]


def pack_lines(name: str) -> list[str]:
    """A pack of operations, in Markdown. Raises KeyError."""
    pack = catalog.pack(name)
    out = [f"## {name}", "", pack.doc, ""]
    for operation in pack.operations.values():
        out += operation_lines(operation)
    return out


def operation_lines(operation: Operation) -> list[str]:
    """What there is to know of an operation: a heading, its facts, its text, its options, its example."""
    facts = []
    if operation.is_effect:
        kinds = ", ".join(f"`{kind}`" for kind, _ in operation.needs)
        facts.append(f"needs {kinds}" if kinds else "needs no grant")
        facts.append("external" if operation.external else "stored with the run")
        if operation.changes:
            facts.append("not done in a dry run")
    facts.append("answers a result" if operation.answers == "result" else "answers the value")
    doc = "\n".join(inspect.cleandoc(operation.doc).splitlines())
    out = [f"#### `{_operation_signature(operation)}`", "", f"*{'; '.join(facts)}*", "", doc, ""]
    if operation.options:
        given = [f"`:{name}` ({READERS[kind][0]})" for name, (kind, _) in operation.options.items()]
        out += [f"Options: {', '.join(given)}.", ""]
    return [*out, "```lisp", operation.example, "```", ""]


def _signature(name: str, function: Callable[..., object], host: bool) -> str:
    """How a call of `function` looks: `(name a [b] c...)`."""
    parameters = list(inspect.signature(function).parameters.values())[1 if host else 0 :]
    words = [name]
    for parameter in parameters:
        word = _word(parameter.name)
        if parameter.kind is parameter.VAR_POSITIONAL:
            words.append(f"{word}...")
        else:
            words.append(word if parameter.default is parameter.empty else f"[{word}]")
    return f"({' '.join(words)})"


def _operation_signature(operation: Operation) -> str:
    words = [operation.name]
    for parameter in operation.parameters:
        word = _word(parameter.name)
        words.append(word if parameter.default is REQUIRED else f"[{word}]")
    return f"({' '.join(words)})"


def _word(parameter: str) -> str:
    return parameter.strip("_").replace("_", "-")


def _family(function: Any) -> str:
    """The module a builtin stands in, by its last name."""
    module: str = function.__module__
    return module.rsplit(".", 1)[-1]


def _row(shape: str, text: str | None) -> str:
    """A line of a table; the docstring's paragraphs become sentences in one cell."""
    words = " ".join((text or "").split())
    shown = shape.replace("|", "\\|")
    return f"| `{shown}` | {words.replace('|', chr(92) + '|')} |"
