"""From the name of a secret to the secret, which a program can pass on but not see: the pack `secret`."""

from __future__ import annotations

from typing import Final

from vigyc.effects.gate import Gate
from vigyc.effects.pack import Pack
from vigyc.runtime.secret import Secret

PACK: Final = Pack("secret", "Secrets, as the policy names them.")


@PACK.effect("secret-get", needs="secret", result=True, example='(secret-get "api-key")')
def secret_get(gate: Gate, name: str) -> Secret:
    """The secret that the policy calls `name`. It prints as `***`; joined with strings it makes a secret.

    Errors: `not-found` (no such secret, or nothing there), `no-permission` (its file may be read by others),
    `timeout` (the keyring does not answer).
    """
    return gate.secret(name)
