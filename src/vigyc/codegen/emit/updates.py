"""From new arguments to parameters: assignments in an order in which none overwrites what another still reads.

Where there is no such order, a tuple assignment does it at once. One that can stand alone does, for CPython appends to
a string in place only in `s = s + ...`.
"""

from __future__ import annotations

import ast

from vigyc.codegen.emit.place import variable
from vigyc.codegen.emit.strings import is_short
from vigyc.codegen.generator import Generator
from vigyc.codegen.ownership import setter
from vigyc.lang import ir
from vigyc.lang.walk import deep_nodes

Update = tuple[ir.Var, ir.Node]


def run_updates(
    g: Generator,
    params: list[ir.Var],
    args: list[ir.Node],
    *,
    skip: ir.Var | None = None,
    entering: bool = False,
) -> None:
    """Assign `args` to `params` as if all at once; `skip` takes care of itself."""
    pending = [
        (var, arg)
        for var, arg in zip(params, args, strict=True)
        if var is not skip and not (isinstance(arg, ir.Ref) and arg.var is var and var.constant)
    ]
    if entering:
        for var, arg in pending:
            g.run(arg, variable(var.ident))
        return
    pending.sort(key=lambda pair: g.is_stable(pair[1]))
    if any(g.needs_block(arg) for _, arg in pending):
        _all_at_once(g, pending)
        return
    order = _order(g, pending)
    if order is None:
        _all_at_once(g, pending)
        return
    for var, arg in order:
        _run_one(g, var, arg)


def _order(g: Generator, pending: list[Update]) -> list[Update] | None:
    """An order in which none overwrites what a later one reads, and nothing comes before what may fail ahead of it."""
    quiet = {var for var, arg in pending if g.is_quiet(arg)}
    captured = {var for var, _ in pending if var.captured}  # what is called may read them
    reads = {var: _vars(arg) if var in quiet else _vars(arg) | captured for var, arg in pending}
    left, found = list(pending), []
    while left:
        for update in left:
            var = update[0]
            if not any(var in reads[other] for other, _ in left if other is not var):
                break
            if var not in quiet:
                return None  # nothing behind it may come first
        else:
            return None
        left.remove(update)
        found.append(update)
    return found


def _vars(node: ir.Node) -> set[ir.Var]:
    found: set[ir.Var] = set()
    for inner in deep_nodes(node):
        if isinstance(inner, ir.Ref):
            found.add(inner.var)
        elif isinstance(inner, (ir.Lambda, ir.Delay)):
            found |= inner.function.free
    return found


def _run_one(g: Generator, var: ir.Var, arg: ir.Node) -> None:
    around, g.here = g.here, g.locator.position(arg.start, arg.end)
    if var in g.owned:
        call = setter(arg, var)
        assert call is not None
        g.run(call, variable(var.ident))
    elif not _run_string_append(g, var, arg) and not _run_sum(g, var, arg):
        g.run(arg, variable(var.ident))
    g.here = around


def _run_string_append(g: Generator, var: ir.Var, arg: ir.Node) -> bool:
    """`(string-append s short...)` to `s` itself."""
    if not (isinstance(arg, ir.Call) and isinstance(arg.fn, ir.Builtin) and arg.fn.name == "string-append"):
        return False
    first, rest = arg.args[0] if arg.args else None, arg.args[1:]
    if not (isinstance(first, ir.Ref) and first.var is var and rest and all(is_short(g, item) for item in rest)):
        return False
    if not all(g.type_of(item).only(32) for item in arg.args):
        return False
    from_strings = g.expressions[ir.Call]
    call = ir.Call(arg.fn, rest, arg.start, arg.end)
    g.block.append(g.assign(var.ident, g.binary("+", g.name(var.ident), from_strings(g, call))))
    return True


def _run_sum(g: Generator, var: ir.Var, arg: ir.Node) -> bool:
    """`(+ acc amount)` to an accumulator whose check is deferred."""
    if var not in g.unchecked:
        return False
    assert isinstance(arg, ir.Call)
    amount = arg.args[1] if isinstance(arg.args[0], ir.Ref) and arg.args[0].var is var else arg.args[0]
    g.block.append(g.place(ast.AugAssign(g.target(var.ident), ast.Add(), g.expr(amount))))
    return True


def _all_at_once(g: Generator, pending: list[Update]) -> None:
    if len(pending) == 1:
        _run_one(g, *pending[0])
        return
    targets: list[str] = []
    sources: list[ir.Node] = []
    stores: list[tuple[ir.Node, str, str, str]] = []
    for var, arg in pending:
        owned = setter(arg, var) if var in g.owned else None
        if owned is None:
            targets.append(var.ident)
            sources.append(arg)
        else:
            key, value = g.temporary(), g.temporary()
            targets += [key, value]
            sources += owned.args[1:]
            stores.append((owned, var.ident, key, value))
    values = g.exprs(sources)
    names: list[ast.expr] = [g.target(ident) for ident in targets]
    g.block.append(g.place(ast.Assign([g.place(ast.Tuple(names, ast.Store()))], g.tuple_of(values))))
    around = g.here
    for call, ident, key, value in stores:
        g.here = g.locator.position(call.start, call.end)
        g.block.append(g.store_item(g.name(ident), g.call("to_key", g.name(key)), g.name(value)))
    g.here = around
