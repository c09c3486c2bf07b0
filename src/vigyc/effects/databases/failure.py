"""From what SQLite said to how an effect failed, in words that name no path of the host."""

from __future__ import annotations

from typing import Final

import apsw

from vigyc.effects.result import EffectFailed

_TAGS: Final = (
    (apsw.BusyError, "busy"),
    (apsw.LockedError, "busy"),
    (apsw.ConstraintError, "constraint"),
    (apsw.MismatchError, "constraint"),
    (apsw.ReadOnlyError, "read-only"),
    (apsw.FullError, "no-space"),
    (apsw.TooBigError, "too-large"),
    (apsw.NoMemError, "too-large"),
    (apsw.InterruptError, "timeout"),
    (apsw.NotADBError, "not-a-database"),
    (apsw.CorruptError, "corrupt"),
    (apsw.CantOpenError, "io-error"),
    (apsw.IOError, "io-error"),
    (apsw.PermissionsError, "no-permission"),
    (apsw.BindingsError, "sql-error"),
    (apsw.SQLError, "sql-error"),
)


def failure_of(error: Exception, op: str) -> EffectFailed:
    """`error`, which operation `op` met with, as its failure."""
    if isinstance(error, apsw.BindingsError):
        return EffectFailed("sql-error", f"{op}: the number of parameters is not that of the statement")
    if isinstance(error, apsw.InterruptError):
        return EffectFailed("timeout", f"{op}: it took too long")
    if isinstance(error, KeyError):
        return EffectFailed("sql-error", f"{op}: there is no parameter called {error.args[0]}")
    if isinstance(error, UnicodeError):
        return EffectFailed("not-text", f"{op}: a text is not Unicode")
    tag = next((tag for kind, tag in _TAGS if isinstance(error, kind)), "sql-error")
    return EffectFailed(tag, f"{op}: {error}")
