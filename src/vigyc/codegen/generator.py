"""From typed IR to a Python module: `program(host)` with what it hoists before it.

The theory is destination-driven code generation: a form is emitted either as an expression (`expr`), as a test
(`test`) or as statements that put its value in a place (`run`). A form that needs statements inside an expression
gets them before it; what was to be evaluated earlier is then kept in temporaries (`exprs`), so that the order of
evaluation is the program's. The emitters of the single forms are in `emit/`, one module a family.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from vigyc.codegen import types as t
from vigyc.codegen.emit.place import EFFECT, RETURN, Place, variable
from vigyc.codegen.locations import Locator
from vigyc.codegen.naming import Names
from vigyc.codegen.nodes import LOAD, Writer
from vigyc.codegen.quiet import is_quiet
from vigyc.codegen.tails import Tails
from vigyc.codegen.types import Type
from vigyc.lang import ir
from vigyc.lang.abi import BUILTINS, Signature
from vigyc.lang.walk import children

Expr = Callable[["Generator", ir.Node], ast.expr]
Run = Callable[["Generator", ir.Node, Place], None]

# Forms that are emitted as statements, whatever is in them.
_BLOCKS = frozenset(
    {ir.Bind, ir.Assign, ir.DynamicSet, ir.Try, ir.Enter, ir.Again, ir.Require, ir.Loop, ir.Lambda, ir.Delay}
)


class Generator(Writer):
    """The state of one generation: the block under construction and the function it belongs to."""

    def __init__(
        self,
        names: Names,
        locator: Locator,
        signatures: Mapping[str, Signature],
        tails: Tails,
        emitters: tuple[Mapping[type, Expr], Mapping[type, Run]],
        run_rounds: Callable[[Generator, ir.Function, Place], None],
    ) -> None:
        self.names = names
        self.locator = locator
        self.signatures = signatures
        self.tails = tails
        self.expressions, self.statements = emitters
        self.run_rounds = run_rounds
        self.block: list[ast.stmt] = []
        self.function: ir.Function | None = None
        self.temporaries = 0
        self.loops: list[ir.Function] = []
        self.constants: dict[object, str] = {}
        self.prelude: list[ast.stmt] = []
        self.owned: set[ir.Var] = set()
        self.unchecked: set[ir.Var] = set()
        self.counters: dict[ir.Function, ir.Var] = {}
        self.intrinsics: set[str] = set()
        self._blocky: dict[ir.Node, bool] = {}  # by identity; it keeps nodes that are made here alive

    # -- forms ------------------------------------------------------------------------------------

    def expr(self, node: ir.Node) -> ast.expr:
        """The value of `node` as a Python expression; statements it needs go into the block first."""
        emit = self.expressions.get(node.__class__)
        if emit is None or (node.__class__ in _SPLIT and self.needs_block(node)):
            return self.through(node)
        around, self.here = self.here, self.locator.position(node.start, node.end)
        result = emit(self, node)
        self.here = around
        return result

    def through(self, node: ir.Node) -> ast.expr:
        """The value of `node`, by statements that put it in a temporary."""
        ident = self.temporary()
        self.run(node, variable(ident))
        return self.name(ident)

    def run(self, node: ir.Node, place: Place) -> None:
        """Statements that evaluate `node` and put its value in `place`."""
        around, self.here = self.here, self.locator.position(node.start, node.end)
        emit = self.statements.get(node.__class__)
        if emit is not None:
            emit(self, node, place)
        else:
            self.put(place, self.expressions[node.__class__](self, node))
        self.here = around

    def put(self, place: Place, value: ast.expr) -> None:
        """A value to its place."""
        if place.kind == "return":
            self.block.append(self.returned(value))
            return
        if place.kind == "variable":
            if not (isinstance(value, ast.Name) and value.id == place.ident):
                self.block.append(self.assign(place.ident, value))
        elif not isinstance(value, ast.Constant):
            self.block.append(self.statement(value))
        if place.leave:
            self.block.append(self.place(ast.Break()))

    def exprs(self, nodes: Sequence[ir.Node]) -> list[ast.expr]:
        """The values of several nodes, evaluated in order."""
        last = -1
        for index, node in enumerate(nodes):
            if self.needs_block(node) and not isinstance(node, ir.Lambda):
                last = index
        results: list[ast.expr] = []
        for index, node in enumerate(nodes):
            value = self.expr(node)
            if index < last and not self.is_stable(node):
                ident = self.temporary()
                self.block.append(self.assign(ident, value))
                value = self.name(ident)
            results.append(value)
        return results

    def simple(self, node: ir.Node) -> ast.expr:
        """The value of `node` as an expression that may be written twice: a name or a constant."""
        value = self.expr(node)
        if isinstance(value, (ast.Name, ast.Constant)):
            return value
        ident = self.temporary()
        return self.walrus(ident, value)

    def again(self, value: ast.expr) -> ast.expr:
        """The second writing of what `simple` gave."""
        if isinstance(value, ast.NamedExpr):
            return self.name(value.target.id)
        if isinstance(value, ast.Name):
            return self.name(value.id)
        assert isinstance(value, ast.Constant)
        return self.constant(value.value)

    def inside(self, emit: Callable[[], None]) -> list[ast.stmt]:
        """The statements that `emit` emits, apart."""
        around, self.block = self.block, []
        emit()
        block, self.block = self.block, around
        return block

    def body_of(self, node: ir.Node, place: Place) -> list[ast.stmt]:
        """The statements of `run(node, place)`, apart."""
        return self.inside(lambda: self.run(node, place))

    # -- facts ------------------------------------------------------------------------------------

    def needs_block(self, node: ir.Node) -> bool:
        """Whether `node` is emitted with statements."""
        known = self._blocky.get(node)
        if known is None:
            kind = node.__class__
            known = kind in _BLOCKS or (kind is ir.Seq and len(node.items) > 1)  # type: ignore[attr-defined]
            if not known:
                for child in children(node):
                    if self.needs_block(child):
                        known = True
                        break
            self._blocky[node] = known
        return known

    @staticmethod
    def is_stable(node: ir.Node) -> bool:
        """Whether evaluating `node` later gives the same."""
        if isinstance(node, ir.Ref):
            return node.var.constant and node.sure
        return isinstance(node, (ir.Const, ir.Builtin, ir.Datum))

    def is_quiet(self, node: ir.Node) -> bool:
        """Whether evaluating `node` can be put off, as long as what it reads stays the same."""
        return is_quiet(node, self.type_of, lambda name, count: self.signatures[name].accepts(count))

    @staticmethod
    def type_of(node: ir.Node) -> Type:
        """What inference found for `node`; it does not look at code that nothing calls."""
        if isinstance(node, ir.Const):
            return t.of_constant(node.value)
        found = getattr(node, "type", None)
        return found if isinstance(found, Type) else t.ANY

    def temporary(self) -> str:
        """A fresh Python variable."""
        self.temporaries += 1
        return f"tmp_{self.temporaries}"

    def ident(self, name: str) -> str:
        """What generated code calls builtin `name` by."""
        if name not in BUILTINS:
            self.intrinsics.add(name)
        return self.signatures[name].ident

    def hoisted_constant(self, key: object, base: str, value: Callable[[], ast.expr]) -> ast.expr:
        """A name for a constant that is made once, at load."""
        ident = self.constants.get(key)
        if ident is None:
            ident = base
            number = 1
            while ident in self.names.reserved:
                number += 1
                ident = f"{base}_{number}"
            self.names.reserved.add(ident)
            self.constants[key] = ident
            self.prelude.append(self.assign(ident, value()))
        return self.name(ident)

    # -- functions --------------------------------------------------------------------------------

    def define_function(self, function: ir.Function, ident: str) -> None:
        """`def ident(...)` for `function`; one that bounces gets a second, which runs what the first hands back."""
        around, self.here = self.here, self.locator.position(function.start, function.end)
        params = [var.ident for var in function.params]
        rest = function.rest.ident if function.rest is not None else None
        body = self._function_body(function)
        if not function.bounces:
            self.block.append(self.function_def(ident, params, rest, body))
        else:
            inner = self.names.second_name(function, f"{ident}_step")
            self.block.append(self.function_def(inner, params, rest, body))
            args = [self.name(param) for param in params]
            if rest is not None:
                args.append(self.place(ast.Starred(self.name(rest), LOAD)))
            step = self.call("bounce", self.call(inner, *args))
            self.block.append(self.function_def(ident, params, rest, [self.returned(step)]))
            self.block.append(self.statement(self.call("bouncing", self.name(ident), self.name(inner))))
        self.here = around

    def _function_body(self, function: ir.Function) -> list[ast.stmt]:
        outer = (self.function, self.loops, self.temporaries, self.owned)
        self.function, self.loops, self.temporaries, self.owned = function, [], 0, set()

        def emit() -> None:
            self._declare(function)
            if function.loops:
                self.run_rounds(self, function, RETURN)
            else:
                self.run(function.body, RETURN)

        block = self.inside(emit)
        self.function, self.loops, self.temporaries, self.owned = outer
        return self._without_last_nil(block)

    @staticmethod
    def _without_last_nil(block: list[ast.stmt]) -> list[ast.stmt]:
        """A function that ends gives None, without being told to."""
        last = block[-1] if len(block) > 1 else None
        if isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is None:
            block.pop()
        return block

    def program(self, function: ir.Function, exports: list[tuple[str, ir.Node]] | None) -> list[ast.stmt]:
        """The `def` of the whole program; of a module it returns the exports."""
        self.function = function

        def emit() -> None:
            self._declare(function)
            self.run(function.body, RETURN if exports is None else EFFECT)
            if exports is not None:
                keys: list[ast.expr | None] = [self.constant(name) for name, _ in exports]
                values = [self.expr(node) for _, node in exports]
                self.block.append(self.returned(self.place(ast.Dict(keys, values))))

        body = self._without_last_nil(self.inside(emit))
        self.here = self.locator.position(0, function.end)
        return body or [self.place(ast.Pass())]

    def _declare(self, function: ir.Function) -> None:
        outer = sorted(var.ident for var in function.writes if not var.boxed and not var.hoisted)
        if outer:
            self.block.append(self.place(ast.Nonlocal(outer)))
        for var in function.locals:
            if var.captured and not (var.bound or var.boxed or var.sentinel) and var.name:
                # Python must see a binding where a nested function writes; this one never runs.
                empty = self.place(ast.For(self.target(var.ident), self.tuple_of([]), [self.place(ast.Pass())], []))
                self.block.append(empty)
        for var in function.params if function.kind != "program" else ():
            if var.boxed:
                self.block.append(self.assign(var.ident, self.list_of([self.name(var.ident)])))
        if function.rest is not None:
            made = self.call("list", self.name(function.rest.ident))
            if function.rest.boxed:
                made = self.list_of([made])
            self.block.append(self.assign(function.rest.ident, made))
        for var in function.locals:
            if not var.name:
                self.block.append(self.assign(var.ident, self.place(ast.Dict([], []))))
            elif var.boxed:
                self.block.append(self.assign(var.ident, self.list_of([self.name("UNSET")])))
            elif var.sentinel:
                self.block.append(self.assign(var.ident, self.name("UNSET")))


_SPLIT = (ir.If, ir.And, ir.Or, ir.Seq)
