"""From `defmacro` forms to the macros in force: the table one compilation shares with its modules."""

from __future__ import annotations

from dataclasses import replace

from vigyc.frontend.macros.definition import Macro
from vigyc.frontend.macros.world import World
from vigyc.lang.datum import Symbol


class MacroTable:
    """The macros of a program, the definitions they may use, and library macros whose names it made variables.

    Macros are global: a module adds to the same ones. Definitions and variables belong to one text.
    """

    def __init__(self) -> None:
        self.macros: dict[Symbol, Macro] = {}
        self.variables: set[Symbol] = set()
        self.world = World()

    def copy(self) -> MacroTable:
        """The same macros, to be continued separately."""
        table = MacroTable()
        table.variables = self.variables.copy()
        table.world = self.world.copy()
        table.macros = {
            name: replace(macro, world=table.world) if macro.world is self.world else macro
            for name, macro in self.macros.items()
        }
        return table

    def for_module(self) -> MacroTable:
        """A table for the text of a module: the same macros, no definitions."""
        table = MacroTable()
        table.macros = self.macros
        return table
