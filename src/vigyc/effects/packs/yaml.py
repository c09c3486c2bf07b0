"""From YAML text to data and back: the pack `yaml`, which needs PyYAML (of the extra `data`).

The types are those of YAML 1.2's core schema: `no`, `on`, `1:30`, `2024-01-01` and `1_000` are strings, 010 is ten,
0o10 is eight. Keys are always strings, as they are written: `80: x` has key "80". Tags and merge keys (`<<`) are
refused rather than misread. An int beyond 64 bits is a float.
"""

from __future__ import annotations

from typing import Any, Final

from vigyc.effects.data.bounds import DEPTH, check_data
from vigyc.effects.data.yaml_reading import documents
from vigyc.effects.data.yaml_writing import written
from vigyc.effects.extras import need
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.runtime.faults import size_exceeded
from vigyc.runtime.json_value import Json

PACK: Final = Pack("yaml", "YAML text and data.")

_MOST: Final = 2**24


def _yaml(op: str) -> Any:
    return need(op, "yaml", "pyyaml", "data")


def _documents(op: str, text: str) -> list[object]:
    if len(text) > _MOST:
        raise size_exceeded(op, _MOST)
    return documents(_yaml(op), text)


@PACK.pure("yaml-parse", result=True, example='(yaml-parse "a: [1, no]") => {:ok #t, :value {"a" (1 "no")}}')
def yaml_parse(text: str) -> object:
    """The data of a YAML text of one document (nil of none), of at most 16 Mi characters and 512 deep.

    Error `decode`, with line and column; also for tags, merge keys, repeated keys, and aliases that stand for too much.
    """
    found = _documents("yaml-parse", text)
    if len(found) > 1:
        raise EffectFailed("decode", f"there are {len(found)} documents: yaml-parse-all reads them")
    return found[0] if found else None


@PACK.pure("yaml-parse-all", result=True, example='(yaml-parse-all "a\\n---\\nb") => {:ok #t, :value ("a" "b")}')
def yaml_parse_all(text: str) -> object:
    """The data of every document of a YAML text, as `yaml-parse` reads one. Error `decode`."""
    return _documents("yaml-parse-all", text)


@PACK.pure(
    "yaml-write",
    result=True,
    example='(yaml-write (hash-map "a" (list 1 "no"))) => {:ok #t, :value "a:\\n- 1\\n- \'no\'\\n"}',
)
def yaml_write(data: Json) -> str:
    """The data as YAML text, keys in code-point order; strings are quoted where any reader might misread them.

    Error `encode`: more than 512 deep, or half of a surrogate pair in a string.
    """
    yaml = _yaml("yaml-write")
    check_data("yaml-write", data, DEPTH)
    try:
        return written("yaml-write", yaml, data)
    except UnicodeEncodeError:
        raise EffectFailed("encode", "half of a surrogate pair") from None
