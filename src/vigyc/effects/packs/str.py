"""From strings to strings, where the library has nothing: the pack `str`. Positions count characters from 0."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final

from vigyc.effects.data.bounds import check_items, check_text
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.runtime.faults import native_fault
from vigyc.runtime.values import INT_MAX, INT_MIN

PACK: Final = Pack("str", "Strings: trimming, padding, cutting, numbers in them.")

_LINE_END: Final = re.compile(r"\r?\n")
_DIGITS: Final = re.compile(r"([0-9]+)")
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_INT: Final = re.compile(r"[+-]?[0-9a-zA-Z]{1,80}")
_FLOAT: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@PACK.pure("str-blank?", example='(str-blank? " \\t") => #t')
def str_is_blank(text: str) -> bool:
    """Whether there is nothing in it but white space."""
    return not text or text.isspace()


@PACK.pure("str-count", example='(str-count "banana" "an") => 2')
def str_count(text: str, part: str) -> int:
    """How often a part, which must not be empty, occurs without overlap."""
    if not part:
        raise native_fault("str-count", "the part is empty")
    return text.count(part)


@PACK.pure("str-last-index", example='(str-last-index "a/b/c" "/") => 3')
def str_last_index(text: str, part: str) -> int:
    """Where a part last occurs; -1 if it does not."""
    return text.rfind(part)


@PACK.pure("str-split-once", example='(str-split-once "a=b=c" "=") => ("a" "b=c")')
def str_split_once(text: str, separator: str) -> object:
    """What is before the first separator and what is after it; nil if there is none."""
    before, found, after = text.partition(separator) if separator else ("", "", "")
    return [before, after] if found else None


@PACK.pure("str-lines", example='(str-lines "a\\nb\\n") => ("a" "b")')
def str_lines(text: str) -> list[str]:
    """The lines, without their ends (LF or CRLF)."""
    check_items("str-lines", text.count("\n") + 1)
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


@PACK.pure("str-words", example='(str-words " a  b ") => ("a" "b")')
def str_words(text: str) -> list[str]:
    """What white space separates."""
    words = text.split()
    check_items("str-words", len(words))
    return words


@PACK.pure("str-strip-prefix", example='(str-strip-prefix "v1.2" "v") => "1.2"')
def str_strip_prefix(text: str, prefix: str) -> str:
    """The string without that beginning, if it has it."""
    return text.removeprefix(prefix)


@PACK.pure("str-strip-suffix", example='(str-strip-suffix "a.txt" ".txt") => "a"')
def str_strip_suffix(text: str, suffix: str) -> str:
    """The string without that end, if it has it."""
    return text.removesuffix(suffix)


@PACK.pure("str-pad-left", example='(str-pad-left "7" 3 "0") => "007"')
def str_pad_left(text: str, width: int, fill: str = " ") -> str:
    """The string with characters before it so that it is at least `width` long."""
    return text.rjust(_width("str-pad-left", width), _fill("str-pad-left", fill))


@PACK.pure("str-pad-right", example='(str-pad-right "a" 3) => "a  "')
def str_pad_right(text: str, width: int, fill: str = " ") -> str:
    """The string with characters after it so that it is at least `width` long."""
    return text.ljust(_width("str-pad-right", width), _fill("str-pad-right", fill))


def _width(op: str, width: int) -> int:
    check_text(op, width)
    return max(width, 0)


def _fill(op: str, fill: str) -> str:
    if len(fill) != 1:
        raise native_fault(op, "what fills must be one character")
    return fill


@PACK.pure("str-truncate", example='(str-truncate "abcdef" 4 "…") => "abc…"')
def str_truncate(text: str, most: int, mark: str = "") -> str:
    """The string, cut to `most` characters if it is longer; `mark` is then its end, and counts."""
    if most < len(mark):
        raise native_fault("str-truncate", "there must be room for the mark")
    return text if len(text) <= most else text[: most - len(mark)] + mark


@PACK.pure("str-indent", example='(str-indent "a\\n\\nb" "  ") => "  a\\n\\n  b"')
def str_indent(text: str, prefix: str) -> str:
    """The string with `prefix` before each line that is not empty."""
    check_text("str-indent", len(text) + len(prefix) * (text.count("\n") + 1))
    return "\n".join(prefix + line if line else line for line in text.split("\n"))


@PACK.pure("str-reverse", example='(str-reverse "abc") => "cba"')
def str_reverse(text: str) -> str:
    """The characters (code points) last to first."""
    return text[::-1]


@PACK.pure("str-slug", example='(str-slug "Ünïcode & co.") => "unicode-co"')
def str_slug(text: str) -> str:
    """A name of a-z, 0-9 and single hyphens: accents go, all else becomes a hyphen."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NO_SLUG.sub("-", plain.lower()).strip("-")


@PACK.pure("str-to-int", result=True, example='(str-to-int "ff" 16) => {:ok #t, :value 255}')
def str_to_int(text: str, base: int = 10) -> int:
    """The int that the digits say, in a base from 2 to 36; nothing around them but a sign. Error `decode`."""
    if not 2 <= base <= 36:
        raise native_fault("str-to-int", "the base must be from 2 to 36")
    try:
        value = int(text, base) if _INT.fullmatch(text) else None
    except ValueError:
        value = None
    if value is None:
        raise EffectFailed("decode", f"not an integer in base {base}")
    if not INT_MIN <= value <= INT_MAX:
        raise EffectFailed("decode", "the integer does not fit 64 bits")
    return value


@PACK.pure("str-to-float", result=True, example='(str-to-float "2.50") => {:ok #t, :value 2.5}')
def str_to_float(text: str) -> float:
    """The float that decimal digits say; nothing around them but a sign, no inf and no nan. Error `decode`."""
    if not _FLOAT.fullmatch(text):
        raise EffectFailed("decode", "not a decimal number")
    value = float(text)
    if math.isinf(value):
        raise EffectFailed("decode", "the number is out of range")
    return value


@PACK.pure("str-compare-natural", example='(str-compare-natural "v9" "v10") => -1')
def str_compare_natural(a: str, b: str) -> int:
    """-1, 0 or 1: as people sort, digits by the numbers they are; for `sort-by`."""
    left, right = _natural(a), _natural(b)
    return (left > right) - (left < right)


def _natural(text: str) -> tuple[list[object], str]:
    """Texts and numbers by turns, a number as the count of its digits and these; the text itself decides a tie."""
    parts: list[object] = [*_DIGITS.split(text)]
    for at in range(1, len(parts), 2):
        digits = str(parts[at]).lstrip("0")
        parts[at] = len(digits), digits
    return parts, text
