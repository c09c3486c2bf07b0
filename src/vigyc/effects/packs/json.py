"""From JSON text to data and back, and from data to parts of it and changes of it: the pack `json`.

JSON's null, booleans, numbers, strings, lists and objects are nil, booleans, numbers, strings, lists and maps with
string keys; nothing in a text makes anything else. Operations on data take any value as other programs name it
(effects/plain.py): the keyword `:k` as "k", NaN as null, a secret as "***".
"""

from __future__ import annotations

from typing import Final

from vigyc.effects.data.bounds import check_data, check_text
from vigyc.effects.data.json_changes import differences, merged
from vigyc.effects.data.json_layout import indented
from vigyc.effects.data.json_path import ABSENT, dotted_steps, follow, pointer_steps
from vigyc.effects.data.json_text import parse
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.runtime.faults import native_fault
from vigyc.runtime.json_value import Json, dumps

PACK: Final = Pack("json", "JSON text and data.")


@PACK.pure("json-parse", result=True, example='(json-parse "{\\"a\\": [1, true]}") => {:ok #t, :value {"a" (1 #t)}}')
def json_parse(text: str) -> object:
    """The data of a JSON text. An int beyond 64 bits is a float.

    Strict: no NaN or Infinity, no number beyond a float, no repeated key, no half of a surrogate pair, at most 512
    deep. Error `decode`, with line and column.
    """
    return parse("json-parse", text)


@PACK.pure("json-write", options={"indent": ("int", 0)}, example='(json-write (list 1 "a" nil)) => "[1,\\"a\\",null]"')
def json_write(data: Json, options: Options = NO_OPTIONS) -> str:
    """The data as JSON text, keys in code-point order; `:indent` (up to 16) blanks a level put it on many lines."""
    width = options["indent"]
    if not 0 <= width <= 16:
        raise native_fault("json-write", ":indent must be from 0 to 16")
    check_data("json-write", data)
    text = dumps(data)
    check_text("json-write", len(text))
    return indented("json-write", text, width) if width else text


@PACK.pure("json-get", example='(json-get (hash-map "a" (list 7 8)) "/a/1") => 8')
def json_get(data: object, pointer: str, default: object = None) -> object:
    """What is at a JSON Pointer (RFC 6901), `default` or nil if nothing is; "" points at the data themselves."""
    try:
        steps = pointer_steps(pointer)
    except ValueError as error:
        raise native_fault("json-get", str(error)) from None
    found = follow(data, steps)
    return default if found is ABSENT else found


@PACK.pure(
    "json-require", result=True, example='(ok? (json-require (hash-map "a" (hash-map "b" 1)) (list "a.b" "c"))) => #f'
)
def json_require(data: object, paths: list[str]) -> object:
    r"""The data, if something (nil counts) is at every dotted path (`\.` is a dot in a name, a number an index).

    Error `missing`, which lists the paths where nothing is.
    """
    missing = [path for path in paths if follow(data, dotted_steps(path)) is ABSENT]
    if missing:
        raise EffectFailed("missing", f"missing: {', '.join(missing)}")
    return data


@PACK.pure("json-merge", example='(json-merge (hash-map "a" 1 "b" 2) (hash-map "b" nil "c" 3)) => {"a" 1, "c" 3}')
def json_merge(data: Json, patch: Json) -> object:
    """The data with a JSON Merge Patch (RFC 7396): maps go into maps, nil removes a key, all else replaces."""
    return merged(data, patch)


@PACK.pure(
    "json-diff",
    example='(json-diff (hash-map "a" 1) (hash-map "a" 2)) => ({"op" "replace", "path" "/a", "value" 2})',
)
def json_diff(old: Json, new: Json) -> object:
    """The JSON Patch (RFC 6902) from old to new: maps of "op" (add, remove, replace), "path" and "value".

    They are in the order of paths, and none if nothing differs; a list that differs is replaced whole.
    """
    return differences("json-diff", old, new)
