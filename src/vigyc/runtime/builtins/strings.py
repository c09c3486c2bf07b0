"""From strings, symbols and keywords to one another: the string natives of the language itself.

Characters are Unicode code points. What the language leaves to hosts is in `text`.
"""

from __future__ import annotations

from vigyc.lang.datum import Keyword, Symbol, keyword, symbol
from vigyc.runtime.faults import size_exceeded, type_mismatch
from vigyc.runtime.native import native
from vigyc.runtime.printer import display
from vigyc.runtime.secret import Secret, joined
from vigyc.runtime.values import MAX_TEXT


@native("string-length", 1)
def string_length(s: object, /) -> int:
    """The number of characters."""
    if s.__class__ is str:
        return len(s)
    raise type_mismatch("string", s)


@native("string-append", 0, None)
def string_append(*parts: object) -> str | Secret:
    """The strings one after the other; a secret among them makes a secret of the whole."""
    size = 0
    for part in parts:
        if part.__class__ is str:
            size += len(part)
        elif part.__class__ is not Secret:
            raise type_mismatch("string", part)
    if size > MAX_TEXT:
        raise size_exceeded("string-append", MAX_TEXT)
    for part in parts:
        if part.__class__ is Secret:
            return joined(list(parts))
    return "".join(parts)  # type: ignore[arg-type]


@native("string", 1)
def string(x: object, /) -> str | Secret:
    """A string or a secret as it is, anything else as it prints."""
    return x if x.__class__ is str or x.__class__ is Secret else display(x)


@native("pr-str", 1)
def printed(x: object, /) -> str:
    """The printed form; strings are quoted."""
    return display(x)


@native("symbol->string", 1)
def symbol_name(x: object, /) -> str:
    """The name of a symbol."""
    if x.__class__ is Symbol:
        return x.name
    raise type_mismatch("symbol", x)


@native("keyword->string", 1)
def keyword_name(x: object, /) -> str:
    """The name of a keyword, without its colon."""
    if x.__class__ is Keyword:
        return x.name
    raise type_mismatch("keyword", x)


@native("string->symbol", 1)
def named_symbol(name: object, /) -> Symbol:
    """The symbol of that name, whatever it is."""
    if name.__class__ is str:
        return symbol(name)
    raise type_mismatch("string", name)


@native("string->keyword", 1)
def named_keyword(name: object, /) -> Keyword:
    """The keyword of that name, whatever it is."""
    if name.__class__ is str:
        return keyword(name)
    raise type_mismatch("string", name)
