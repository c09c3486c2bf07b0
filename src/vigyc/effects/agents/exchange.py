"""From JSON data to the JSON data a server answers them with, over HTTP and under the gate.

Whoever asks has the gate allow the URL first. A status other than 2xx is the error `refused`, with the beginning of
what the server said; what is not JSON is `decode`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from vigyc.effects.data.json_text import parse
from vigyc.effects.gate import Gate
from vigyc.effects.network.client import NONE, send
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import Target
from vigyc.runtime.json_value import Json

SHOWN: Final = 200  # characters of what a server said that an error shows
_ASKING: Final = {"accept": "application/json"}
_TELLING: Final = {**_ASKING, "content-type": "application/json"}


def ask(gate: Gate, target: Target, *, kind: str = "net", headers: Mapping[str, str] = NONE, seconds: float) -> Any:
    """What `target` answers to a GET; where it redirects to must be granted for `kind`, too."""
    return _exchange(gate, "GET", target, kind, {**_ASKING, **headers}, b"", seconds)


def tell(
    gate: Gate, target: Target, data: Json, *, kind: str = "net", headers: Mapping[str, str] = NONE, seconds: float
) -> Any:
    """What `target` answers to a POST of `data`; where it redirects to must be granted for `kind`, too."""
    body = json.dumps(data, separators=(",", ":")).encode()
    return _exchange(gate, "POST", target, kind, {**_TELLING, **headers}, body, seconds)


def _exchange(
    gate: Gate, method: str, target: Target, kind: str, headers: Mapping[str, str], body: bytes, seconds: float
) -> Any:
    response = send(gate, method, target, headers=headers, body=body, limit_ms=int(seconds * 1000), kind=kind)
    text = response.body.decode("utf-8", "replace")
    if not 200 <= response.status < 300:
        raise EffectFailed("refused", f"{target.place} answered {response.status}: {shown(gate, text)}")
    try:
        return parse("exchange", text)
    except EffectFailed as error:
        raise EffectFailed("decode", f"{target.place} did not answer in JSON: {error.message}") from None


def shown(gate: Gate, text: str) -> str:
    """The beginning of `text`, in one line; a secret in it is masked before it is cut, so that no part of one stays."""
    line = " ".join(gate.session.masked(text[:65_536]).split())
    return line if len(line) <= SHOWN else line[:SHOWN] + "..."


def member(place: str, data: Any, *path: str | int) -> Any:
    """What is at `path` of `data`, which `place` answered. Raises EffectFailed `decode` if nothing is."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            said = ".".join(map(str, path))
            raise EffectFailed("decode", f"{place} answered without {said}") from None
    return data
