"""From an accumulator's uses to whether it may be changed in place: maps that a loop alone can see.

A loop that carries a map and only reads it by key or replaces it by `hash-map-set` of itself owns it: on entry it
takes a private copy, and every replacement is an assignment in place. Any other use before the loop is left (passing
it on, storing it, giving it to a closure) would let someone see the change, and then the loop does not own it.
"""

from __future__ import annotations

from typing import TypeGuard

from vigyc.codegen import types as t
from vigyc.lang import ir
from vigyc.lang.walk import children

_SETTERS = {"hash-map-set": 3, "assoc": 3}
_READERS = {"hash-map-get": 2, "get": 2, "hash-map-get-or": 3, "hash-map-has?": 2, "hash-map-count": 1}


def setter(node: ir.Node, var: ir.Var) -> ir.Call | None:
    """`node` as `(hash-map-set var key value)`, if it is that."""
    return node if _calls_on(node, var, _SETTERS) else None


def _calls_on(node: ir.Node, var: ir.Var, builtins: dict[str, int]) -> TypeGuard[ir.Call]:
    """Whether `node` calls one of `builtins`, by name and number of arguments, on `var`."""
    return (
        isinstance(node, ir.Call)
        and isinstance(node.fn, ir.Builtin)
        and builtins.get(node.fn.name) == len(node.args)
        and _is(node.args[0], var)
    )


def owns_fold(var: ir.Var, body: ir.Node) -> bool:
    """Whether the fold whose accumulator is `var` owns it, and replaces it at all."""
    sets: list[ir.Call] = []
    return var.constant and _results_own(body, var, sets) and bool(sets) and _refuse_maps_first(sets)


def owns_rounds(var: ir.Var, function: ir.Function) -> bool:
    """Whether the loop of `function` owns its parameter `var`, and replaces it at all."""
    index = function.params.index(var)
    sets: list[ir.Call] = []
    owns = var.constant and _rounds_own(function.body, var, function, index, sets)
    return owns and bool(sets) and _refuse_maps_first(sets)


def _refuse_maps_first(sets: list[ir.Call]) -> bool:
    """Whether none of `sets` could refuse its key before what should have been a map."""
    return all(_only(call.args[0], t.MAP) or _only(call.args[1], t.PLAIN_KEY) for call in sets)


def _only(node: ir.Node, mask: int) -> bool:
    type_ = getattr(node, "type", None)  # code that nothing calls has no types
    return isinstance(type_, t.Type) and type_.only(mask)


def _is(node: ir.Node, var: ir.Var) -> bool:
    return isinstance(node, ir.Ref) and node.var is var


def _results_own(node: ir.Node, var: ir.Var, sets: list[ir.Call]) -> bool:
    if _is(node, var):
        return True
    call = setter(node, var)
    if call is not None:
        sets.append(call)
        return all(_only_reads(arg, var) for arg in call.args[1:])
    if isinstance(node, ir.If):
        return (
            _only_reads(node.test, var) and _results_own(node.then, var, sets) and _results_own(node.other, var, sets)
        )
    if isinstance(node, ir.Bind):
        return all(_only_reads(init, var) for init in node.inits) and _results_own(node.body, var, sets)
    if isinstance(node, ir.Seq):
        return all(_only_reads(item, var) for item in node.items[:-1]) and _results_own(node.items[-1], var, sets)
    return False


def _rounds_own(node: ir.Node, var: ir.Var, function: ir.Function, index: int, sets: list[ir.Call]) -> bool:
    if isinstance(node, ir.Again):
        if node.function is not function:
            return False
        others = [arg for at, arg in enumerate(node.args) if at != index]
        if not all(_only_reads(arg, var) for arg in others):
            return False
        new = node.args[index]
        call = setter(new, var)
        if call is None:
            return _is(new, var)
        # In place, the assignment comes before the other arguments are computed or after; neither may see it.
        if any(_mentions(arg, var) for arg in others):
            return False
        sets.append(call)
        return all(_only_reads(arg, var) for arg in call.args[1:])
    if isinstance(node, ir.If):
        return (
            _only_reads(node.test, var)
            and _rounds_own(node.then, var, function, index, sets)
            and _rounds_own(node.other, var, function, index, sets)
        )
    if isinstance(node, ir.Bind):
        inits = all(_only_reads(init, var) for init in node.inits)
        return inits and _rounds_own(node.body, var, function, index, sets)
    if isinstance(node, ir.Seq):
        before = all(_only_reads(item, var) for item in node.items[:-1])
        return before and _rounds_own(node.items[-1], var, function, index, sets)
    # The loop is left here: what happens to the map now is no longer the loop's.
    return not _goes_round(node)


def _goes_round(node: ir.Node) -> bool:
    return isinstance(node, ir.Again) or any(_goes_round(child) for child in children(node))


def _only_reads(node: ir.Node, var: ir.Var) -> bool:
    if _calls_on(node, var, _READERS):
        return all(_only_reads(arg, var) for arg in node.args[1:])
    return not _mentions_here(node, var) and all(_only_reads(child, var) for child in children(node))


def _mentions_here(node: ir.Node, var: ir.Var) -> bool:
    if isinstance(node, (ir.Lambda, ir.Delay)):
        return var in node.function.free
    return _is(node, var) or (isinstance(node, (ir.Eval, ir.Try)))


def _mentions(node: ir.Node, var: ir.Var) -> bool:
    return _mentions_here(node, var) or any(_mentions(child, var) for child in children(node))
