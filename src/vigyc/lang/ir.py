# ruff: noqa: PLC0414  # the names are re-exported: whoever deals with nodes deals with what they are about
"""From a checked program to its meaning: the tree where frontend and codegen meet.

Every name is resolved: a `Ref` holds the `Var` it means, a `Builtin` names a library function. Each variable is one
`Var`, however often its name occurs. Nodes carry the span of their form; `type` is filled in by inference and opaque
here.
"""

from __future__ import annotations

from vigyc.lang.function import Function as Function
from vigyc.lang.function import Node as Node
from vigyc.lang.function import Program as Program
from vigyc.lang.function import Var as Var


class Items(Node):
    """A node that is made of several others, in order."""

    __slots__ = ("items",)

    def __init__(self, items: list[Node], start: int, end: int) -> None:
        self.items = items
        self.start = start
        self.end = end


class Single(Node):
    """A node that is made of one other."""

    __slots__ = ("value",)

    def __init__(self, value: Node, start: int, end: int) -> None:
        self.value = value
        self.start = start
        self.end = end


class Const(Node):
    """A value that is itself: nil, boolean, number, string, symbol, keyword."""

    __slots__ = ("value",)

    def __init__(self, value: object, start: int, end: int) -> None:
        self.value = value
        self.start = start
        self.end = end


class Datum(Node):
    """A quoted list, in the flat encoding that `runtime.quoting.datum` reads."""

    __slots__ = ("flat",)

    def __init__(self, flat: tuple[object, ...], start: int, end: int) -> None:
        self.flat = flat
        self.start = start
        self.end = end


class Ref(Node):
    """The value of a variable; unless `sure`, it may be unset here: then `alt` (None: unbound) is meant instead."""

    __slots__ = ("alt", "sure", "var")

    def __init__(self, var: Var, start: int, end: int, alt: Node | None = None, *, sure: bool = True) -> None:
        self.var = var
        self.alt = alt
        self.sure = sure
        self.start = start
        self.end = end


class Lookup(Node):
    """A name found only at run time, in the frames that `eval` may have extended, innermost first; else `alt`."""

    __slots__ = ("alt", "frames", "name")

    def __init__(self, name: str, frames: list[Var], alt: Node | None, start: int, end: int) -> None:
        self.name = name
        self.frames = frames
        self.alt = alt
        self.start = start
        self.end = end


class Builtin(Node):
    """A library function or intrinsic as a value."""

    __slots__ = ("name",)

    def __init__(self, name: str, start: int, end: int) -> None:
        self.name = name
        self.start = start
        self.end = end


class Call(Node):
    """An application; `tail` says that the result is the result of the enclosing function."""

    __slots__ = ("args", "fn", "tail")

    def __init__(self, fn: Node, args: list[Node], start: int, end: int, *, tail: bool = False) -> None:
        self.fn = fn
        self.args = args
        self.tail = tail
        self.start = start
        self.end = end


class If(Node):
    """`test` decides between `then` and `other`."""

    __slots__ = ("other", "test", "then")

    def __init__(self, test: Node, then: Node, other: Node, start: int, end: int) -> None:
        self.test = test
        self.then = then
        self.other = other
        self.start = start
        self.end = end


class Seq(Items):
    """Each in order; the value is the last one's. Never empty."""

    __slots__ = ()


class Bind(Node):
    """`vars` get the values of `inits`, left to right, then `body`; of let, let* and letrec alike."""

    __slots__ = ("body", "inits", "vars")

    def __init__(self, variables: list[Var], inits: list[Node], body: Node, start: int, end: int) -> None:
        self.vars = variables
        self.inits = inits
        self.body = body
        self.start = start
        self.end = end


class Lambda(Node):
    """A closure over `function`; `downward` when its only use is a call that does not keep it."""

    __slots__ = ("downward", "function")

    def __init__(self, function: Function, start: int, end: int) -> None:
        self.function = function
        self.downward = False
        self.start = start
        self.end = end


class Assign(Node):
    """`define` (when `define`) or `set!` of a variable; its own value is nil.

    A `set!` that may meet an unset variable goes to `alt` instead; None: the name is unbound.
    """

    __slots__ = ("alt", "define", "value", "var")

    def __init__(self, var: Var, value: Node, start: int, end: int, *, define: bool, alt: Node | None = None) -> None:
        self.var = var
        self.value = value
        self.define = define
        self.alt = alt
        self.start = start
        self.end = end


