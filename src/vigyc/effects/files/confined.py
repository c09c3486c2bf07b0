"""From a path that proves to lead out of its root to a denial: what opens a `Place` does so in here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vigyc.effects.decision import Decision
from vigyc.effects.files.outside import Outside
from vigyc.effects.gate import Gate
from vigyc.effects.place import Place


@contextmanager
def confined(gate: Gate, kind: str, place: Place) -> Iterator[None]:
    """Deny what leads out of the root of `place`, which `kind` was allowed of. Raises TickError `denied`."""
    try:
        yield
    except Outside as error:
        raise gate.refuse(Decision(False, kind, place.text, error.rule)) from None
