"""From a value to its one printed form, which `display`, `pr-str`, error texts and results all use.

Strings are quoted, floats print without exponent and without a trailing `.0`, the two empty lists both as `()`.
Nesting costs no Python stack, and a text past the size limit is refused while it is being built. A promise that holds
itself prints `#<promise ...>` where it comes round again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from types import FunctionType

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.faults import size_exceeded
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import SharedMap, as_dict, from_key
from vigyc.runtime.secret import MASK, Secret
from vigyc.runtime.values import MAX_TEXT, ErrorValue, Promise, kind_of

# What extends a grapheme without being of category Mn or Me (Unicode's Other_Grapheme_Extend), as first and last.
_EXTENDING = (
    "09BE 09D7 0B3E 0B57 0BBE 0BD7 0CC0 0CC2 0CC7-0CC8 0CCA-0CCB 0CD5-0CD6 0D3E 0D57 0DCF 0DDF 1715 1734 1B35 1B3B "
    "1B3D 1B43-1B44 1BAA 1BF2-1BF3 302E-302F A953 A9C0 FF9E-FF9F 111C0 11235 1133E 1134D 11357 114B0 114BD 115AF "
    "116B6 11930 1193D 16FF0-16FF1 1D165-1D166 1D16D-1D172 11F41"
)


def _code_points(ranges: str) -> frozenset[int]:
    bounds = [entry.partition("-") for entry in ranges.split()]
    return frozenset(c for lo, _, hi in bounds for c in range(int(lo, 16), int(hi or lo, 16) + 1))


class _Escapes(dict[int, str]):
    """A table for `str.translate` that finds out what to do with a character when it first comes along."""

    _combining = _code_points(_EXTENDING)

    def __missing__(self, code: int) -> str:
        char = chr(code)
        marks = not char.isascii() and (unicodedata.category(char) in ("Mn", "Me") or code in self._combining)
        self[code] = text = char if char.isprintable() and not marks else f"\\u{{{code:x}}}"
        return text


_ESCAPES = _Escapes({ord('"'): '\\"', ord("\\"): "\\\\", 10: "\\n", 13: "\\r", 9: "\\t", 0: "\\0"})


def string_text(text: str) -> str:
    """String `text` in quotes, with everything escaped that would not show."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{text.translate(_ESCAPES)}"'


def float_text(x: float) -> str:
    """The shortest digits that read back as `x`: no exponent, no trailing `.0`; `inf`, `-inf`, `NaN`."""
    text = repr(x)
    if text.endswith(".0"):
        return text[:-2]
    if "e" in text:
        return format(Decimal(text), "f")
    return "NaN" if x != x else text  # noqa: PLR0124 - true for NaN alone


def _procedure_text(f: object) -> str:
    known = getattr(f, "tatara", None)
    if known is not None:
        return f"#<native {known.name}>"
    name, params, rest = _signature(f)  # type: ignore[arg-type]
    shown = ["#<closure"]
    if name:
        shown.append(name)
    if params:
        shown.append(f"({' '.join(params)}{f' . {rest}' if rest else ''})")
    return " ".join(shown) + ">"


def _signature(f: FunctionType) -> tuple[str, tuple[str, ...], str | None]:
    """Lisp name, parameters and rest parameter of a closure: a program's own are listed beside its code."""
    code = f.__code__
    listed = f.__globals__.get("FUNCTIONS", {}).get(code.co_name)
    if listed is not None:
        return listed  # type: ignore[no-any-return]
    count = code.co_argcount
    return "", code.co_varnames[:count], code.co_varnames[count] if code.co_flags & 0x04 else None


_SCALARS: dict[type, Callable[[object], str]] = {
    str: string_text,  # type: ignore[dict-item]
    int: int.__repr__,
    float: float_text,  # type: ignore[dict-item]
    type(None): lambda _: "()",
    bool: lambda b: "#t" if b else "#f",
    Symbol: lambda s: s.name,  # type: ignore[attr-defined]
    Keyword: lambda k: ":" + k.name,  # type: ignore[attr-defined]
    bytes: lambda b: f"#<bytes {len(b)}>",  # type: ignore[arg-type]
    Secret: lambda _: MASK,
    FunctionType: _procedure_text,
}


class _Text(str):
    """Text that is part of a structure's form, to be written as it is."""

    __slots__ = ()


_SCALARS[_Text] = lambda text: text  # type: ignore[assignment, return-value]


def display(value: object) -> str:
    """The printed form of any value."""
    scalar = _SCALARS.get(value.__class__)
    return scalar(value) if scalar is not None else _structure_text(value)


class _Frame:
    """A structure being printed: the parts still to come, what stands between them and after them."""

    __slots__ = ("close", "opening", "owner", "parts", "separator")

    def __init__(self, opening: str, parts: Iterable[object], separator: str, close: str, owner: object) -> None:
        self.opening = opening
        self.parts = iter(parts)
        self.separator = separator
        self.close = close
        self.owner = owner


def _structure_text(value: object) -> str:
    out: list[str] = []
    write = out.append
    room = MAX_TEXT
    open_promises: set[int] = set()
    stack = [_Frame("", (value,), "", "", None)]
    while stack:
        frame = stack[-1]
        separator = frame.separator
        for x in frame.parts:
            scalar = _SCALARS.get(x.__class__)
            if scalar is not None:
                text = scalar(x)
            else:
                inner = _frame(x, open_promises)
                text = inner.opening
                stack.append(inner)
            room -= len(text) + 1
            if room < 0:
                raise size_exceeded("display", MAX_TEXT)
            write(text)
            if scalar is None:
                break
            write(separator)
        else:
            stack.pop()
            if out[-1] is separator:
                out.pop()
            write(frame.close)
            open_promises.discard(id(frame.owner))
            if stack:
                write(stack[-1].separator)
    return "".join(out)


def _frame(x: object, open_promises: set[int]) -> _Frame:
    """How to print structure `x`."""
    cls = x.__class__
    if cls is list or cls is tuple or cls is Vec:
        return _Frame("(", items(x), " ", ")", x)
    if cls is dict or cls is SharedMap:
        return _Frame("{", _map_parts(as_dict(x).items()), "", "}", x)
    if isinstance(x, Promise):
        if x.thunk is not None:
            return _Frame("#<promise pending>", (), "", "", x)
        if id(x) in open_promises:
            return _Frame("#<promise ...>", (), "", "", None)
        open_promises.add(id(x))
        return _Frame("#<promise ", (x.value,), "", ">", x)
    if isinstance(x, ErrorValue):
        head = f"#<error :{x.tag} {string_text(x.message)}"
        return _Frame(head + " {", x.data, " ", "}>", x) if x.data else _Frame(head, (), "", ">", x)
    return _Frame("#<foreign>", (), "", "", x)


def _map_parts(entries: Iterable[tuple[object, object]]) -> Iterator[object]:
    before = ""
    for key, value in entries:
        yield _Text(f"{before}{display(from_key(key))} ")
        yield value
        before = ", "


def display_string(value: object) -> str:
    """`value` as a word for people, as `vigy-defer` writes it: names and strings bare, structures as `<KIND>`."""
    cls = value.__class__
    if cls is str:
        return value  # type: ignore[return-value]
    if cls is Symbol or cls is Keyword:
        return value.name  # type: ignore[attr-defined, no-any-return]
    if cls is bool:
        return "true" if value else "false"
    if value is None:
        return "nil"
    return display(value) if cls is int or cls is float else f"<{kind_of(value)}>"
