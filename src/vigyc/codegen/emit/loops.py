"""From `Loop` to Python's `for`: comprehensions where the body is an expression, statements where it is not."""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.emit.maps import has_plain_keys
from vigyc.codegen.emit.place import EFFECT, Place, variable
from vigyc.codegen.emit.testing import truth
from vigyc.codegen.generator import Generator
from vigyc.codegen.ownership import owns_fold
from vigyc.codegen.sums import bounded_sum, is_sum
from vigyc.lang import ir


def iterable(g: Generator, loop: ir.Loop) -> ast.expr:
    """A Python iterable over what `loop` goes over; a range is not built."""
    node = loop.source
    if loop.entries:
        return g.call("plain_pairs" if has_plain_keys(g, node) else "pairs", g.expr(node))
    counted = _counted(g, node)
    if counted is not None:
        return counted
    type_ = g.type_of(node)
    value = g.expr(node)
    if type_.only(t.EMPTY | t.ARRAY):
        return value
    if type_.only(t.NIL | t.EMPTY | t.ARRAY):
        return g.any_of([value, g.tuple_of([])])
    return g.call("items", value)


def _counted(g: Generator, node: ir.Node) -> ast.expr | None:
    """`(range n)`, `(range a b)` and `(iterate inc a n)` of integers."""
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin)) or g.needs_block(node):
        return None
    name, args = node.fn.name, node.args
    if name == "range" and len(args) in (1, 2) and all(g.type_of(arg).only(t.INT) for arg in args):
        return g.call("range", *[g.expr(arg) for arg in args])
    if name != "iterate" or len(args) != 3 or not (isinstance(args[0], ir.Builtin) and args[0].name == "inc"):
        return None
    start, count = g.type_of(args[1]), g.type_of(args[2])
    if not (start.only(t.INT) and count.only(t.INT) and count.lo >= 0 and start.hi + count.hi < t.INT_MAX):
        return None
    first = g.simple(args[1])
    amount = g.expr(args[2])
    if isinstance(first, ast.Constant) and isinstance(amount, ast.Constant):
        return g.call("range", first, g.constant(first.value + amount.value))  # type: ignore[operator]
    return g.call("range", first, g.binary("+", g.again(first), amount))


def run_loop(g: Generator, node: ir.Loop, place: Place) -> None:
    """A higher-order call in place."""
    if node.kind == "foldl":
        _run_fold(g, node, place)
        return
    if node.kind == "for-each":
        source = iterable(g, node)
        _for(g, node, source, g.body_of(node.body, EFFECT))
        if place.kind != "effect" or place.leave:
            g.put(place, g.constant(None))
        return
    if node.kind in ("map", "filter", "remove"):
        _run_collect(g, node, place)
    else:
        _run_search(g, node, place)


def _target(g: Generator, node: ir.Loop) -> ast.expr:
    """What each element is assigned to."""
    if not node.entries:
        return g.target(node.vars[-1].ident)
    pair: list[ast.expr] = [g.target(var.ident) for var in node.vars[-2:]]
    return g.place(ast.Tuple(pair, ast.Store()))


def _for(g: Generator, node: ir.Loop, source: ast.expr, body: list[ast.stmt]) -> None:
    target = _target(g, node)
    g.block.append(g.place(ast.For(target, source, body or [g.place(ast.Pass())], [])))


def _run_collect(g: Generator, node: ir.Loop, place: Place) -> None:
    """`map filter remove`."""
    before = g.temporaries
    source = iterable(g, node)
    if g.temporaries != before:  # Python takes no assignment expression in what a comprehension goes over
        ident = g.temporary()
        g.block.append(g.assign(ident, source))
        source = g.name(ident)
    before = g.temporaries
    values: list[ast.expr] = []
    block = g.inside(lambda: values.append(g.expr(node.body)))
    value = values[0]
    plain = not block and g.temporaries == before and not any(var.captured for var in node.vars)
    if node.kind == "map":
        if plain:
            g.put(place, _comprehension(g, node, source, value, None))
            return
        kept: list[ast.stmt] = []
        item = value
    else:
        condition = truth(g, value, g.type_of(node.body))
        if node.kind == "remove":
            condition = g.denial(condition)
        if plain and g.temporaries == before:
            g.put(place, _comprehension(g, node, source, _item(g, node), condition))
            return
        kept = [condition]  # type: ignore[list-item]
        item = _item(g, node)
    ident = g.temporary()
    g.block.append(g.assign(ident, g.list_of([])))
    add = g.statement(g.method(g.name(ident), "append", item))
    block.append(g.branch(kept[0], [add], []) if kept else add)  # type: ignore[arg-type]
    _for(g, node, source, block)
    g.put(place, g.name(ident))


