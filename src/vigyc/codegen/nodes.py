"""From what is to be said to Python syntax nodes, placed: the short vocabulary that the emitters write in.

`here` is the position every new node gets; whoever emits a form sets it first. Context singletons are shared, which
CPython allows, because creating them costs as much as the node.
"""

from __future__ import annotations

import ast
from typing import TypeVar

from vigyc.codegen.locations import Position

N = TypeVar("N", ast.expr, ast.stmt, ast.ExceptHandler, ast.arg)

LOAD = ast.Load()
STORE = ast.Store()
_EQ = ast.Eq()
_NOT = ast.Not()
_COMPARE: dict[str, ast.cmpop] = {
    "==": _EQ,
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    ">": ast.Gt(),
    "<=": ast.LtE(),
    ">=": ast.GtE(),
    "is": ast.Is(),
    "is not": ast.IsNot(),
    "in": ast.In(),
    "not in": ast.NotIn(),
}
_BINARY: dict[str, ast.operator] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "//": ast.FloorDiv(),
    "%": ast.Mod(),
    "&": ast.BitAnd(),
    "|": ast.BitOr(),
    "^": ast.BitXor(),
}
_INVERSE: dict[type, ast.cmpop] = {
    ast.Is: _COMPARE["is not"],
    ast.IsNot: _COMPARE["is"],
    ast.Eq: _COMPARE["!="],
    ast.NotEq: _EQ,
    ast.In: _COMPARE["not in"],
}


