"""From names and their values to Python: variables are Python variables, boxes where `eval` can see them."""

from __future__ import annotations

import ast

from vigyc.codegen.emit.place import EFFECT, Place, variable
from vigyc.codegen.generator import Generator
from vigyc.lang import ir


def expr_ref(g: Generator, node: ir.Ref) -> ast.expr:
    """A variable's value; Python itself refuses one that is unset, unless something else is meant then."""
    var = node.var
    if var in g.owned:
        return g.call("sealed", g.name(var.ident))
    value: ast.expr = g.name(var.ident)
    if var.boxed:
        value = g.item(value, g.constant(0))
    if node.sure or not (var.sentinel or var.boxed):
        return value
    if var.boxed:
        value = g.walrus(g.temporary(), value)
        is_set = g.compare("is not", value, g.name("UNSET"))
        return g.choose(is_set, g.again(value), _otherwise(g, node.alt, var.name))
    is_set = g.compare("is not", value, g.name("UNSET"))
    return g.choose(is_set, g.name(var.ident), _otherwise(g, node.alt, var.name))


def _otherwise(g: Generator, alt: ir.Node | None, name: str) -> ast.expr:
    if alt is None or isinstance(alt, ir.Fail):
        return g.call("fail", g.constant("unbound-symbol"), g.constant(name))
    return g.expr(alt)


def run_ref(g: Generator, node: ir.Ref, place: Place) -> None:
    """A variable's value to a place; nothing to do where it is."""
    value = expr_ref(g, node)
    there = isinstance(value, ast.Name) and value.id == place.ident
    if there and not node.sure:
        g.block.append(g.assign(place.ident, value))  # Python's word that it is unset
    if not there or place.leave:
        g.put(place, value)


def expr_lookup(g: Generator, node: ir.Lookup) -> ast.expr:
    """A name that evaluated code may have defined."""
    frames = [g.name(var.ident) for var in node.frames]
    found = g.walrus(g.temporary(), g.call("find", g.constant(node.name), *frames))
    is_set = g.compare("is not", found, g.name("UNSET"))
    return g.choose(is_set, g.again(found), _otherwise(g, node.alt, node.name))


def run_bind(g: Generator, node: ir.Bind, place: Place) -> None:
    """`let`: its variables are variables of the Python function, named apart, so order is all that matters."""
    for var, init in zip(node.vars, node.inits, strict=True):
        if isinstance(init, ir.Lambda) and var.known is init.function and not var.boxed:
            g.define_function(init.function, var.ident)
        else:
            _store(g, var, init)
    g.run(node.body, place)


def _store(g: Generator, var: ir.Var, value: ir.Node) -> None:
    if var.boxed:
        g.block.append(g.assign(var.ident, g.list_of([g.expr(value)])))
    else:
        g.run(value, variable(var.ident))


def run_assign(g: Generator, node: ir.Assign, place: Place) -> None:
    """`define` and `set!`."""
    var, value = node.var, node.value
    if node.define and isinstance(value, ir.Lambda) and var.known is value.function:
        if not value.function.hoisted:
            g.define_function(value.function, var.ident)
    elif node.define and var.hoisted:
        pass
    elif node.alt is not None:
        _assign_if_set(g, node)
    elif var.boxed:
        g.block.append(g.store_item(g.name(var.ident), g.constant(0), g.expr(value)))
    else:
        g.run(value, variable(var.ident))
    if place.kind != "effect" or place.leave:
        g.put(place, g.constant(None))


def _assign_if_set(g: Generator, node: ir.Assign) -> None:
    """`set!` of a variable that may be unset, when an outer one, or none, is meant."""
    held = g.temporary()
    g.run(node.value, variable(held))
    _store_held(g, node, held)


def _store_held(g: Generator, target: ir.Node | None, held: str) -> None:
    """Store what is in `held` where `target` would store its value, which has been evaluated."""
    if isinstance(target, ir.Assign):
        _store_in_variable(g, target, held)
    elif isinstance(target, ir.DynamicSet):
        _store_in_frames(g, target, held)
    elif isinstance(target, ir.Seq):
        g.run(target.items[-1], EFFECT)
    elif target is not None:
        g.run(target, EFFECT)


def _store_in_variable(g: Generator, node: ir.Assign, held: str) -> None:
    var = node.var
    current: ast.expr = g.name(var.ident)
    if var.boxed:
        current = g.item(current, g.constant(0))
        store = g.store_item(g.name(var.ident), g.constant(0), g.name(held))
    else:
        store = g.assign(var.ident, g.name(held))
    if node.alt is None:
        g.block.append(store)
        return
    other = g.inside(lambda: _store_held(g, node.alt, held))
    g.block.append(g.branch(g.compare("is not", current, g.name("UNSET")), [store], other))


def run_dynamic_set(g: Generator, node: ir.DynamicSet, place: Place) -> None:
    """`set!` and `define` in frames that evaluated code can extend."""
    held = g.temporary()
    g.run(node.value, variable(held))
    _store_in_frames(g, node, held)
    if place.kind != "effect" or place.leave:
        g.put(place, g.constant(None))


def _store_in_frames(g: Generator, node: ir.DynamicSet, held: str) -> None:
    frames = [g.name(var.ident) for var in node.frames]
    if node.alt is None:
        g.block.append(g.store_item(frames[0], g.constant(node.name), g.name(held)))
        return
    stored = g.call("store", g.constant(node.name), g.name(held), *frames)
    other = g.inside(lambda: _store_held(g, node.alt, held))
    g.block.append(g.branch(g.negation(stored), other, []))


def run_require(g: Generator, node: ir.Require, place: Place) -> None:
    """The module's exports, run once, become variables."""
    failure = node.failure
    if failure is not None and not node.late:
        g.block.append(g.statement(g.call("fail_require", g.constant(failure[0]), g.constant(failure[1]))))
        return
    ident = g.temporary()
    g.block.append(g.assign(ident, g.call("require", g.name("host"), g.constant(node.path))))
    for name, var in (*node.exports, *node.refers):
        value = g.item(g.name(ident), g.constant(name))
        if var.boxed:
            g.block.append(g.store_item(g.name(var.ident), g.constant(0), value))
        else:
            g.block.append(g.assign(var.ident, value))
    if failure is not None:
        missing = g.call("fail_require", g.constant(failure[0]), g.constant(failure[1]))
        g.block.append(g.statement(missing))
    if place.kind != "effect":
        g.put(place, g.constant(None))


EXPRESSIONS = {ir.Ref: expr_ref, ir.Lookup: expr_lookup}
STATEMENTS = {
    ir.Ref: run_ref,
    ir.Bind: run_bind,
    ir.Assign: run_assign,
    ir.DynamicSet: run_dynamic_set,
    ir.Require: run_require,
}
