"""From the name of an environment variable to its value: the pack `env`.

What is not granted is denied whether it is set or not. A variable that holds a secret of the policy is not read here.
"""

from __future__ import annotations

import os
from typing import Final

from vigyc.effects.gate import Gate
from vigyc.effects.pack import Pack

PACK: Final = Pack("env", "Environment variables.")


@PACK.effect("env-get", needs="env", example='(env-get "HOME")')
def env_get(gate: Gate, name: str) -> object:
    """The value of environment variable `name`; nil if it is not set, or is no text.

    Denied for a variable in which the policy keeps a secret: that is for `secret-get`.
    """
    value = os.environb.get(name.encode("utf-8", "surrogatepass"))
    try:
        return None if value is None else gate.session.masked(value.decode())
    except UnicodeDecodeError:
        return None
