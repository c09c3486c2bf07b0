"""From an analysed program to the effects it can have: every mention of an operation, and what of it is refused.

An operation is known by what a name means where it stands, not by its text: an alias, a value handed on, a macro's
expansion and a required module are seen through, and a program's own function of the same name is none. A branch that
a constant rules out does not count. What is quoted, or stands in a string, counts in a program that evaluates data:
there any of it may become code; what such a program makes up as it runs is not seen here, and is judged when it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from vigyc.compiler import Analysed, Compilation
from vigyc.effects import catalog
from vigyc.effects.kinds import KINDS, NONE
from vigyc.effects.operation import Operation
from vigyc.effects.policy import Policy
from vigyc.lang import ir
from vigyc.lang.datum import Symbol
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, TickError
from vigyc.lang.source import Source
from vigyc.lang.walk import children, deep_nodes

CALL: Final = "call"
VALUE: Final = "value"
QUOTED: Final = "quoted"

_WORD: Final = re.compile(r"[^\s()'`,\";]+")


class Asked(NamedTuple):
    """That `kind` is needed, for `literal`: text, a number or a list; None where it is not known before it runs."""

    kind: str
    literal: object

    @property
    def dynamic(self) -> bool:
        """Whether what is asked for is known only when it runs."""
        return self.literal is None and KINDS[self.kind].scope != NONE


class Use(NamedTuple):
    """A mention of operation `name`: `how` is `call`, `value` (handed on as a function) or `quoted`.

    `start` and `end` are its place in `source`; `via` is the place of the `require` in the program itself, for one in
    a module.
    """

    name: str
    pack: str
    how: str
    asks: tuple[Asked, ...]
    source: Source
    start: int
    end: int
    via: tuple[int, int] | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of effect it has."""
        return tuple(ask.kind for ask in self.asks)


