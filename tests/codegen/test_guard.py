"""What generated code may never contain, each built by hand; and what CPython's compiler cannot take."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

import pytest

from vigyc.codegen import builder, guard
from vigyc.lang.artifact import Artifact
from vigyc.lang.errors import CompileError, InternalError

ATTRIBUTES = frozenset({"get", "append"})
CONSTANTS = frozenset({"INT_MAX"})


def check(source: str | ast.AST) -> int:
    tree = ast.parse(source) if isinstance(source, str) else source
    return guard.check(tree, ATTRIBUTES, CONSTANTS)  # type: ignore[arg-type]


def module(*body: ast.stmt) -> ast.Module:
    return ast.fix_missing_locations(ast.Module(list(body), []))


def expression(node: ast.expr) -> ast.Module:
    return module(ast.Expr(node))


def build(tree: ast.Module) -> Artifact:
    return builder.build(tree, filename="<t>", digest="d", allowed_attributes=ATTRIBUTES, constants=CONSTANTS)


ALLOWED = """
def walk(xs, n, *rest):
    nonlocal_free = [x * 2 for x in xs if x is not None and x < INT_MAX]
    table = {"a": 1, "b": [*xs]}
    while True:
        if not (y := table.get("a")):
            break
        elif n >= 1:
            continue
        n += 1
        xs[1].append(y if y else -1)
    def inner(z=None):
        nonlocal n
        n = z
        return (z, n)
    try:
        inner(1)
    except (type_error, key_error) as fault:
        raise fault
    else:
        pass
    finally:
        table = None
    for each in xs:
        n = f"{each}!"
    return n
def top():
    answer = b"x"
