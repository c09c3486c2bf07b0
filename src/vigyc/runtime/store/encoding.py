"""From a kv value to what SQLite holds of it, and back; and why some values cannot be held.

A value is kept in the kind of SQLite that is nearest: an int, a float or a string as it is, everything else as msgpack
(schema.py says what that is good for). What a tick said is JSON text, where JSON escapes a lone surrogate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgpack

from vigyc.runtime.json_value import dumps

Stored: TypeAlias = "int | float | str | bytes"

NATIVE: Final = frozenset({int, float, str})

_LONE: Final = re.compile("[\ud800-\udfff]")
_DEPTH: Final = 500

pack = msgpack.Packer(use_bin_type=True).pack
unpack = msgpack.unpackb


def unstorable(kv: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    """Which of `keys` has a value that no store could hold, and why."""
    for key in sorted(keys):
        value = kv[key]
        try:
            if value.__class__ is int:
                value.to_bytes(8, "big", signed=True)
            else:
                msgpack.packb((key, value))
        except UnicodeEncodeError:
            return f"key {key!r} or its value is not Unicode text (a lone surrogate)"
        except ValueError:
            return f"the value of key {key!r} is nested too deeply (500 levels is what a store holds)"
        except OverflowError:
            return f"the value of key {key!r} holds an integer beyond 64 bits"
        except TypeError as error:
            return f"the value of key {key!r} is not JSON data: {error}"
    return None


def json_text(value: Any) -> str:
    """JSON data as text that SQLite takes; raises TypeError for other data, ValueError if it is nested too deeply."""
    text = dumps(value)
    if not text.isascii():
        text = _LONE.sub(_escaped, text)
    if text.count("[") + text.count("{") > _DEPTH:
        pack(value)  # refuses what the reader could not read
    return text


def plain_text(text: str | None) -> str | None:
    """`text` as SQLite takes it: what is not Unicode is escaped."""
    return text if text is None or text.isascii() else _LONE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
