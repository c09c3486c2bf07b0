"""From a module of builtins to the title of its family, in the order of the reference."""

from __future__ import annotations

from typing import Final

FAMILIES: Final[dict[str, str]] = {
    "numbers": "Numbers",
    "transcendental": "Roots, powers, angles",
    "bits": "Bits",
    "comparison": "Comparison and equality",
    "predicates": "Predicates",
    "types": "Types",
    "lists": "Lists",
    "list_library": "More on lists",
    "ranges": "Ranges",
    "higher_order": "Functions over lists",
    "folds": "Folds",
    "sorting": "Sorting",
    "functions": "Functions that make functions",
    "decorations": "Decoration",
    "maps": "Maps",
    "map_library": "More on maps",
    "records": "Records",
    "strings": "Strings, symbols, keywords",
    "text": "Text",
    "output": "Output",
    "reading": "Reading",
    "error_values": "Errors",
    "promises": "Promises",
    "lazy": "Lazy sequences",
    "channels": "Channels",
    "fibers": "Fibers",
    "machines": "State machines",
    "transducers": "Transducers",
    "actors": "Actors",
    "subjects": "Subjects and subscribers",
    "buses": "Buses of commands and queries",
    "event_stores": "Event stores",
    "strategies": "Strategies",
    "visitors": "Visitors",
    "pipelines": "Pipelines",
}
