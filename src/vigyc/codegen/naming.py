"""From variables and functions to Python identifiers: readable, and each unlike every other that it could meet.

A function's variables avoid the names of the functions around it, the abi and all hoisted names, so generated code
never hides one name by another. An identifier stands for one symbol throughout a program, so that Python's word that
a name is unbound can be translated back.
"""

from __future__ import annotations

from collections.abc import Iterable

from vigyc.lang import ir
from vigyc.lang.names import identifier


class Names:
    """The identifiers of one program."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self.reserved = set(reserved)
        self.symbols: dict[str, str] = {}
        self.functions: dict[str, ir.Function] = {}

    def assign(self, program: ir.Program, functions: dict[ir.Function | None, list[ir.Function]]) -> None:
        """Name every variable and function, from the outermost in."""
        for owner in functions.values():
            for function in owner:
                for var in (*function.params, *function.locals):
                    if var.known is not None and not var.known.inlined and not var.ident:
                        var.ident = self._function_name(var.known, var.name)
        self._scope(program.function, set(), functions)

    def _function_name(self, function: ir.Function, name: str) -> str:
        base = identifier(name) if name else "delayed" if function.kind == "delay" else "anonymous"
        ident, number = base, 1
        while ident in self.reserved or ident in self.symbols:
            number += 1
            ident = f"{base}_{number}"
        self.reserved.add(ident)
        self.symbols[ident] = name
        function.ident = ident
        self.functions[ident] = function
        return ident

    def second_name(self, function: ir.Function, base: str) -> str:
        """Another identifier for `function`, for the part of it that hands tail calls back."""
        ident = base
        while ident in self.reserved:
            ident += "_"
        self.reserved.add(ident)
        self.functions[ident] = function
        return ident

    def _scope(
        self, function: ir.Function, around: set[str], functions: dict[ir.Function | None, list[ir.Function]]
    ) -> None:
        if not function.ident:
            self._function_name(function, function.name if function.kind == "lambda" else "")
        taken = set(around)
        rest = [function.rest] if function.rest is not None else []
        for var in (*function.params, *rest, *function.locals):
            if not var.ident:
                var.ident = self._variable_name(var, taken)
            taken.add(var.ident)
        for inner in functions.get(function, ()):
            self._scope(inner, taken, functions)

    def _variable_name(self, var: ir.Var, taken: set[str]) -> str:
        base = identifier(var.name) if var.name else "scope"
        ident, number = base, 1
        while ident in taken or ident in self.reserved or self.symbols.get(ident, var.name) != var.name:
            number += 1
            ident = f"{base}_{number}"
        self.symbols[ident] = var.name
        return ident
