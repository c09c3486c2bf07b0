"""From variables and functions to whole programs: the nouns that IR nodes are about."""

from __future__ import annotations


class Var:
    """One variable of the program.

    `function` owns it (the function whose call creates it); `defines` and `sets` count the places that give it a value
    after it came to be; `init` is the node that gives a constant one its value; `known` is the function it holds when
    it can hold no other; `unsure`: some use may find it unset; `bound`: its own function gives it a value somewhere.
    """

    __slots__ = (
        "bound",
        "boxed",
        "captured",
        "defines",
        "function",
        "hoisted",
        "ident",
        "init",
        "is_param",
        "known",
        "name",
        "sentinel",
        "sets",
        "type",
        "unsure",
        "uses",
    )

    def __init__(self, name: str, function: Function, *, is_param: bool = False) -> None:
        self.name = name
        self.function = function
        self.is_param = is_param
        self.defines = 0
        self.sets = 0
        self.uses = 0
        self.captured = False
        self.bound = False
        self.boxed = False
        self.sentinel = False
        self.unsure = False
        self.hoisted = False
        self.known: Function | None = None
        self.init: Node | None = None
        self.ident = ""
        self.type: object = None

    @property
    def constant(self) -> bool:
        """Whether it keeps its first value for good."""
        return self.sets == 0 and self.defines + self.is_param <= 1 and not self.boxed

    def __repr__(self) -> str:
        return f"Var({self.name})"


class Node:
    """An expression; `start` and `end` are the UTF-8 byte span of its form."""

    __slots__ = ("end", "start", "type")
    start: int
    end: int
    type: object


class Function:
    """What a lambda, a delayed expression or the program itself runs: `kind` is `lambda`, `delay` or `program`.

    The closure pass fills in `free` (variables of outer functions it reads or writes), `writes` (those it
    writes) and `uses_host`; the optimiser `loops` (it calls itself in tail position) and `escapes`. One that is
    `outlined` was split off for nesting too deep, and stays a function.
    """

    __slots__ = (
        "body",
        "bounces",
        "calls",
        "end",
        "entry",
        "escapes",
        "free",
        "hoisted",
        "ident",
        "inlined",
        "kind",
        "locals",
        "loops",
        "name",
        "outlined",
        "params",
        "parent",
        "rest",
        "result",
        "start",
        "uses_host",
        "writes",
    )

    def __init__(self, name: str, parent: Function | None, start: int, end: int, kind: str = "lambda") -> None:
        self.name = name
        self.parent = parent
        self.start = start
        self.end = end
        self.kind = kind
        self.params: list[Var] = []
        self.rest: Var | None = None
        self.body: Node = Node()
        self.locals: list[Var] = []
        self.free: set[Var] = set()
        self.writes: set[Var] = set()
        self.uses_host = False
        self.loops = False
        self.bounces = False
        self.escapes = False
        self.hoisted = False
        self.inlined = False
        self.outlined = False
        self.calls = 0
        self.ident = ""
        self.entry: object = None
        self.result: object = None


class Program:
    """A whole program or module: its top-level function, and what the run must know."""

    __slots__ = ("dynamic", "exports", "function", "requires", "visible")

    def __init__(self, function: Function) -> None:
        self.function = function
        self.dynamic = False
        self.exports: list[tuple[str, Node]] = []
        self.requires: list[str] = []
        self.visible: list[Var] = []
