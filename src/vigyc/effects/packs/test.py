"""From a test program to ticks of the program that it tests: the pack `test`.

A test program is that of the vigy called `NAME.test`, where `NAME` is the one it tests; it fails by raising (`assert`,
`throw`). It needs no grant to tick the other, which changes nothing in the world. Any other program is refused.
"""

from __future__ import annotations

from typing import Any, Final

from vigyc.effects.decision import Decision
from vigyc.effects.gate import Gate
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.test_host import TrialHost
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import native_fault
from vigyc.runtime.json_value import Json, from_json

PACK: Final = Pack("test", "Ticks of the program that a test program tests.")

MOST: Final = 1_000  # ticks of a call
_REFUSAL: Final = "is for the tests of another vigy's program; this vigy is not run as such"


@PACK.effect(
    "test-tick",
    cost=0,
    options={"ticks": ("int", 1), "now": ("int", None)},
    example='(assert (get (test-tick (hash-map "n" 1)) "ok") "it ticks")',
)
def tick(gate: Gate, kv: Json, options: Options = NO_OPTIONS) -> object:
    """Tick the tested program upon `kv`, a map of its keys: `:ticks` times (1), an interval apart, the first at `:now`.

    Gives a map of `ok`, `error` (text or nil), `actions` (of all ticks, each a map with its `kind`), `conditions` (by
    name), `kv` (as it is then), `logs`, `desired` and `observed`. A tick that fails is the last one. Effects of the
    tested program that would change something are not done.
    """
    host: Any = gate.host
    if not isinstance(host, TrialHost):
        gate.refuse(Decision(False, "test", "", _REFUSAL))
        raise TickError("denied", f"`test-tick` {_REFUSAL}")
    if not isinstance(kv, dict):
        raise native_fault("test-tick", "the kv must be a map with names as keys")
    ticks = options["ticks"]
    if not 1 <= ticks <= MOST:
        raise native_fault("test-tick", f":ticks must be from 1 to {MOST}, got {ticks}")
    host.asked += ticks
    found: list[Any] = []
    gate.hand(lambda: found.append(host.trial.tick(kv, ticks, options["now"])))  # where a deadline can stop it
    return from_json(found[0])
