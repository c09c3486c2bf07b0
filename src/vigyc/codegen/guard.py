"""From generated Python to the promise that it is harmless: every node and every identifier is on a list.

The generator is trusted to be right, not to be safe: a slip in it (a name taken over unescaped, an attribute a program
could choose) must end here and not in `compile`. So this table says what generated code may consist of, and whatever
is not in the table is refused. What follows from it:

- An attribute is one of a closed set handed in, never one that begins with an underscore: no way from a value to its
  class, and from there to the interpreter. The one exception is the test `x.__class__ is name`, whose result is a
  boolean.
- There is no import, no class, no decorator, no annotation, no `yield`, no `await`, no `with`, no `global`.
- An identifier is lower case ASCII (`^[a-z][a-z0-9_]*$`) or one of the handed-in constants: no dunder name.
- Power and left shift, which can build a number that fills the memory in one step, are not operators of generated code.
- A handler names what it catches: a bare `except` would also stop a deadline.

The tree is walked level by level, so its depth costs no Python stack; the depth is the result.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from vigyc.lang.errors import InternalError

MAX_CONSTANT_ITEMS = 256

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_ATOMS = frozenset({type(None), bool, int, float, str, bytes})


class Shape(NamedTuple):
    """What a node class may hold.

    `one`, `maybe`, `many` are fields with a child, a child or None, a list of children; `names` fields with an
    identifier; `empty` fields that must hold nothing; `rule` names a further check.
    """

    one: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    rule: str = ""


_LEAF = Shape()

SHAPES: dict[type, Shape] = {
    ast.Module: Shape(many=("body",), empty=("type_ignores",)),
    # statements
    ast.FunctionDef: Shape(
        one=("args",),
        many=("body",),
        names=("name",),
        empty=("decorator_list", "returns", "type_comment", "type_params"),
    ),
    ast.Return: Shape(maybe=("value",)),
    ast.Assign: Shape(one=("value",), many=("targets",), empty=("type_comment",)),
    ast.AugAssign: Shape(one=("target", "op", "value")),
    ast.If: Shape(one=("test",), many=("body", "orelse")),
    ast.While: Shape(one=("test",), many=("body", "orelse")),
    ast.For: Shape(one=("target", "iter"), many=("body", "orelse"), empty=("type_comment",)),
    ast.Try: Shape(many=("body", "handlers", "orelse", "finalbody")),
    ast.ExceptHandler: Shape(one=("type",), many=("body",), rule="handler"),
    ast.Raise: Shape(maybe=("exc", "cause")),
    ast.Expr: Shape(one=("value",)),
    ast.Pass: _LEAF,
    ast.Break: _LEAF,
    ast.Continue: _LEAF,
    ast.Nonlocal: Shape(rule="declaration"),
    # expressions
    ast.Name: Shape(names=("id",)),
    ast.Constant: Shape(rule="constant"),
    ast.Call: Shape(one=("func",), many=("args",), empty=("keywords",)),
    ast.Starred: Shape(one=("value",)),
    ast.Attribute: Shape(one=("value",), rule="attribute"),
    ast.BinOp: Shape(one=("left", "op", "right")),
    ast.UnaryOp: Shape(one=("op", "operand")),
    ast.BoolOp: Shape(one=("op",), many=("values",)),
    ast.Compare: Shape(one=("left",), many=("ops", "comparators"), rule="class_test"),
    ast.IfExp: Shape(one=("test", "body", "orelse")),
    ast.NamedExpr: Shape(one=("target", "value")),
    ast.Subscript: Shape(one=("value", "slice")),
    ast.List: Shape(many=("elts",)),
    ast.Tuple: Shape(many=("elts",)),
    ast.Dict: Shape(many=("values",), rule="dict"),
    ast.ListComp: Shape(one=("elt",), many=("generators",)),
    ast.comprehension: Shape(one=("target", "iter"), many=("ifs",), rule="comprehension"),
    ast.JoinedStr: Shape(many=("values",)),
    ast.FormattedValue: Shape(one=("value",), empty=("format_spec",), rule="formatted"),
    # parameters
    ast.arguments: Shape(
        maybe=("vararg",), many=("posonlyargs", "args", "defaults"), empty=("kwonlyargs", "kw_defaults", "kwarg"),
        rule="defaults",
    ),
    ast.arg: Shape(names=("arg",), empty=("annotation", "type_comment")),
    # operators
    **dict.fromkeys(
        (
            *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod),
            *(ast.BitAnd, ast.BitOr, ast.BitXor, ast.Not, ast.USub, ast.And, ast.Or),
            *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn),
        ),
        _LEAF,
    ),
}  # fmt: skip


def check(module: ast.Module, allowed_attributes: frozenset[str], constants: frozenset[str] = frozenset()) -> int:
    """Refuse `module` (InternalError naming the node) if anything in it is not on the list; give its depth.

    `allowed_attributes` are the only attribute names it may use, `constants` the upper case names it may read.
    """
    walk = _Walk(allowed_attributes, constants)
    return walk.check(module)


class _Walk:
    """One check of one tree; `names` are the identifiers found good so far."""

    def __init__(self, attributes: frozenset[str], constants: frozenset[str]) -> None:
        self.attributes = attributes
        self.names = set(constants)
        self.class_tests: dict[int, int] = {}
        self.rules: dict[str, Callable[[Any, list[object]], None]] = {
            "handler": self._handler,
            "declaration": self._declaration,
            "constant": self._constant,
            "attribute": self._attribute,
            "class_test": self._class_test,
            "dict": self._dict,
            "comprehension": self._comprehension,
            "formatted": self._formatted,
            "defaults": self._defaults,
        }

    def check(self, module: ast.Module) -> int:
        if module.__class__ is not ast.Module:
            raise _refused(module, "is not a module")
        depth = 0
        level: list[object] = [module]
        shapes, names = SHAPES, self.names
        while level:
            depth += 1
            following: list[object] = []
            push, extend = following.append, following.extend
            for node in level:
                shape = shapes.get(node.__class__)
                if shape is None:
                    raise _refused(node, "is not a part of generated code")
                one, maybe, many, identifiers, empty, rule = shape
                for name in one:
                    push(getattr(node, name))
                for name in many:
                    extend(getattr(node, name))
                for name in identifiers:
                    if getattr(node, name) not in names:
                        self._identifier(node, getattr(node, name))
                for name in maybe:
                    child = getattr(node, name, None)
                    if child is not None:
                        push(child)
                for name in empty:
                    if getattr(node, name, None):
                        raise _refused(node, f"has {name}")
                if rule:
                    self.rules[rule](node, following)
            level = following
        return depth

    def _identifier(self, node: object, name: object) -> None:
        if name.__class__ is not str or not _IDENTIFIER.fullmatch(str(name)):
            raise _refused(node, f"uses the identifier {name!r}")
        self.names.add(str(name))

    def _handler(self, node: ast.ExceptHandler, _: list[object]) -> None:
        if node.name is not None:
            self._identifier(node, node.name)

    def _declaration(self, node: ast.Nonlocal, _: list[object]) -> None:
        for name in node.names:
            self._identifier(node, name)

    def _constant(self, node: ast.Constant, _: list[object]) -> None:
        value: object = node.value
        if value.__class__ in _ATOMS:
            return
        if value.__class__ is not tuple or not _plain(value):
            raise _refused(node, f"holds a {value.__class__.__name__}")

    def _class_test(self, node: ast.Compare, _: list[object]) -> None:
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Is) and isinstance(node.comparators[0], ast.Name):
            self.class_tests[id(node.left)] = self.class_tests.get(id(node.left), 0) + 1

    def _attribute(self, node: ast.Attribute, _: list[object]) -> None:
        name: object = node.attr
        if name == "__class__" and self.class_tests.get(id(node), 0) > 0:
            self.class_tests[id(node)] -= 1  # the same node may stand elsewhere too, where it is not tested
            return
        if name.__class__ is not str or name not in self.attributes or str(name).startswith("_"):
            raise _refused(node, f"reads the attribute {name!r}")

    def _dict(self, node: ast.Dict, following: list[object]) -> None:
        following.extend(key for key in node.keys if key is not None)  # None: `**other`, all of another map

    def _comprehension(self, node: ast.comprehension, _: list[object]) -> None:
        if node.is_async:
            raise _refused(node, "is async")

    def _formatted(self, node: ast.FormattedValue, _: list[object]) -> None:
        if node.conversion != -1:
            raise _refused(node, "has a conversion")

    def _defaults(self, node: ast.arguments, _: list[object]) -> None:
        for default in node.defaults:
            if default.__class__ is not ast.Constant and default.__class__ is not ast.Name:
                raise _refused(node, f"has the default {default.__class__.__name__}")


def _plain(value: object) -> bool:
    """Whether a constant tuple is small and holds only atoms and such tuples."""
    left = MAX_CONSTANT_ITEMS
    waiting: list[Iterable[object]] = [value] if isinstance(value, tuple) else []
    while waiting:
        for item in waiting.pop():
            left -= 1
            if left < 0:
                return False
            if item.__class__ is tuple and isinstance(item, tuple):
                waiting.append(item)
            elif item.__class__ not in _ATOMS:
                return False
    return True


def _refused(node: object, why: str) -> InternalError:
    line = getattr(node, "lineno", None)
    place = "" if line is None else f" (line {line})"
    return InternalError(f"guard: generated {node.__class__.__name__}{place} {why}")