class DynamicSet(Node):
    """`set!` of a name that only `eval` can have bound: in `frames`, else `alt`, which has the value itself.

    Without `alt` it is a `define` into the first of `frames`.
    """

    __slots__ = ("alt", "frames", "name", "value")

    def __init__(self, name: str, frames: list[Var], value: Node, alt: Node | None, start: int, end: int) -> None:
        self.name = name
        self.frames = frames
        self.value = value
        self.alt = alt
        self.start = start
        self.end = end


class And(Items):
    """The first falsy value, else the last."""

    __slots__ = ()


class Or(Items):
    """The first truthy value, else the last."""

    __slots__ = ()


class Not(Single):
    """#t when `value` is nil or #f."""

    __slots__ = ()


class Try(Node):
    """`body`; on an error, `handler` with `var` bound to what was caught."""

    __slots__ = ("body", "handler", "var")

    def __init__(self, body: Node, var: Var, handler: Node, start: int, end: int) -> None:
        self.body = body
        self.var = var
        self.handler = handler
        self.start = start
        self.end = end


class Delay(Node):
    """A promise of what `function`, which takes nothing, gives."""

    __slots__ = ("function",)

    def __init__(self, function: Function, start: int, end: int) -> None:
        self.function = function
        self.start = start
        self.end = end


class Splice(Single):
    """An element of `Quasi` whose list value is spliced in."""

    __slots__ = ()


class Quasi(Items):
    """A list built from `items`; nil when it comes out empty."""

    __slots__ = ()


class Eval(Node):
    """`eval`, `macroexpand` or `macroexpand-1` (`how`) of data.

    `scopes` are the frames the code can see, innermost first: the dictionary for what evaluated code defines
    there, and the variables.
    """

    __slots__ = ("form", "how", "scopes")

    def __init__(self, how: str, form: Node, scopes: list[tuple[Var, dict[str, Var]]], start: int, end: int) -> None:
        self.how = how
        self.form = form
        self.scopes = scopes
        self.start = start
        self.end = end


class Fail(Node):
    """An error that is raised when reached: a malformed form, an unbound name."""

    __slots__ = ("args", "kind")

    def __init__(self, kind: str, args: tuple[object, ...], start: int, end: int) -> None:
        self.kind = kind
        self.args = args
        self.start = start
        self.end = end


class Require(Node):
    """Runs module `path` once and binds its exports, `(name in the module, variable)`.

    `failure` is the tag and message of the error it ends with: at once, or, when `late`, after the bindings are made.
    """

    __slots__ = ("exports", "failure", "late", "path", "refers")

    def __init__(
        self,
        path: str,
        exports: list[tuple[str, Var]],
        refers: list[tuple[str, Var]],
        failure: tuple[str, str] | None,
        start: int,
        end: int,
    ) -> None:
        self.path = path
        self.exports = exports
        self.refers = refers
        self.failure = failure
        self.late = False
        self.start = start
        self.end = end


class Loop(Node):
    """A higher-order call over lists with its function in place: `kind` is the builtin's name.

    `vars` are the parameters (for a fold the accumulator first), `source` the list, `init` a fold's start. With
    `entries` the source is a map, and the last two variables are the key and the value.
    """

    __slots__ = ("body", "entries", "init", "kind", "source", "vars")

    def __init__(
        self, kind: str, variables: list[Var], source: Node, init: Node | None, body: Node, start: int, end: int
    ) -> None:
        self.kind = kind
        self.vars = variables
        self.entries = False
        self.source = source
        self.init = init
        self.body = body
        self.start = start
        self.end = end


class Enter(Node):
    """A call of a local function that is called from here alone: its body stands here, as a loop or straight."""

    __slots__ = ("args", "function")

    def __init__(self, function: Function, args: list[Node], start: int, end: int) -> None:
        self.function = function
        self.args = args
        self.start = start
        self.end = end


class Again(Node):
    """A tail call of the function or `Enter` that stands around it: round once more with new arguments."""

    __slots__ = ("args", "function")

    def __init__(self, function: Function, args: list[Node], start: int, end: int) -> None:
        self.function = function
        self.args = args
        self.start = start
        self.end = end
