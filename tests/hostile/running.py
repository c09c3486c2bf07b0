"""From hostile text to what it gives: a printed value, or the kind of its error; anything else is a failure."""

from __future__ import annotations

import vigyc


def outcome(text: str) -> str:
    """The printed value of `text`, or `!kind` of the error it ends with."""
    try:
        return vigyc.display(vigyc.compile(text, cache=False).eval(vigyc.Host()))
    except vigyc.CompileError as error:
        return "!" + error.diagnostics[0].kind
    except vigyc.TickError as error:
        return "!" + error.kind


def quoted(text: str) -> str:
    """`text` as a string literal of the language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
