"""From patterns to what matches them: the pack `regex`, which needs google-re2 (of the extra `data`).

The syntax is RE2's, near to Python's: no back references and no look-around, in exchange for time that grows with the
text alone. `\\d`, `\\w` and `\\s` are ASCII (`\\pL` is any letter); `$` is the end of the text, of a line with `(?m)`.
A pattern that is none is an error of the program. Positions count characters from 0.
"""

from __future__ import annotations

import re
from typing import Any, Final

from vigyc.effects.data.bounds import check_items, check_text
from vigyc.effects.data.patterns import compiled, engine, first, matches
from vigyc.effects.pack import Pack
from vigyc.lang.datum import keyword
from vigyc.runtime.faults import native_fault

PACK: Final = Pack("regex", "Regular expressions that take no longer than the text is long.")

_TEXT, _START, _END, _GROUPS = map(keyword, ("text", "start", "end", "groups"))
_REFERENCE: Final = re.compile(r"\$(?:(\$)|([0-9]{1,2})|\{([A-Za-z0-9_]+)\})?")


@PACK.pure("regex-match?", example='(regex-match? "[a-z]+[0-9]" "abc1") => #t')
def regex_matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; `regex-find` looks for a part that does."""
    try:
        return compiled("regex-match?", pattern, text).fullmatch(text) is not None
    except UnicodeEncodeError:
        raise native_fault("regex-match?", "half of a surrogate pair in the text") from None


@PACK.pure(
    "regex-find",
    example='(regex-find "([a-z])([0-9])?" "-a-") => {:text "a", :start 1, :end 2, :groups ("a" ())}',
)
def regex_find(pattern: str, text: str) -> object:
    """The first match, nil if there is none: :text, where it is (:start, :end), and :groups (nil: no part in it)."""
    found = first("regex-find", pattern, text)
    return None if found is None else _record(found)


@PACK.pure("regex-find-all", example='(map (lambda (m) (get m :text)) (regex-find-all "[0-9]+" "1, 22")) => ("1" "22")')
def regex_find_all(pattern: str, text: str) -> list[object]:
    """All matches from the left, as `regex-find` has one; none overlap."""
    found: list[object] = []
    for match in matches("regex-find-all", pattern, text):
        found.append(_record(match))
        check_items("regex-find-all", len(found))
    return found


def _record(match: Any) -> dict[object, object]:
    start, end = match.span()
    return {_TEXT: match.group(), _START: start, _END: end, _GROUPS: list(match.groups())}


@PACK.pure("regex-replace", example='(regex-replace "([a-z])=([0-9])" "a=1 b=2" "$2=$1") => "1=a b=2"')
def regex_replace(pattern: str, text: str, replacement: str) -> str:
    """The text with the first match replaced; `$1`, `${1}` or `${name}` is a group, `$0` the match, `$$` a dollar."""
    return _replaced("regex-replace", pattern, text, replacement, 1)


@PACK.pure("regex-replace-all", example='(regex-replace-all "\\\\s+" "a  b \\n c" " ") => "a b c"')
def regex_replace_all(pattern: str, text: str, replacement: str) -> str:
    """The text with every match replaced, as by `regex-replace`."""
    return _replaced("regex-replace-all", pattern, text, replacement, -1)


def _replaced(op: str, pattern: str, text: str, replacement: str, most: int) -> str:
    parts = _template(op, replacement)
    out: list[str] = []
    size = at = 0
    for match in matches(op, pattern, text):
        start, end = match.span()
        new = "".join(part if is_text else _group(op, match, part) for is_text, part in parts)
        size += start - at + len(new)
        check_text(op, size)
        out += text[at:start], new
        at = end
        most -= 1
        if most == 0:
            break
    check_text(op, size + len(text) - at)
    return "".join(out) + text[at:]


def _template(op: str, replacement: str) -> list[tuple[bool, str]]:
    """The texts (True) and names or numbers of groups (False) of a replacement."""
    parts: list[tuple[bool, str]] = []
    at = 0
    for found in _REFERENCE.finditer(replacement):
        parts.append((True, replacement[at : found.start()]))
        at = found.end()
        group = found[2] or found[3]
        if group is None and found[1] is None:
            raise native_fault(op, "$ in a replacement stands before a group or another $")
        parts.append((True, "$") if group is None else (False, group))
    return [*parts, (True, replacement[at:])]


def _group(op: str, match: Any, group: str) -> str:
    try:
        return match.group(int(group) if group.isdecimal() else group) or ""
    except IndexError:
        raise native_fault(op, f"the pattern has no group {group}") from None


@PACK.pure("regex-split", example='(regex-split "[,;] *" "a, b;c") => ("a" "b" "c")')
def regex_split(pattern: str, text: str) -> list[str]:
    """What is between the matches, empty strings too; an empty match separates nothing."""
    found: list[str] = []
    at = 0
    for match in matches("regex-split", pattern, text):
        start, end = match.span()
        if start < end:
            found.append(text[at:start])
            check_items("regex-split", len(found) + 1)
            at = end
    return [*found, text[at:]]


@PACK.pure("regex-escape", example='(regex-escape "a.b") => "a\\\\.b"')
def regex_escape(text: str) -> str:
    """A pattern that matches just this text."""
    try:
        escaped: str = engine("regex-escape").escape(text)
    except UnicodeEncodeError:
        raise native_fault("regex-escape", "half of a surrogate pair in the text") from None
    check_text("regex-escape", len(escaped))
    return escaped