def _comprehension(
    g: Generator, node: ir.Loop, source: ast.expr, value: ast.expr, condition: ast.expr | None
) -> ast.expr:
    clause = ast.comprehension(_target(g, node), source, [] if condition is None else [condition], 0)
    return g.place(ast.ListComp(value, [clause]))


def _run_fold(g: Generator, node: ir.Loop, place: Place) -> None:
    """`foldl`: the accumulator is a Python variable."""
    assert node.init is not None
    acc = node.vars[0]
    if _run_sum(g, node, place):
        return
    owned = owns_fold(acc, node.body)
    if g.needs_block(node.source) or not owned:
        g.run(node.init, variable(acc.ident))
        source = iterable(g, node)
    else:
        initial, source = g.expr(node.init), iterable(g, node)
        g.block.append(g.assign(acc.ident, initial))
    if owned:
        ident = g.temporary()
        g.block.append(g.assign(ident, source))
        source = g.name(ident)
        size = g.call("len", g.name(ident))
        g.block.append(g.assign(acc.ident, g.call("own", g.name(acc.ident), size)))
        g.owned.add(acc)
    _for(g, node, source, g.body_of(node.body, variable(acc.ident)))
    if owned:
        g.owned.discard(acc)
        g.put(place, g.call("sealed", g.name(acc.ident)))
    else:
        g.put(place, g.name(acc.ident))


def _item(g: Generator, node: ir.Loop) -> ast.expr:
    """The element at hand as a value; an entry that was taken apart is put together again."""
    if node.entries:
        return g.list_of([g.name(var.ident) for var in node.vars[-2:]])
    return g.name(node.vars[-1].ident)


def _run_sum(g: Generator, node: ir.Loop, place: Place) -> bool:
    """A sum that cannot overflow, by Python's own `sum`."""
    assert node.init is not None
    if node.entries or not is_sum(node) or g.needs_block(node.init):
        return False
    if g.needs_block(node.source) and not g.is_stable(node.init):
        return False
    if bounded_sum(node, g.type_of(node.init), g.type_of(node.source)) is None:
        return False
    init = g.simple(node.init)
    if not isinstance(init, (ast.Constant, ast.Name)):
        return False
    source = iterable(g, node)
    args = [source] if isinstance(init, ast.Constant) and init.value == 0 else [source, init]
    g.put(place, g.call("sum", *args))
    return True


def _run_search(g: Generator, node: ir.Loop, place: Place) -> None:
    """`any? every? find some count-if`: stops as soon as the answer is known."""
    ident = g.temporary()
    start = {"any?": False, "every?": True, "count-if": 0}.get(node.kind)
    source = iterable(g, node)
    g.block.append(g.assign(ident, g.constant(start)))

    def body() -> None:
        if node.kind == "some":
            found = g.temporary()
            g.run(node.body, variable(found))
            condition = truth(g, g.name(found), g.type_of(node.body))
            hit = [g.assign(ident, g.name(found)), g.place(ast.Break())]
        else:
            condition = truth(g, g.expr(node.body), g.type_of(node.body))
            hit = _hit(g, node, ident)
        if node.kind == "every?":
            condition = g.denial(condition)
        g.block.append(g.branch(condition, hit, []))

    _for(g, node, source, g.inside(body))
    g.put(place, g.name(ident))


def _hit(g: Generator, node: ir.Loop, ident: str) -> list[ast.stmt]:
    if node.kind == "count-if":
        return [g.assign(ident, g.binary("+", g.name(ident), g.constant(1)))]
    value = _item(g, node) if node.kind == "find" else g.constant(node.kind == "any?")
    return [g.assign(ident, value), g.place(ast.Break())]


STATEMENTS = {ir.Loop: run_loop}
