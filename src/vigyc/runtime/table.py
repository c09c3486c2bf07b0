"""From the abi's names to what they stand for: the globals of generated code, less what is a program's own.

A house test holds the table against `lang.abi`. Python's builtins are not among them: generated code has none.
"""

from __future__ import annotations

from typing import Any

from vigyc.lang.abi import BUILTINS
from vigyc.lang.datum import keyword, symbol
from vigyc.lang.flat import unflatten
from vigyc.model.action import ABSENT, Action
from vigyc.model.condition import Condition
from vigyc.model.event import Event
from vigyc.model.log_line import LogLine
from vigyc.runtime import arithmetic, control
from vigyc.runtime.edge import caught
from vigyc.runtime.equality import equal
from vigyc.runtime.json_value import to_json
from vigyc.runtime.library import NATIVES
from vigyc.runtime.lists import items
from vigyc.runtime.maps import pairs, plain_keys, plain_pairs, to_key
from vigyc.runtime.owned import own, sealed
from vigyc.runtime.values import INT_MAX, INT_MIN, MAX_TEXT, Promise

PYTHON: dict[str, Any] = {
    function.__name__: function
    for function in (abs, bool, dict, float, int, len, list, max, min, range, str, sum, tuple)
}

SUPPORT: dict[str, Any] = {
    "INT_MAX": INT_MAX,
    "INT_MIN": INT_MIN,
    "MAX_TEXT": MAX_TEXT,
    "UNSET": control.UNSET,
    "Exception": Exception,
    "add": arithmetic.add,
    "sub": arithmetic.sub,
    "mul": arithmetic.mul,
    "div": arithmetic.div,
    "modulo": arithmetic.modulo,
    "num_eq": arithmetic.num_eq,
    "lt": arithmetic.lt,
    "le": arithmetic.le,
    "gt": arithmetic.gt,
    "ge": arithmetic.ge,
    "overflow": arithmetic.overflow,
    "text_overflow": control.text_overflow,
    "items": items,
    "pairs": pairs,
    "plain_pairs": plain_pairs,
    "plain_keys": plain_keys,
    "equal": equal,
    "to_key": to_key,
    "own": own,
    "sealed": sealed,
    "datum": unflatten,
    "symbol": symbol,
    "keyword": keyword,
    "promise": Promise,
    "json": to_json,
    "fail": control.fail,
    "fail_arity": control.fail_arity,
    "fail_require": control.fail_require,
    "caught": caught,
    "hand_over": control.hand_over,
    "bounce": control.bounce,
    "bouncing": control.bouncing,
    "bind": control.bind,
    "find": control.find,
    "store": control.store,
    "new": tuple.__new__,
    "ABSENT": ABSENT,
    "Action": Action,
    "Condition": Condition,
    "Event": Event,
    "LogLine": LogLine,
}

# `evaluate` and `require` are each program's own.
TABLE: dict[str, Any] = {
    **PYTHON,
    **SUPPORT,
    **{signature.ident: NATIVES[name] for name, signature in BUILTINS.items() if name in NATIVES},
}
