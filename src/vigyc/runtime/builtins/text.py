"""From strings to strings: searching, cutting, joining, changing, formatting.

The language leaves these to its hosts; this is how vigyc has them. Positions count characters (code points) from 0.
Every argument is checked, in order, before anything else, and what would grow past the size limit is refused before
it is built. An empty result list is the empty list, not nil.
"""

from __future__ import annotations

import re

from vigyc.runtime.faults import native_fault, size_exceeded, type_mismatch
from vigyc.runtime.lists import items
from vigyc.runtime.native import native
from vigyc.runtime.printer import display
from vigyc.runtime.secret import Secret, joined
from vigyc.runtime.values import INT_MAX, INT_MIN, MAX_ITEMS, MAX_TEXT

# The language's white space; str.strip() without an argument would take U+001C to U+001F too.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_INT = re.compile(r"([+-]?)0*([0-9]+)")
_DECIMAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
_FLOAT = re.compile(rf"[+-]?(?:{_DECIMAL}|inf|infinity|nan)", re.ASCII | re.IGNORECASE)


def _string(x: object) -> str:
    if x.__class__ is str:
        return x
    raise type_mismatch("string", x)


def _integer(x: object) -> int:
    if x.__class__ is int:
        return x
    raise type_mismatch("integer", x)


def _check_size(name: str, size: int) -> None:
    if size > MAX_TEXT:
        raise size_exceeded(name, MAX_TEXT)


@native("string-split", 2)
def string_split(s: object, separator: object, /) -> list[object]:
    """The parts of `s` between occurrences of `separator`, empty ones too; with an empty separator its characters.

    `(string-split "a,,b" ",")` is `("a" "" "b")`; `(string-split "" ",")` is `("")`; `(string-split "ab" "")` is
    `("a" "b")`.
    """
    text, between = _string(s), _string(separator)
    if (text.count(between) if between else len(text)) >= MAX_ITEMS:
        raise size_exceeded("string-split", MAX_ITEMS)
    return [*text.split(between)] if between else [*text]


@native("string-join", 1, 2)
def string_join(strings: object, separator: object = "", /) -> str | Secret:
    """The strings of a list one after the other, with `separator` (none if left out) between them.

    A secret among them makes a secret of the whole.
    """
    parts, between = items(strings), _string(separator)
    size = len(between) * (len(parts) - 1)
    secret = False
    for part in parts:
        if part.__class__ is Secret:
            secret = True
        else:
            size += len(_string(part))
    _check_size("string-join", size)
    return joined(list(parts), between) if secret else between.join(parts)  # type: ignore[arg-type]


_END = object()


@native("substring", 2, 3)
def substring(s: object, start: object, end: object = _END, /) -> str:
    """The characters from `start` up to, not including, `end` (left out: the end of `s`).

    An error unless 0 <= start <= end <= length.
    """
    text, first = _string(s), _integer(start)
    last = len(text) if end is _END else _integer(end)
    if 0 <= first <= last <= len(text):
        return text[first:last]
    raise native_fault("substring", f"range {first}..{last} is not within 0..{len(text)}")


@native("string-contains?", 2)
def string_contains(s: object, part: object, /) -> bool:
    """Whether `part` occurs in `s`; the empty string occurs in every string."""
    text, wanted = _string(s), _string(part)
    return wanted in text


@native("string-starts-with?", 2)
def string_starts_with(s: object, prefix: object, /) -> bool:
    """Whether `s` begins with `prefix`."""
    text, wanted = _string(s), _string(prefix)
    return text.startswith(wanted)


@native("string-ends-with?", 2)
def string_ends_with(s: object, suffix: object, /) -> bool:
    """Whether `s` ends with `suffix`."""
    text, wanted = _string(s), _string(suffix)
    return text.endswith(wanted)


@native("string-index", 2)
def string_index(s: object, part: object, /) -> int:
    """Where `part` first occurs in `s`; -1 if it does not."""
    text, wanted = _string(s), _string(part)
    return text.find(wanted)


@native("string-upcase", 1)
def string_upcase(s: object, /) -> str:
    """`s` in upper case, by Unicode's full mapping: ß becomes SS."""
    text = _string(s)
    _check_size("string-upcase", len(text) if text.isascii() else 3 * len(text))
    return text.upper()


@native("string-downcase", 1)
def string_downcase(s: object, /) -> str:
    """`s` in lower case, by Unicode's full mapping."""
    text = _string(s)
    _check_size("string-downcase", len(text) if text.isascii() else 3 * len(text))
    return text.lower()


@native("string-trim", 1)
def string_trim(s: object, /) -> str:
    """`s` without white space at its ends; white space is what separates tokens in a program."""
    return _string(s).strip(_SPACE)


@native("string-replace", 3)
def string_replace(s: object, old: object, new: object, /) -> str:
    """`s` with every `old` replaced by `new`, found from the left, not overlapping; an empty `old` is an error."""
    text, wanted, instead = _string(s), _string(old), _string(new)
    if not wanted:
        raise native_fault("string-replace", "the string to replace is empty")
    if len(instead) > len(wanted):
        _check_size("string-replace", len(text) + text.count(wanted) * (len(instead) - len(wanted)))
    return text.replace(wanted, instead)


@native("string-repeat", 2)
def string_repeat(s: object, n: object, /) -> str:
    """`s` n times over; a negative n is an error."""
    text, count = _string(s), _integer(n)
    if count < 0:
        raise native_fault("string-repeat", "expected non-negative int")
    _check_size("string-repeat", len(text) * count)
    return text * count


@native("string->number", 1)
def string_to_number(s: object, /) -> int | float | None:
    """The number that a program would read from `s`, nil if it would read something else.

    No white space around it; an int beyond 64 bits is read as a float, `inf` and `nan` in any case are floats.
    """
    text = _string(s)
    found = _INT.fullmatch(text)
    if found is not None and len(found[2]) < 20:  # so many digits fit 64 bits, or nearly
        value = int(found[1] + found[2])
        if INT_MIN <= value <= INT_MAX:
            return value
    return float(text) if _FLOAT.fullmatch(text) else None


@native("number->string", 1)
def number_to_string(n: object, /) -> str:
    """The printed form of a number: `(number->string 1.0)` is "1"."""
    if n.__class__ is int or n.__class__ is float:
        return display(n)
    raise type_mismatch("number", n)


_FIELD = re.compile(r"\{\{|\}\}|\{\}|[{}]")


@native("format", 1, None)
def format_text(template: object, /, *values: object) -> str:
    """`template` with each `{}` replaced by the next value: a string as it is, anything else as it prints.

    `{{` and `}}` stand for braces; any other brace, or a number of values that is not the number of `{}`, is an error.
    """
    text = _string(template)
    out: list[str] = []
    size = used = done = 0
    for field in _FIELD.finditer(text):
        found = field[0]
        if found == "{}":
            if used == len(values):
                raise _miscounted(text, len(values))
            value = values[used]
            piece = value if value.__class__ is str else display(value)
            used += 1
        elif len(found) == 2:
            piece = found[0]
        else:
            raise native_fault("format", f"a single {found} at {field.start()}; write {found}{found} for a brace")
        out += (text[done : field.start()], piece)
        done = field.end()
        size += len(out[-2]) + len(piece)
        _check_size("format", size + len(text) - done)
    if used != len(values):
        raise _miscounted(text, len(values))
    return "".join((*out, text[done:]))


def _miscounted(text: str, given: int) -> Exception:
    wanted = sum(field[0] == "{}" for field in _FIELD.finditer(text))
    return native_fault("format", f"the template has {wanted} fields, but {given} values are given")
