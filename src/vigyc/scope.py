"""From extensions to what a program can name: the signatures of everything in scope, and the functions behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from vigyc.frontend.reader import program_text, read
from vigyc.lang.abi import BUILTINS, Signature, builtin_identifier
from vigyc.lang.errors import TickError
from vigyc.lang.source import Source
from vigyc.runtime.extension import Extension, resolve, signature
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.runtime.program import World
from vigyc.runtime.quoting import form_to_value


class Scope:
    """Everything a program can name besides what it defines, for one choice of extensions."""

    def __init__(self, extensions: Sequence[Extension]) -> None:
        intrinsics = resolve(extensions)
        self.fingerprint = signature(extensions)
        self.signatures: dict[str, Signature] = dict(BUILTINS)
        taken = {known.ident for known in BUILTINS.values()}
        functions: dict[str, Callable[..., object]] = {}
        for name, known in intrinsics.items():
            ident = builtin_identifier(name)
            while ident in taken:
                ident += "_"
            taken.add(ident)
            functions[name] = known.function
            self.signatures[name] = Signature(name, ident, known.lo, known.hi, True, known.standard)
        self.intrinsics = frozenset(functions)
        idents = {name: self.signatures[name].ident for name in functions}
        self.world = World(functions, idents, read_values)


def scope_of(extensions: tuple[Extension, ...] | None) -> Scope:
    """The scope of these extensions, made once for what is in them now; None: the six standard ones."""
    if extensions is None:
        return _scope(None)
    return _scope(tuple((extension, len(extension.intrinsics)) for extension in extensions))


@lru_cache(maxsize=64)
def _scope(extensions: tuple[tuple[Extension, int], ...] | None) -> Scope:
    return Scope(standard_extensions() if extensions is None else [extension for extension, _ in extensions])


def read_values(text: str) -> list[object]:
    """The data in `text`, for `read-string` and `read-all`. Raises TickError `reader`."""
    forms, diagnostics = read(Source("<read>", text))
    if diagnostics:
        raise TickError("reader", f"reader: {program_text(diagnostics[0])}")
    return [form_to_value(form) for form in forms]