"""


def test_what_generated_code_consists_of_passes() -> None:
    assert check(ALLOWED) > 5


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "from os import path",
        "class a: pass",
        "async def f(): pass",
        "async def f():\n    await g()",
        "def f():\n    yield 1",
        "def f():\n    yield from g()",
        "with a: pass",
        "assert a",
        "a: int = 1",
        "match a:\n    case 1: pass",
        "try:\n    a()\nexcept* b:\n    pass",
        "(a for a in b)",
        "async def f():\n    [a async for a in b]",
        "@a\ndef f(): pass",
        "def f() -> a: pass",
        "def f(a: b): pass",
        "def f(*, a): pass",
        "def f(**a): pass",
        "def f(a=[]): pass",
        "def f(a=g()): pass",
        "f(**a)",
        "try:\n    a()\nexcept:\n    pass",
        "try:\n    a()\nexcept b as __c:\n    pass",
        "a ** b",
        "a << b",
        "a @ b",
        "a **= b",
        "a.b",
        "a.__class__",
        "a.__class__ is not b",
        "a.__class__ == b",
        "a.__class__ is b is c",
        "a.__class__ is 1",
        "a.__class__ is b.__class__",
        "b is a.__class__",
        "a.__class__.__base__ is b",
        "(b := a.__class__) is c",
        "f(a.__class__) is b",
        "a.get.im_func",
        "a.__dict__['x'] = 1",
        "a.get.__globals__",
        "__import__('os')",
        "__builtins__",
        "_private",
        "Upper",
        "OTHER",
        "naïve",
        "def __f__(): pass",
        "def F(): pass",
        "def f(__a): pass",
        "def f(*_a): pass",
        "f(a=1)",
        "global a",
        "del a",
        "lambda: a",
        "a[1:]",
        "{a}",
        "{a for a in b}",
        "{a: a for a in b}",
        "a >> b",
        "~a",
        "def f():\n    __a = 1\n    def g():\n        nonlocal __a",
        "f'{a!r}'",
        "f'{a:>10}'",
        "1j",
        "...",
    ],
)
def test_is_refused(text: str) -> None:
    with pytest.raises(InternalError, match=r"^guard: generated "):
        check(text)


class _Text(str):
    __slots__ = ()


class _Name(ast.Name):
    pass


@pytest.mark.parametrize(
    "tree",
    [
        expression(ast.Constant(frozenset({1}))),
        expression(ast.Constant(object())),
        expression(ast.Constant((1, (2, [])))),
        expression(ast.Constant((1,) * (guard.MAX_CONSTANT_ITEMS + 1))),
        expression(ast.Constant(_Text("a"))),
        expression(ast.Name("", ast.Load())),
        expression(ast.Name("a b", ast.Load())),
        expression(ast.Name("a\n", ast.Load())),
        expression(ast.Name("a.b", ast.Load())),
        expression(ast.Name("a;b", ast.Load())),
        expression(ast.Name(_Text("a"), ast.Load())),
        expression(ast.Name(None, ast.Load())),  # type: ignore[arg-type]
        expression(_Name("a", ast.Load())),
        expression(ast.Attribute(ast.Name("a", ast.Load()), _Text("get"), ast.Load())),
        expression("text"),  # type: ignore[arg-type]
        expression(None),  # type: ignore[arg-type]
        ast.Module([], [ast.TypeIgnore(1, "")]),
        ast.Interactive([]),
        ast.Expression(ast.Constant(1)),
    ],
)
def test_hand_made_tree_is_refused(tree: ast.AST) -> None:
    with pytest.raises(InternalError):
        check(tree)


def test_an_attribute_with_an_underscore_is_refused_even_when_handed_in() -> None:
    with pytest.raises(InternalError, match="__class__"):
        guard.check(ast.parse("a.__class__"), frozenset({"__class__"}))


def test_a_class_may_be_tested_and_nothing_else() -> None:
    test = ast.parse("if a.__class__ is int and b.__class__ is int: pass")
    check(test)
    compare = ast.parse("a.__class__ is int", mode="eval").body
    assert isinstance(compare, ast.Compare)
    check(module(ast.Expr(compare), ast.Expr(compare)))
    for tree in (
        module(ast.Expr(compare), ast.Return(compare.left)),
        module(ast.Expr(compare), ast.Expr(ast.UnaryOp(ast.Not(), compare.left))),
        module(ast.If(ast.Name("a", ast.Load()), [ast.Expr(compare)], []), ast.Expr(compare.left)),
    ):
        with pytest.raises(InternalError, match="__class__"):
            check(tree)


def test_the_refusal_names_the_node_and_its_line() -> None:
    with pytest.raises(InternalError, match=r"generated Attribute \(line 2\) reads the attribute '__class__'"):
        check("a\nb.__class__")


def test_every_field_of_every_node_is_accounted_for() -> None:
    ruled = {
        ast.ExceptHandler: {"name"},
        ast.Nonlocal: {"names"},
        ast.Constant: {"value", "kind"},
        ast.Attribute: {"attr"},
        ast.Dict: {"keys"},
        ast.comprehension: {"is_async"},
        ast.FormattedValue: {"conversion"},
    }
    for kind, shape in guard.SHAPES.items():
        seen = {*shape.one, *shape.maybe, *shape.many, *shape.names, *shape.empty, *ruled.get(kind, ()), "ctx"}
        assert set(kind._fields) <= seen, kind


def test_depth_costs_no_stack() -> None:
    node: ast.expr = ast.Name("x", ast.Load())
    for _ in range(50_000):
        node = ast.UnaryOp(ast.Not(), node)
    assert check(ast.Module([ast.Expr(node)], [])) == 50_003


def test_built_code_runs() -> None:
    artifact = build(ast.parse("answer = [x * 2 for x in given]"))
    world: dict[str, Any] = {"__builtins__": {}, "given": [1, 2]}
    exec(artifact.code, world)
    assert world["answer"] == [2, 4]
    assert artifact.digest == "d"
    assert artifact.code.co_filename == "<t>"


def negated(depth: int) -> ast.Module:
    node: ast.expr = ast.Name("x", ast.Load())
    for _ in range(depth):
        node = ast.UnaryOp(ast.Not(), node)
    return expression(node)


def ifs(depth: int) -> ast.Module:
    node: ast.stmt = ast.Pass()
    for _ in range(depth):
        node = ast.If(ast.Name("x", ast.Load()), [node], [])
    return module(node)


def loops(depth: int) -> ast.Module:
    node: ast.stmt = ast.Pass()
    for _ in range(depth):
        node = ast.While(ast.Name("x", ast.Load()), [node], [])
    return module(node)


@pytest.mark.parametrize(("shape", "depth"), [(negated, 20_000), (ifs, 2_000), (loops, 25), (loops, 2_000)])
def test_too_deep_is_a_finding(shape: Callable[[int], ast.Module], depth: int) -> None:
    sys.setrecursionlimit(max(limit := sys.getrecursionlimit(), 40_000))
    try:
        tree = shape(depth)
    finally:
        sys.setrecursionlimit(limit)
    with pytest.raises(CompileError) as caught:
        build(tree)
    assert [d.id for d in caught.value.diagnostics] == ["nested-too-deeply"]


@pytest.mark.parametrize("left", [40, 120, 400])
def test_how_deep_may_be_does_not_depend_on_the_caller(left: int) -> None:
    tree = negated(builder.MAX_DEPTH - 10)

    def descend(levels: int) -> Artifact:
        return build(tree) if levels == 0 else descend(levels - 1)

    used = 0
    frame = sys._getframe()
    while frame is not None:
        used, frame = used + 1, frame.f_back  # type: ignore[assignment]
    assert descend(sys.getrecursionlimit() - used - left).code.co_filename == "<t>"


def test_what_python_refuses_otherwise_is_our_fault() -> None:
    with pytest.raises(InternalError, match="Python refuses the generated code of d"):
        build(module(ast.Return(ast.Constant(1))))