class Uses(NamedTuple):
    """All uses, in source order, modules after the program; `evaluates`: it runs code that it makes up."""

    uses: tuple[Use, ...]
    evaluates: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of effect it can be seen to have, each once."""
        return tuple(sorted({kind for use in self.uses for kind in use.kinds}))


def uses_of(analysed: Analysed) -> Uses:
    """What a program that `checking.analyse` has analysed uses, with all that it requires."""
    texts = list(_texts(analysed, None, set()))
    dynamic = any(text.program.dynamic for text in texts)
    found: dict[tuple[object, ...], Use] = {}
    evaluates = False
    for text in texts:
        for use in text.uses(dynamic):
            found.setdefault((use.name, use.how, use.source.name, use.start, use.end), use)
        evaluates = evaluates or text.evaluates()
    return Uses(tuple(found.values()), evaluates)


def refusals(uses: Iterable[Use], policy: Policy) -> list[Diagnostic]:
    """What `policy` is sure to refuse: kinds it does not grant at all, and literals that none of its grants covers."""
    return [refusal for use in uses for ask in use.asks if (refusal := _refusal(use, ask, policy)) is not None]


def needed_grant(ask: Asked, base: str | None = None) -> str:
    """A grant that covers `ask`, as narrow as what is known; "" where none can. Relative paths begin at `base`."""
    return f"{ask.kind}:*" if ask.dynamic else Policy(base=base).judge(ask.kind, ask.literal).decision.needed


def _refusal(use: Use, ask: Asked, policy: Policy) -> Diagnostic | None:
    if ask.dynamic:
        if policy.grants_kind(ask.kind):
            return None
        message, needed = f"`{use.name}` is not granted: there is no grant of {ask.kind}", f"{ask.kind}:..."
    else:
        decision = policy.judge(ask.kind, ask.literal).decision
        if decision.allowed:
            return None
        what = f" of {decision.resource}" if decision.resource else ""
        message, needed = f"`{use.name}`{what} is not granted: {decision.rule}", decision.needed
    start, end = use.via or (use.start, use.end)
    notes = [] if use.via is None else [("note", f"it is in {use.source.name}, line {use.source.place(use.start)[0]}")]
    if needed:
        notes.append(("help", f'the grant "{needed}" would allow it'))
    return Diagnostic("not-granted", message, start, end, "denied", notes=tuple(notes))


# -- one text


class _Text:
    """The uses in one text."""

    def __init__(self, analysed: Analysed, via: tuple[int, int] | None) -> None:
        self.program = analysed.program
        self.source = analysed.compilation.source
        self.via = via
        self._functions = analysed.compilation.scope.world.intrinsics
        self._values: dict[ir.Var, ir.Node] = {}
        for node in deep_nodes(self.program.function.body):
            if isinstance(node, ir.Assign) and node.define:
                self._note(node.var, node.value)
            elif isinstance(node, ir.Bind):
                for var, init in zip(node.vars, node.inits, strict=True):
                    self._note(var, init)
        roots = [self.program.function.body, *(node for _, node in self.program.exports)]
        self._live = [node for root in roots for node in self._reached(root)]

    def _note(self, var: ir.Var, value: ir.Node) -> None:
        if var.constant and not var.is_param:
            self._values[var] = value

    def uses(self, dynamic: bool) -> Iterator[Use]:
        """Every use; with `dynamic`, what is quoted counts too."""
        called: set[int] = set()
        for node in self._live:
            if isinstance(node, ir.Call):
                name = self._operation(node.fn)
                if name is not None:
                    called.add(id(_meant(node.fn)))
                    yield self._use(name, CALL, node, self._asks(name, node.args))
            elif isinstance(node, ir.Builtin) and id(node) not in called and self._is_operation(node.name):
                yield self._use(node.name, VALUE, node, self._asks(node.name, None))
            elif dynamic:
                for name in filter(self._is_operation, _quoted(node)):
                    yield self._use(name, QUOTED, node, self._asks(name, None))

    def evaluates(self) -> bool:
        """Whether it evaluates anything but what stands quoted in its text."""
        return any(
            isinstance(node, ir.Eval)
            and node.how == "eval"
            and not isinstance(self._value(node.form), ir.Datum | ir.Const)
            for node in self._live
        )

    def requires(self) -> Iterator[ir.Require]:
        """The modules it requires."""
        return (node for node in self._live if isinstance(node, ir.Require))

    def _use(self, name: str, how: str, node: ir.Node, asks: tuple[Asked, ...]) -> Use:
        pack = catalog.catalog()[name].pack
        return Use(name, pack, how, asks, self.source, node.start, node.end, self.via)

    def _operation(self, node: ir.Node) -> str | None:
        """The operation that `node`, the head of a call, is."""
        meant = _meant(self._value(node))
        return meant.name if isinstance(meant, ir.Builtin) and self._is_operation(meant.name) else None

    def _is_operation(self, name: str) -> bool:
        """Whether `name` is one of a pack, and not of an extension that has the same."""
        return name in catalog.catalog() and self._functions.get(name) in {None, catalog.function(name)}

    def _asks(self, name: str, args: list[ir.Node] | None) -> tuple[Asked, ...]:
        if not catalog.catalog()[name].effect:
            return ()
        operation = catalog.operation(name)
        return tuple(
            Asked(kind, None if at is None or args is None or at >= len(args) else self._argument(operation, at, args))
            for kind, at in operation.needs
        )

    def _argument(self, operation: Operation, at: int, args: list[ir.Node]) -> object:
        """The literal that argument `at` always is; None also for one of the wrong type, which is no refusal."""
        literal = self._literal(args[at])
        try:
            operation.readers[at](literal)
        except TickError:
            return None
        return literal

    def _literal(self, node: ir.Node) -> object:
        """The text, number or list of them that `node` always is; None if that is not known."""
        node = self._value(node)
        if isinstance(node, ir.Const):
            return node.value if node.value.__class__ in {str, int} else None
        if isinstance(node, ir.Datum):
            *items, end = node.flat
            plain = end == ("l", len(items)) and all(item.__class__ is str for item in items)
            return items if plain else None
        if isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and node.fn.name == "list":
            parts = [self._literal(arg) for arg in node.args]
            return parts if parts and all(part.__class__ is str for part in parts) else None
        return None

    def _value(self, node: ir.Node) -> ir.Node:
        """What `node` is; for a variable that always has one value, that."""
        seen: set[ir.Var] = set()
        while isinstance(node, ir.Ref) and node.alt is None and node.var in self._values and node.var not in seen:
            seen.add(node.var)
            node = self._values[node.var]
        return node

    def _reached(self, root: ir.Node) -> Iterator[ir.Node]:
        """`root` and all below it that no constant rules out, nested functions included."""
        stack = [root]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(self._below(node)))

    def _below(self, node: ir.Node) -> list[ir.Node]:
        if isinstance(node, ir.Lambda | ir.Delay):
            return [node.function.body]
        if isinstance(node, ir.If):
            truth = self._truth(node.test)
            return [node.test, *([] if truth is False else [node.then]), *([] if truth else [node.other])]
        if isinstance(node, ir.And | ir.Or):
            decides = isinstance(node, ir.Or)
            last = next((at for at, item in enumerate(node.items) if self._truth(item) is decides), len(node.items))
            return node.items[: last + 1]
        return list(children(node))

    def _truth(self, node: ir.Node) -> bool | None:
        """Whether `node` is always true, or always false; None if that is not known."""
        if isinstance(node, ir.Not):
            inner = self._truth(node.value)
            return None if inner is None else not inner
        node = self._value(node)
        return not (node.value is None or node.value is False) if isinstance(node, ir.Const) else None


def _meant(node: ir.Node) -> ir.Node:
    """What a name may mean where it stands: behind a variable that may be unset here, what is meant then."""
    while isinstance(node, ir.Ref | ir.Lookup) and node.alt is not None:
        node = node.alt
    return node


def _quoted(node: ir.Node) -> Iterator[str]:
    """The words in a datum or a string."""
    values: Iterable[object] = ()
    if isinstance(node, ir.Const):
        values = (node.value,)
    elif isinstance(node, ir.Datum):
        values = (item[1] if isinstance(item, tuple) and item[0] == "y" else item for item in node.flat)
    for value in values:
        if isinstance(value, Symbol):
            yield value.name
        elif isinstance(value, str):
            yield from _WORD.findall(value)


# -- modules


def _texts(analysed: Analysed, via: tuple[int, int] | None, seen: set[str]) -> Iterator[_Text]:
    text = _Text(analysed, via)
    yield text
    for node in text.requires():
        module = _module(analysed.compilation, node.path)
        if module is not None and module.compilation.source.name not in seen:
            seen.add(module.compilation.source.name)
            yield from _texts(module, via or (node.start, node.end), seen)


def _module(requiring: Compilation, path: str) -> Analysed | None:
    """Module `path`, analysed; None where that fails, as it does for whoever runs the program."""
    if path not in requiring.artifacts:
        return None
    found = requiring.modules.find(path, requiring.source.name)
    if found is None:
        return None
    name, text = found
    inner = Compilation(requiring.scope, requiring.modules, requiring.table.for_module())
    inner.loading = (*requiring.loading, name)
    try:
        return Analysed(inner, inner.program(Source(name, text), is_module=True))
    except CompileError:
        return None
