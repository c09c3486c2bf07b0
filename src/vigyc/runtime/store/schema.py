"""From a key/value table to a file that anybody can read: the tables and views of a store, as SQL.

`kv` holds a row per key. A value is kept in the kind of SQLite that is nearest: an int is INTEGER, a float REAL, a
string TEXT; everything else (true, false, null, lists and maps) is a BLOB of msgpack. So most values are readable as
they lie, cost no encoding, and the column has no declared kind that would convert them.

`kv_json` shows every value as JSON text to whoever opens the file with plain SQLite, which knows no msgpack: the view
decodes it in SQL. It walks a BLOB as a machine whose state is one row of a recursive query: `p` the position,
`stack` the open containers (12 characters each: A or M, small once something was written in it, and the number of
values to come), `tag` the byte that began the value at hand and `n` its number or size. Every step does one thing:
close a container that is full, read a tag, read what belongs to it, or write a piece. Only what `msgpack.packb` makes
of JSON data can occur. SQLite need not have its math functions: powers of two are multiplied together. The digits of
floats are as good as the reader's SQLite prints them (before 3.43, the last of 17 may be off for very large or small
ones; -0.0 by itself shows as 0.0).
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x76696779  # "vigy", in the file's header, where file(1) shows it


def _byte(offset: int) -> str:
    return f"(instr(bytes, substr(kv.value, p + {offset}, 1)) - 1)"


def _unsigned(size: int) -> str:
    parts = [f"({_byte(1 + at)} << {8 * (size - 1 - at)})" for at in range(size)]
    return "(" + " | ".join(parts) + ")"


def _signed(size: int) -> str:
    if size == 8:
        return _unsigned(8)
    return f"({_unsigned(size)} - (({_byte(1)} & 128) << {8 * size - 7}))"


def _two_to(exponent: str) -> str:
    """2.0 to a power from 0 to 1023, exactly."""
    factors = []
    for bit in range(10):
        power = "*".join(["4294967296.0"] * (1 << bit >> 5)) if bit >= 5 else f"{1 << (1 << bit)}.0"
        factors.append(f"(CASE WHEN ({exponent}) & {1 << bit} THEN {power} ELSE 1.0 END)")
    return "(" + "*".join(factors) + ")"


def _real_text(x: str) -> str:
    """The shorter of two texts that reads back as real `x`."""
    short, long = f"printf('%!.15g', {x})", f"printf('%!.17g', {x})"
    return f"CASE WHEN CAST({short} AS REAL) = {x} THEN {short} ELSE {long} END"


# A float is (-1)^sign * mantissa * 2^power; a power below -52 is divided out in two exact steps.
_FLOAT_PARTS: Final = """
    SELECT CASE WHEN n < 0 THEN '-' ELSE '' END AS sign,
      (n & 4503599627370495) | (CASE WHEN (n >> 52) & 2047 THEN 4503599627370496 ELSE 0 END) AS mantissa,
      max((n >> 52) & 2047, 1) - 1075 AS power"""

_FLOAT_TEXT: Final = f"""
  (SELECT sign || {_real_text("x")} FROM (SELECT sign, CASE
    WHEN power >= 0 THEN mantissa * {_two_to("power")}
    WHEN power >= -52 THEN mantissa / {_two_to("-power")}
    ELSE mantissa / {_two_to("-power - 52")} / 4503599627370496.0 END AS x FROM ({_FLOAT_PARTS})))"""

_IS_STRING: Final = "(tag BETWEEN 160 AND 191 OR tag BETWEEN 217 AND 219)"
_IS_ARRAY: Final = "(tag BETWEEN 144 AND 159 OR tag IN (220, 221))"
_IS_MAP: Final = "(tag BETWEEN 128 AND 143 OR tag IN (222, 223))"

_NUMBER: Final = f"""CASE
      WHEN tag < 128 THEN tag WHEN tag < 144 THEN tag - 128 WHEN tag < 160 THEN tag - 144 WHEN tag < 192 THEN tag - 160
      WHEN tag >= 224 THEN tag - 256 WHEN tag IN (204, 217) THEN {_unsigned(1)}
      WHEN tag IN (205, 218, 220, 222) THEN {_unsigned(2)} WHEN tag IN (206, 219, 221, 223) THEN {_unsigned(4)}
      WHEN tag IN (203, 207, 211) THEN {_unsigned(8)} WHEN tag = 208 THEN {_signed(1)}
      WHEN tag = 209 THEN {_signed(2)} WHEN tag = 210 THEN {_signed(4)} ELSE 0 END"""

_HEADER: Final = """CASE WHEN tag IN (204, 208, 217) THEN 2 WHEN tag IN (205, 209, 218, 220, 222) THEN 3
      WHEN tag IN (206, 210, 219, 221, 223) THEN 5 WHEN tag IN (203, 207, 211) THEN 9 ELSE 1 END"""

_LEFT: Final = "CAST(substr(stack, -11) AS INTEGER)"
_KIND: Final = "substr(stack, -12, 1)"
_BELOW: Final = "substr(stack, 1, length(stack) - 12)"

_SEPARATOR: Final = f"""CASE WHEN {_KIND} IN ('A', '') THEN '' WHEN {_KIND} = 'a' THEN ','
      WHEN {_LEFT} % 2 THEN ':' WHEN {_KIND} = 'M' THEN '' ELSE ',' END"""

_CONTENT: Final = f"""CASE WHEN {_IS_STRING} THEN json_quote(CAST(substr(kv.value, p, n) AS TEXT))
      WHEN {_IS_ARRAY} THEN '[' WHEN {_IS_MAP} THEN '{{' WHEN tag = 192 THEN 'null' WHEN tag = 194 THEN 'false'
      WHEN tag = 195 THEN 'true' WHEN tag = 203 THEN {_FLOAT_TEXT} ELSE CAST(n AS TEXT) END"""

_COUNTED: Final = (
    f"CASE WHEN stack = '' THEN '' ELSE {_BELOW} || lower({_KIND}) || printf('%011d', {_LEFT} - 1) END"
    f" || CASE WHEN {_IS_ARRAY} THEN 'A' || printf('%011d', n)"
    f" WHEN {_IS_MAP} THEN 'M' || printf('%011d', 2 * n) ELSE '' END"
)

_FULL: Final = f"(tag IS NULL AND stack <> '' AND {_LEFT} = 0)"

_ALL_BYTES: Final = bytes(range(256)).hex()

_DECODED: Final = f"""(
  WITH RECURSIVE
  every(bytes) AS (SELECT x'{_ALL_BYTES}'),
  machine(step, p, stack, tag, n, piece) AS (
    SELECT 0, 1, '', NULL, NULL, ''
    UNION ALL
    SELECT step + 1,
      CASE WHEN {_FULL} OR tag IS NULL THEN p WHEN n IS NULL THEN p + {_HEADER} WHEN {_IS_STRING} THEN p + n ELSE p END,
      CASE WHEN {_FULL} THEN {_BELOW} WHEN n IS NULL THEN stack ELSE {_COUNTED} END,
      CASE WHEN {_FULL} OR n IS NOT NULL THEN NULL WHEN tag IS NULL THEN {_byte(0)} ELSE tag END,
      CASE WHEN tag IS NULL OR n IS NOT NULL THEN NULL ELSE {_NUMBER} END,
      CASE WHEN {_FULL} THEN CASE {_KIND} WHEN 'A' THEN ']' WHEN 'a' THEN ']' ELSE '}}' END
        WHEN n IS NULL THEN '' ELSE {_SEPARATOR} || {_CONTENT} END
    FROM machine, every
    WHERE p <= length(kv.value) OR tag IS NOT NULL OR {_FULL}
  )
  SELECT group_concat(piece, '') FROM (SELECT piece FROM machine ORDER BY step)
)"""

KV: Final = f"""
CREATE TABLE kv (scope TEXT NOT NULL, key TEXT NOT NULL, value BLOB, PRIMARY KEY (scope, key)) WITHOUT ROWID;
CREATE VIEW kv_json (scope, key, value) AS
SELECT scope, key, CASE typeof(value)
  WHEN 'blob' THEN {_DECODED}
  WHEN 'real' THEN {_real_text("value")}
  ELSE json_quote(value) END
FROM kv;
PRAGMA application_id = {APPLICATION_ID};
"""