def _is_literal(node: ast.expr) -> bool:
    """Whether Python will know the value, and that it is no singleton."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_literal(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_literal(node.left) and _is_literal(node.right)
    if isinstance(node, ast.JoinedStr):
        return all(isinstance(part, ast.Constant) for part in node.values)
    return isinstance(node, ast.Constant) and node.value is not None and not isinstance(node.value, bool)


class Writer:
    """Makes nodes at `here`."""

    here: Position = (1, 0, 1, 0)

    def place(self, node: N) -> N:
        """`node`, placed."""
        line, column, end_line, end_column = self.here
        node.lineno = line
        node.col_offset = column
        node.end_lineno = end_line
        node.end_col_offset = end_column
        return node

    def name(self, ident: str) -> ast.expr:
        """The value of a Python name."""
        return self.place(ast.Name(ident, LOAD))

    def target(self, ident: str) -> ast.Name:
        """A Python name to store to."""
        node = ast.Name(ident, STORE)
        self.place(node)
        return node

    def constant(self, value: object) -> ast.expr:
        """A constant; negative numbers as Python writes them."""
        return self.place(ast.Constant(value))  # type: ignore[arg-type]  # the guard judges it

    def call(self, function: str | ast.expr, *args: ast.expr) -> ast.expr:
        """A call of a named or computed function."""
        callee = self.name(function) if isinstance(function, str) else function
        return self.place(ast.Call(callee, list(args), []))

    def method(self, value: ast.expr, attribute: str, *args: ast.expr) -> ast.expr:
        """A call of one of the methods that the guard allows."""
        return self.place(ast.Call(self.attribute(value, attribute), list(args), []))

    def attribute(self, value: ast.expr, attribute: str) -> ast.expr:
        """One of the attributes that the guard allows."""
        return self.place(ast.Attribute(value, attribute, LOAD))

    def binary(self, op: str, left: ast.expr, right: ast.expr) -> ast.expr:
        """`left op right`."""
        return self.place(ast.BinOp(left, _BINARY[op], right))

    def negative(self, value: ast.expr) -> ast.expr:
        """`-value`."""
        return self.place(ast.UnaryOp(ast.USub(), value))

    def compare(self, op: str, left: ast.expr, right: ast.expr) -> ast.expr:
        """`left op right`."""
        if op in ("is", "is not") and (_is_literal(left) or _is_literal(right)):
            return self.constant(op == "is not")  # what Python would warn of: only singletons are compared so
        return self.place(ast.Compare(left, [_COMPARE[op]], [right]))

    def within(self, low: ast.expr, value: ast.expr, high: ast.expr) -> ast.expr:
        """`low <= value <= high`."""
        return self.place(ast.Compare(low, [_COMPARE["<="], _COMPARE["<="]], [value, high]))

    def class_is(self, value: ast.expr, *names: str) -> ast.expr:
        """Whether `value` is of exactly one of the named Python classes; `value` must be a plain name for several."""
        tests = [self.compare("is", self.attribute(value, "__class__"), self.name(name)) for name in names]
        return tests[0] if len(tests) == 1 else self.any_of(tests)

    def all_of(self, tests: list[ast.expr]) -> ast.expr:
        """`a and b and ...`."""
        return tests[0] if len(tests) == 1 else self.place(ast.BoolOp(ast.And(), tests))

    def any_of(self, tests: list[ast.expr]) -> ast.expr:
        """`a or b or ...`."""
        return tests[0] if len(tests) == 1 else self.place(ast.BoolOp(ast.Or(), tests))

    def denial(self, test: ast.expr) -> ast.expr:
        """A condition that holds when `test` does not; only its truth counts."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return test.operand
        return self.negation(test)

    def negation(self, test: ast.expr) -> ast.expr:
        """`not test`, a real boolean."""
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and not isinstance(test.left, ast.Attribute):
            inverse = _INVERSE.get(test.ops[0].__class__)
            if inverse is not None:
                return self.place(ast.Compare(test.left, [inverse], test.comparators))
        return self.place(ast.UnaryOp(_NOT, test))

    def choose(self, test: ast.expr, then: ast.expr, other: ast.expr) -> ast.expr:
        """`then if test else other`."""
        return self.place(ast.IfExp(test, then, other))

    def walrus(self, ident: str, value: ast.expr) -> ast.expr:
        """`(ident := value)`."""
        return self.place(ast.NamedExpr(self.target(ident), value))

    def list_of(self, items: list[ast.expr]) -> ast.expr:
        """`[a, b, ...]`."""
        return self.place(ast.List(items, LOAD))

    def tuple_of(self, items: list[ast.expr]) -> ast.expr:
        """`(a, b, ...)`."""
        return self.place(ast.Tuple(items, LOAD))

    def item(self, value: ast.expr, index: ast.expr) -> ast.expr:
        """`value[index]`."""
        return self.place(ast.Subscript(value, index, LOAD))

    def assign(self, ident: str, value: ast.expr) -> ast.stmt:
        """`ident = value`."""
        return self.place(ast.Assign([self.target(ident)], value))

    def store_item(self, value: ast.expr, index: ast.expr, new: ast.expr) -> ast.stmt:
        """`value[index] = new`."""
        return self.place(ast.Assign([self.place(ast.Subscript(value, index, STORE))], new))

    def statement(self, value: ast.expr) -> ast.stmt:
        """An expression for its effect."""
        return self.place(ast.Expr(value))

    def returned(self, value: ast.expr) -> ast.stmt:
        """`return value`."""
        return self.place(ast.Return(value))

    def branch(self, test: ast.expr, then: list[ast.stmt], other: list[ast.stmt]) -> ast.stmt:
        """`if test: ... else: ...`."""
        return self.place(ast.If(test, then or [self.place(ast.Pass())], other))

    def function_def(self, ident: str, params: list[str], rest: str | None, body: list[ast.stmt]) -> ast.stmt:
        """`def ident(params, *rest): body`."""
        arguments = ast.arguments(
            posonlyargs=[],
            args=[self.place(ast.arg(param)) for param in params],
            vararg=self.place(ast.arg(rest)) if rest else None,
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        )
        node = ast.FunctionDef(ident, arguments, body, [])
        node.type_params = []  # type: ignore[attr-defined]  # a field from Python 3.12 on
        return self.place(node)
