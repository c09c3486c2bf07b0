"""From a node to its children: the one place that knows how IR nodes nest, for passes that look at all of them.

Bodies of nested functions are not children of the `Lambda` or `Delay` that makes them: a pass says itself when it
goes in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeGuard

from vigyc.lang import ir

Mapper = Callable[[ir.Node], ir.Node]


def _map_none(node: ir.Node, f: Mapper) -> None:
    return None


def _map_call(node: ir.Call, f: Mapper) -> None:
    node.fn = f(node.fn)
    node.args = [f(arg) for arg in node.args]


def _map_if(node: ir.If, f: Mapper) -> None:
    node.test = f(node.test)
    node.then = f(node.then)
    node.other = f(node.other)


def _map_items(node: ir.Seq | ir.And | ir.Or | ir.Quasi, f: Mapper) -> None:
    node.items = [f(item) for item in node.items]


def _map_bind(node: ir.Bind, f: Mapper) -> None:
    node.inits = [f(init) for init in node.inits]
    node.body = f(node.body)


def _map_value(node: ir.Not | ir.Splice, f: Mapper) -> None:
    node.value = f(node.value)


def _map_assign(node: ir.Assign, f: Mapper) -> None:
    node.value = f(node.value)


def _map_dynamic_set(node: ir.DynamicSet, f: Mapper) -> None:
    node.value = f(node.value)


def _map_try(node: ir.Try, f: Mapper) -> None:
    node.body = f(node.body)
    node.handler = f(node.handler)


def _map_eval(node: ir.Eval, f: Mapper) -> None:
    node.form = f(node.form)


def _map_ref(node: ir.Ref | ir.Lookup, f: Mapper) -> None:
    if node.alt is not None:
        node.alt = f(node.alt)


def _map_loop(node: ir.Loop, f: Mapper) -> None:
    if node.init is not None:
        node.init = f(node.init)
    node.source = f(node.source)
    node.body = f(node.body)


def _map_enter(node: ir.Enter, f: Mapper) -> None:
    node.args = [f(arg) for arg in node.args]
    node.function.body = f(node.function.body)


def _map_again(node: ir.Again, f: Mapper) -> None:
    node.args = [f(arg) for arg in node.args]


_MAPPERS: dict[type, Callable[..., None]] = {
    ir.Const: _map_none,
    ir.Datum: _map_none,
    ir.Builtin: _map_none,
    ir.Lambda: _map_none,
    ir.Delay: _map_none,
    ir.Fail: _map_none,
    ir.Require: _map_none,
    ir.Ref: _map_ref,
    ir.Lookup: _map_ref,
    ir.Call: _map_call,
    ir.If: _map_if,
    ir.Seq: _map_items,
    ir.And: _map_items,
    ir.Or: _map_items,
    ir.Quasi: _map_items,
    ir.Bind: _map_bind,
    ir.Not: _map_value,
    ir.Splice: _map_value,
    ir.Assign: _map_assign,
    ir.DynamicSet: _map_dynamic_set,
    ir.Try: _map_try,
    ir.Eval: _map_eval,
    ir.Loop: _map_loop,
    ir.Enter: _map_enter,
    ir.Again: _map_again,
}


def map_children(node: ir.Node, f: Mapper) -> ir.Node:
    """Replace every child of `node` by what `f` makes of it, in evaluation order."""
    _MAPPERS[node.__class__](node, f)
    return node


def called(node: ir.Node, name: str, count: int) -> TypeGuard[ir.Call]:
    """Whether `node` calls builtin `name` with `count` arguments."""
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin)):
        return False
    return node.fn.name == name and len(node.args) == count


def targets(node: ir.Assign) -> list[ir.Var]:
    """The variables that `node` may give its value to: its own, or outer ones where that is unset."""
    found = [node.var]
    while isinstance(node.alt, ir.Assign):
        node = node.alt
        found.append(node.var)
    return found


_LEAF: tuple[ir.Node, ...] = ()

_CHILDREN: dict[type, Callable[..., Sequence[ir.Node]]] = {
    ir.Const: lambda node: _LEAF,
    ir.Datum: lambda node: _LEAF,
    ir.Builtin: lambda node: _LEAF,
    ir.Lambda: lambda node: _LEAF,
    ir.Delay: lambda node: _LEAF,
    ir.Fail: lambda node: _LEAF,
    ir.Require: lambda node: _LEAF,
    ir.Ref: lambda node: _LEAF if node.alt is None else (node.alt,),
    ir.Lookup: lambda node: _LEAF if node.alt is None else (node.alt,),
    ir.Call: lambda node: (node.fn, *node.args),
    ir.If: lambda node: (node.test, node.then, node.other),
    ir.Seq: lambda node: node.items,
    ir.And: lambda node: node.items,
    ir.Or: lambda node: node.items,
    ir.Quasi: lambda node: node.items,
    ir.Bind: lambda node: (*node.inits, node.body),
    ir.Not: lambda node: (node.value,),
    ir.Splice: lambda node: (node.value,),
    ir.Assign: lambda node: (node.value,),
    ir.DynamicSet: lambda node: (node.value,),
    ir.Try: lambda node: (node.body, node.handler),
    ir.Eval: lambda node: (node.form,),
    ir.Loop: lambda node: (node.source, node.body) if node.init is None else (node.init, node.source, node.body),
    ir.Enter: lambda node: (*node.args, node.function.body),
    ir.Again: lambda node: node.args,
}


def children(node: ir.Node) -> Sequence[ir.Node]:
    """The children of `node`, in evaluation order."""
    return _CHILDREN[node.__class__](node)


def nodes(root: ir.Node) -> Iterator[ir.Node]:
    """`root` and all below it, nested functions left out."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        below = _CHILDREN[node.__class__](node)
        if below:
            stack.extend(below[::-1])


def deep_nodes(root: ir.Node) -> Iterator[ir.Node]:
    """`root` and all below it, nested functions included."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        kind = node.__class__
        if kind is ir.Lambda or kind is ir.Delay:
            stack.append(node.function.body)  # type: ignore[attr-defined]
            continue
        below = _CHILDREN[kind](node)
        if below:
            stack.extend(below[::-1])
