"""From packs and extensions to what a program can name: the signatures in scope, and the functions behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from vigyc.effects import catalog
from vigyc.frontend.reader import program_text, read
from vigyc.lang.abi import BUILTINS, Signature, builtin_identifier
from vigyc.lang.errors import TickError
from vigyc.lang.source import Source
from vigyc.runtime.extension import Extension, resolve, signature
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.runtime.program import World
from vigyc.runtime.quoting import form_to_value


class Functions(dict[str, Callable[..., object]]):
    """Functions by name; one of a pack is loaded when the first program that uses it is."""

    def __missing__(self, name: str) -> Callable[..., object]:
        found = self[name] = catalog.function(name)
        return found


class Scope:
    """Everything a program can name besides what it defines: the library, the packs, and one choice of extensions.

    An extension may have a function of the name of one of a pack; it is the one that is meant.
    """

    def __init__(self, extensions: Sequence[Extension]) -> None:
        intrinsics = resolve(extensions)
        self.fingerprint = f"{signature(extensions)}\n{catalog.text()}"
        self.signatures: dict[str, Signature] = dict(BUILTINS)
        self._taken = {known.ident for known in BUILTINS.values()}
        for entry in catalog.catalog().values():
            if entry.name not in intrinsics:
                self._add(entry.name, entry.lo, entry.hi, entry.effect, False)
        for name, known in intrinsics.items():
            self._add(name, known.lo, known.hi, True, known.standard)
        self.intrinsics = frozenset(self.signatures.keys() - BUILTINS.keys())
        idents = {name: self.signatures[name].ident for name in self.intrinsics}
        functions = Functions({name: known.function for name, known in intrinsics.items()})
        self.world = World(functions, idents, read_values)

    def _add(self, name: str, lo: int, hi: int | None, host: bool, in_place: bool) -> None:
        ident = builtin_identifier(name)
        while ident in self._taken:
            ident += "_"
        self._taken.add(ident)
        self.signatures[name] = Signature(name, ident, lo, hi, host, in_place)


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
