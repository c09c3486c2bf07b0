"""From CSV text to rows and back: the pack `csv`, after RFC 4180.

Fields are strings: what looks like a number stays one. Nothing is done about fields that a spreadsheet would take for
a formula (`=1+1`); who writes for one must see to it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from vigyc.effects.data.bounds import check_items, check_text
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import native_fault, type_mismatch
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.maps import SharedMap, as_dict
from vigyc.runtime.printer import display
from vigyc.runtime.values import kind_of

PACK: Final = Pack("csv", "CSV text and rows.")

_NUMBERS: Final = frozenset({int, float, type(None)})


@PACK.pure(
    "csv-parse",
    result=True,
    options={"header": ("bool", False), "delimiter": ("str", ",")},
    example='(csv-parse "a,b\\n1,\\"x,y\\"") => {:ok #t, :value (("a" "b") ("1" "x,y"))}',
)
def csv_parse(text: str, options: Options = NO_OPTIONS) -> object:
    """The rows of a CSV text, each a list of strings; lines without anything are passed over.

    With `:header #t` the first row names the fields, and the others come as maps, which must be of its length.
    `:delimiter` is one character. A field holds at most 131,072 characters. Error `decode`, with the line.
    """
    rows = _rows(text, _delimiter("csv-parse", options))
    return _records(rows) if options["header"] else [row for _, row in rows]


def _delimiter(op: str, options: Options = NO_OPTIONS) -> str:
    delimiter: str = options["delimiter"]
    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise native_fault(op, ":delimiter must be one character, no quote and no line end")
    return delimiter


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the lines they end at."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    try:
        for row in reader:
            if row:
                count += len(row)
                check_items("csv-parse", count)
                yield reader.line_num, row
    except csv.Error as error:
        raise EffectFailed("decode", f"line {reader.line_num}: {error}") from None


def _records(rows: Iterator[tuple[int, list[str]]]) -> list[object]:
    _, header = next(rows, (0, []))
    if len(set(header)) != len(header):
        raise EffectFailed("decode", "line 1: two fields have one name")
    found: list[object] = []
    for line, row in rows:
        if len(row) != len(header):
            raise EffectFailed("decode", f"line {line}: {len(row)} fields, not {len(header)}")
        found.append(dict(zip(header, row, strict=True)))
    return found


@PACK.pure(
    "csv-write",
    options={"columns": ("list[str]", []), "delimiter": ("str", ",")},
    example='(csv-write (list (list "a" "b") (list 1 "x,y"))) => "a,b\\r\\n1,\\"x,y\\"\\r\\n"',
)
def csv_write(rows: object, options: Options = NO_OPTIONS) -> str:
    """Rows as CSV text with CRLF line ends (RFC 4180), quoted where needed.

    A row is a list, or a map with string keys: `:columns` says which, and they make the first line. Fields are strings,
    numbers, booleans or nil (empty).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=_delimiter("csv-write", options), lineterminator="\r\n")
    columns: list[str] = options["columns"]
    if columns:
        writer.writerow(columns)
    for row in items(rows):
        writer.writerow([_field(value) for value in _values(row, columns)])
        check_text("csv-write", out.tell())
    return out.getvalue()


def _values(row: object, columns: list[str]) -> list[Any]:
    if is_list(row):
        return items(row)
    if row.__class__ is dict or row.__class__ is SharedMap:
        if not columns:
            raise native_fault("csv-write", "rows that are maps need :columns")
        return [as_dict(row).get(column) for column in columns]
    raise type_mismatch("list", row)


def _field(value: object) -> str:
    if value.__class__ is str:
        return str(value)
    if value.__class__ is bool:
        return "true" if value else "false"
    if value.__class__ not in _NUMBERS:
        wanted = "a field must be a string, a number, a boolean or nil"
        raise TickError("type-mismatch", f"`csv-write`: {wanted}, got {kind_of(value)}")
    return "" if value is None else display(value)
