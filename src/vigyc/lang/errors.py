"""From a fault to its name: the tree of everything vigyc raises.

VigycError
|- ProgramError      CompileError (diagnostics) | TickError: Thrown
|- RequestError      NotFound, Conflict: Stale, TooMany; Invalid, NotAllowed: NotGranted
|- HostError         StoreError: Fenced, CommitUnknown | SettingsError
`- InternalError     vigyc is wrong: the pass and the digest to report

Halted               a tick past its deadline; a BaseException, so that no `try` of a program catches it
"""

from __future__ import annotations

from collections.abc import Sequence

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.source import Source


class VigycError(Exception):
    """Anything vigyc raises on purpose; it can be pickled, to be raised in another process."""

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.__class__, self.args, self.__dict__)


def _again(kind: type[VigycError], args: tuple[object, ...], state: dict[str, object]) -> VigycError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ProgramError(VigycError):
    """The program is at fault."""


class CompileError(ProgramError):
    """The text is not a program; `diagnostics` says where and why, in source order.

    `text` is the program, where whoever raised it on knew it.
    """

    text: str | None = None

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = list(diagnostics)


class TickError(ProgramError):
    """An error raised while a program runs, which its `try` may catch.

    `kind` is the tag a `catch` sees (`type-mismatch`, ...); `short` is the text `error-message` gives;
    `span` is the place as `(start, end)` UTF-8 bytes into `source` (the program's text or a module's), None until the
    edge has found it.
    """

    def __init__(self, kind: str, short: str, span: tuple[int, int] | None = None) -> None:
        super().__init__(short)
        self.kind = kind
        self.short = short
        self.span = span
        self.source: Source | None = None


class Thrown(TickError):
    """A value thrown by the program itself (`throw`); `printed` is its text where a macro threw it."""

    def __init__(self, value: object, span: tuple[int, int] | None = None) -> None:
        super().__init__("user", "uncaught", span)
        self.value = value
        self.printed: str | None = None


class Halted(BaseException):
    """The tick passed its deadline or was interrupted by its host; a program cannot catch it."""

    kind = "halted"


class RequestError(VigycError):
    """The caller asked for something that cannot be done."""


class NotFound(RequestError):
    """No such thing."""


class Conflict(RequestError):
    """The thing is not in the state the request needs."""


class Stale(Conflict):
    """The thing was changed since the caller looked."""


class TooMany(Conflict):
    """There is no room for another one now."""


class Invalid(RequestError):
    """The request itself is malformed."""


class NotAllowed(RequestError):
    """The policy refuses it."""


class NotGranted(NotAllowed):
    """A program needs what its policy does not grant; `diagnostics` says where, in source order, in `text` if known."""

    text: str | None = None

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = list(diagnostics)


class HostError(VigycError):
    """The world around vigyc is at fault."""


class StoreError(HostError):
    """The store cannot be opened, read or written."""


class Fenced(StoreError):
    """Another runtime ticks this store now; what carried the older epoch was not written."""


class CommitUnknown(StoreError):
    """A write failed, and whether it was done cannot be told before the store is read again."""


class SettingsError(HostError):
    """The configuration is wrong."""


class InternalError(VigycError):
    """vigyc itself is wrong; the text names the pass and the program's digest."""
