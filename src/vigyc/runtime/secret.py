"""From a text that must not be seen to a value that a program can pass on but never look into.

A secret prints as `***` wherever it goes: output, logs, kv, runs, records. Joining it with strings makes a secret of
the whole. Only the gate opens one (effects/gate.py), for an effect whose parameter asks for it. Nothing Python does by
itself gives its text away either: it cannot be copied, pickled or encoded, and whatever generated code might try on
what it takes for a string is refused as the language refuses it.
"""

from __future__ import annotations

from typing import Final, NoReturn

from vigyc.runtime.faults import size_exceeded, type_mismatch
from vigyc.runtime.values import MAX_TEXT, Foreign, register_kind

MASK: Final = "***"


class Secret(Foreign):
    """A text nobody sees; `name` says where it came from. Two secrets are equal if they are the same object."""

    __slots__ = ("_text", "name")

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self.name = name

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")

    def _refuse(self, *_: object) -> NoReturn:
        raise type_mismatch("string", self)

    __len__ = __iter__ = __getitem__ = __contains__ = __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse


register_kind(Secret, "secret")


def open_secret(secret: Secret) -> str:
    """The text. For the gate alone."""
    return secret._text


def joined(parts: list[object], between: str = "") -> Secret:
    """The strings and secrets of `parts` as one secret, with `between` between them.

    Raises TickError `size-exceeded`.
    """
    texts: list[str] = [part._text if part.__class__ is Secret else part for part in parts]  # type: ignore[misc]
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_TEXT:
        raise size_exceeded("secret", MAX_TEXT)
    names = {name for part in parts if part.__class__ is Secret for name in part.name.split(", ")}
    return Secret(between.join(texts), ", ".join(sorted(names)))
