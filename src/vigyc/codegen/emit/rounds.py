"""From self tail calls to Python loops: `for i in range(...)` where the rounds are counted, `while True` otherwise.

A counted loop is one whose body first tests a parameter that every round moves by a constant step against a bound
that stays. Its own parameter is then the loop variable, and sums that only grow are checked once, after the loop.
"""

from __future__ import annotations

import ast

from vigyc.codegen.emit.counting import Counted, deferred_sums, find_counted, runs_over
from vigyc.codegen.emit.place import Place, variable
from vigyc.codegen.emit.updates import run_updates
from vigyc.codegen.generator import Generator
from vigyc.codegen.ownership import owns_rounds
from vigyc.lang import ir
from vigyc.lang.walk import nodes


def run_rounds(g: Generator, function: ir.Function, place: Place) -> None:
    """The body of `function`, which calls itself, as a loop; its parameters hold the first round's arguments."""
    owned = [var for var in function.params if owns_rounds(var, function)]
    for var in owned:
        g.block.append(g.assign(var.ident, g.call("own", g.name(var.ident), g.constant(0))))
        g.owned.add(var)
    counted = find_counted(g, function)
    g.loops.append(function)
    leaving = place if place.kind == "return" else Place(place.kind, place.ident, leave=True)
    if counted is None:
        block = g.body_of(function.body, leaving)
        strip_continue(block)
        _while(g, block)
        g.loops.pop()
    else:
        _run_counted(g, function, counted, place, leaving)
    for var in owned:
        g.owned.discard(var)


def _while(g: Generator, block: list[ast.stmt]) -> None:
    """`while True`, or `while test` where the loop does nothing but go round as long as the test holds."""
    if not block:
        block.append(g.place(ast.Pass()))
    first, rest = block[0], block[1:]
    goes_round = isinstance(first, ast.If) and not first.orelse and isinstance(first.body[-1], ast.Continue)
    if rest and isinstance(rest[-1], ast.Break):
        rest.pop()
        leaves = True
    else:
        leaves = bool(rest) and isinstance(rest[-1], ast.Return)
    plain = not any(isinstance(inner, (ast.Break, ast.Continue)) for inner in _own_statements(rest))
    if not (goes_round and isinstance(first, ast.If) and leaves and plain) or _breaks(first.body):
        g.block.append(g.place(ast.While(g.constant(True), block, [])))
        return
    body = first.body[:-1]
    strip_continue(body)
    g.block.append(g.place(ast.While(first.test, body or [g.place(ast.Pass())], [])))
    g.block += rest


def _breaks(block: list[ast.stmt]) -> bool:
    return any(isinstance(inner, ast.Break) for inner in _own_statements(block))


def strip_continue(block: list[ast.stmt]) -> None:
    """Take out a `continue` that would fall off the end of the loop anyway."""
    while block and isinstance(block[-1], ast.Continue):
        block.pop()
    if block and isinstance(block[-1], ast.If):
        last = block[-1]
        strip_continue(last.body)
        strip_continue(last.orelse)
        if not last.body:
            last.body.append(ast.copy_location(ast.Pass(), last))


def run_enter(g: Generator, node: ir.Enter, place: Place) -> None:
    """A local loop, entered here."""
    function = node.function
    run_updates(g, function.params, node.args, entering=True)
    run_rounds(g, function, place)


def run_again(g: Generator, node: ir.Again, place: Place) -> None:
    """One more round: the arguments become the parameters."""
    run_updates(g, node.function.params, node.args, skip=g.counters.get(node.function))
    here = g.loops[-1] is node.function
    g.block.append(g.place(ast.Continue() if here else ast.Break()))


def _run_counted(g: Generator, function: ir.Function, counted: Counted, place: Place, leaving: Place) -> None:
    var = counted.var
    bound = g.expr(counted.bound)
    if not isinstance(bound, (ast.Constant, ast.Name)):
        held = g.temporary()
        g.block.append(g.assign(held, bound))
        bound = g.name(held)
    stop = bound
    if counted.shift:
        stop = _shifted(g, bound, counted.shift)
    args = [g.name(var.ident), stop]
    if counted.step != 1:
        args.append(g.constant(counted.step) if counted.step > 0 else g.negative(g.constant(-counted.step)))
    g.counters[function] = var
    deferred = deferred_sums(g, counted, function)
    g.unchecked.update(deferred)
    block = g.body_of(counted.inside, leaving)
    g.unchecked.difference_update(deferred)
    strip_continue(block)
    del g.counters[function]
    g.loops.pop()
    after = g.inside(lambda: _after(g, function, counted, stop, deferred, place))
    leaves = any(isinstance(inner, ast.Break) for inner in _own_statements(block))
    loop = ast.For(g.target(var.ident), g.call("range", *args), block or [g.place(ast.Pass())], [])
    if leaves:
        loop.orelse = after
        g.block.append(g.place(loop))
    else:
        g.block.append(g.place(loop))
        g.block += after


def _own_statements(block: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of `block` that a `break` in would leave this loop: inner loops left out."""
    found: list[ast.stmt] = []
    stack = list(block)
    while stack:
        statement = stack.pop()
        found.append(statement)
        if isinstance(statement, ast.If):
            stack += statement.body + statement.orelse
        elif isinstance(statement, ast.Try):
            stack += statement.body + statement.handlers[0].body
        elif isinstance(statement, (ast.For, ast.While)):
            stack += statement.orelse
    return found


def _shifted(g: Generator, bound: ast.expr, shift: int) -> ast.expr:
    if isinstance(bound, ast.Constant):
        return g.constant(_number(bound) + shift)
    return g.binary("+" if shift > 0 else "-", bound, g.constant(abs(shift)))


def _after(
    g: Generator, function: ir.Function, counted: Counted, stop: ast.expr, deferred: list[ir.Var], place: Place
) -> None:
    """What the loop exits with: the counter stands where the test first failed."""
    around = g.here
    for var in deferred:
        assert isinstance(counted.inside, ir.Again)
        amount = counted.inside.args[function.params.index(var)]
        g.here = g.locator.position(amount.start, amount.end)
        high = g.within(g.name("INT_MIN"), g.name(var.ident), g.name("INT_MAX"))
        g.block.append(g.branch(g.negation(high), [g.statement(g.call("overflow", g.constant("+")))], []))
    g.here = around
    reads = any(isinstance(node, ir.Ref) and node.var is counted.var for node in nodes(counted.exit))
    over = runs_over(g, counted)
    if reads or counted.var.captured or over:
        ident = counted.var.ident
        behind = g.compare("<" if counted.step > 0 else ">", g.name(ident), _copy(g, stop))
        if counted.step in (1, -1) and not over:
            moved = [g.assign(ident, _copy(g, stop))]
        else:
            moved = g.body_of(counted.move, variable(ident))
        g.block.append(g.branch(behind, moved, []))
    g.run(counted.exit, place)


def _copy(g: Generator, node: ast.expr) -> ast.expr:
    if isinstance(node, ast.BinOp):
        amount = _number(node.right)
        return _shifted(g, _copy(g, node.left), amount if isinstance(node.op, ast.Add) else -amount)
    return g.again(node)


def _number(node: ast.expr) -> int:
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int)
    return node.value


STATEMENTS = {ir.Enter: run_enter, ir.Again: run_again}
