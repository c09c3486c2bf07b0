"""From a symbol to a Python identifier: readable, ASCII, never a keyword.

Two symbols may give the same identifier; whoever allocates names keeps them apart.
"""

from __future__ import annotations

import keyword
import re

_OPERATORS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "=": "num_eq",
    "<": "lt",
    ">": "gt",
    "<=": "le",
    ">=": "ge",
    "not=": "not_equal",
    ">!": "chan_put",
    "<!": "chan_take",
}
_SPELLED = {"?": "_p", "!": "_x", "*": "_star", "+": "_plus", "/": "_", ">": "_gt", "<": "_lt", "=": "_eq", "&": "_and"}
_UNSAFE = re.compile(r"[^a-z0-9_]")


def identifier(name: str) -> str:
    """A Python identifier that reads like symbol `name`: `safe?` is `safe_p`, `list->map` is `list_to_map`."""
    spelled = _OPERATORS.get(name)
    if spelled is not None:
        return spelled
    text = name.replace("->", "_to_")
    text = "".join(_SPELLED.get(ch, ch) for ch in text).lower().replace("-", "_").replace(" ", "_")
    text = _UNSAFE.sub(lambda match: f"u{ord(match[0]):x}", text)
    text = text.strip("_") or "name"
    if text[0].isdigit():
        text = "n" + text
    text = re.sub("__+", "_", text)
    return text + "_" if keyword.iskeyword(text) or keyword.issoftkeyword(text) or text in _PYTHON else text


_PYTHON = frozenset({"none", "true", "false", "print", "eval", "exec", "compile", "open", "input"})
