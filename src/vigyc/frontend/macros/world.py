"""From the top-level definitions of a text to those a macro of it needs at compile time.

A world belongs to one text: a macro defined in a module runs among the definitions of that module, wherever it is
called. Only definitions whose names a macro mentions, themselves or through others, are compiled for it.
"""

from __future__ import annotations

from vigyc.lang.datum import Form, Symbol, atoms


class World:
    """The expanded definitions so far, in order, and the macros compiled among them."""

    def __init__(self) -> None:
        self._definitions: list[Form] = []
        self._places: dict[str, list[int]] = {}
        self._compiled: dict[object, tuple[object, set[str]]] = {}

    def copy(self) -> World:
        """The same definitions, to be continued separately."""
        world = World()
        world._definitions = self._definitions.copy()
        world._places = {name: places.copy() for name, places in self._places.items()}
        return world

    def define(self, name: str, form: Form) -> None:
        """`form` defines `name`; macros that mention it are compiled anew when next called."""
        self._places.setdefault(name, []).append(len(self._definitions))
        self._definitions.append(form)
        for macro in [macro for macro, (_, names) in self._compiled.items() if name in names]:
            del self._compiled[macro]

    def needed_by(self, form: Form) -> tuple[list[Form], set[str]]:
        """The definitions `form` needs, in their order in the text, and every name it and they mention."""
        names: set[str] = set()
        found: set[int] = set()
        waiting = [form]
        while waiting:
            for name in _symbols(waiting.pop()) - names:
                names.add(name)
                fresh = [place for place in self._places.get(name, ()) if place not in found]
                found.update(fresh)
                waiting += [self._definitions[place] for place in fresh]
        return [self._definitions[place] for place in sorted(found)], names

    def compiled(self, macro: object) -> object | None:
        """The handle of `macro`, if it is compiled."""
        entry = self._compiled.get(macro)
        return entry and entry[0]

    def keep(self, macro: object, handle: object, names: set[str]) -> None:
        """Remember the handle of `macro`, which mentions `names`."""
        self._compiled[macro] = handle, names


def _symbols(form: Form) -> set[str]:
    """The names of all symbols in `form`."""
    return {atom.value.name for atom in atoms([form]) if isinstance(atom.value, Symbol)}
