"""From self tail calls to Python loops: `for i in range(...)` where the rounds are counted, `while True` otherwise.

A counted loop is one whose body first tests a parameter that every round moves by a constant step against a bound
that stays. Its own parameter is then the loop variable, and sums that only grow are checked once, after the loop.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from vigyc.codegen import types as t
from vigyc.codegen.emit.place import Place
from vigyc.codegen.emit.updates import run_updates
from vigyc.codegen.generator import Generator
from vigyc.codegen.ownership import owns_rounds
from vigyc.codegen.types import Type
from vigyc.lang import ir
from vigyc.lang.walk import nodes


@dataclass(slots=True)
class Counted:
    """A counted loop: `var` goes from where it is to `bound` (exclusive, after adding `shift`) by `step`."""

    var: ir.Var
    bound: ir.Node
    shift: int
    step: int
    inside: ir.Node
    exit: ir.Node


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
    first = block[0]
    goes_round = isinstance(first, ast.If) and not first.orelse and isinstance(first.body[-1], ast.Continue)
    if not (goes_round and isinstance(first, ast.If)) or len(block) < 2 or _breaks(first.body):
        g.block.append(g.place(ast.While(g.constant(True), block, [])))
        return
    if any(isinstance(inner, ast.Continue) for inner in _own_statements(block[1:])):
        g.block.append(g.place(ast.While(g.constant(True), block, [])))
        return
    body = first.body[:-1]
    strip_continue(body)
    g.block.append(g.place(ast.While(first.test, body or [g.place(ast.Pass())], [])))
    rest = block[1:]
    if isinstance(rest[-1], ast.Break):
        rest.pop()
    elif _breaks(rest) or not isinstance(rest[-1], ast.Return):
        g.block[-1] = g.place(ast.While(g.constant(True), block, []))
        return
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
    deferred = _deferred(g, counted, function)
    g.unchecked.update(deferred)
    block = g.body_of(counted.inside, leaving)
    g.unchecked.difference_update(deferred)
    strip_continue(block)
    del g.counters[function]
    g.loops.pop()
    after = g.inside(lambda: _after(g, counted, stop, deferred, place))
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


def _after(g: Generator, counted: Counted, stop: ast.expr, deferred: list[ir.Var], place: Place) -> None:
    """What the loop exits with: the counter stands where the test first failed."""
    for var in deferred:
        high = g.within(g.name("INT_MIN"), g.name(var.ident), g.name("INT_MAX"))
        g.block.append(g.branch(g.negation(high), [g.statement(g.call("overflow", g.constant("+")))], []))
    reads = any(isinstance(node, ir.Ref) and node.var is counted.var for node in nodes(counted.exit))
    if reads or counted.var.captured:
        ident = counted.var.ident
        behind = g.compare("<" if counted.step > 0 else ">", g.name(ident), _copy(g, stop))
        g.block.append(g.branch(behind, [g.assign(ident, _copy(g, stop))], []))
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


# -- recognition --------------------------------------------------------------------------------------

_EXIT_UP = {">": 1, ">=": 0, "=": 0}
_EXIT_DOWN = {"<": -1, "<=": 0, "=": 0}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}


def find_counted(g: Generator, function: ir.Function) -> Counted | None:
    """The counted loop that `function` is, if it is one."""
    body = function.body
    while isinstance(body, ir.Seq) and len(body.items) == 1:
        body = body.items[0]
    if not isinstance(body, ir.If):
        return None
    rounds = [node for node in nodes(body) if isinstance(node, ir.Again) and node.function is function]
    inside, exit_, test = body.other, body.then, body.test
    leaves_when = True
    if not any(node in rounds for node in nodes(inside)):
        inside, exit_, leaves_when = exit_, inside, False
    if any(node in rounds for node in nodes(exit_)):
        return None
    found = _comparison(test, leaves_when)
    if found is None:
        return None
    op, left, right = found
    for op_, var_node, bound in ((op, left, right), (_mirror(op), right, left)):
        counted = _match(g, function, op_, var_node, bound, rounds)
        if counted is not None:
            counted.inside, counted.exit = inside, exit_
            return counted
    return None


def _comparison(test: ir.Node, leaves_when: bool) -> tuple[str, ir.Node, ir.Node] | None:
    """The test as `left op right` that holds when the loop is left."""
    if isinstance(test, ir.Not):
        return _comparison(test.value, not leaves_when)
    if not (isinstance(test, ir.Call) and isinstance(test.fn, ir.Builtin)):
        return None
    name, args = test.fn.name, test.args
    if name == "zero?" and len(args) == 1:
        zero = ir.Const(0, test.start, test.end)
        zero.type = t.of_constant(0)
        name, args = "=", [args[0], zero]
    if len(args) != 2 or name not in ("<", ">", "<=", ">=", "="):
        return None
    if not leaves_when:
        if name == "=":
            return None
        name = _OPPOSITE[name]
    return name, args[0], args[1]


def _mirror(op: str) -> str:
    return {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)


def _match(
    g: Generator, function: ir.Function, op: str, var_node: ir.Node, bound: ir.Node, rounds: list[ir.Again]
) -> Counted | None:
    if not (isinstance(var_node, ir.Ref) and var_node.var in function.params and var_node.sure):
        return None
    var = var_node.var
    var_type, bound_type = var.type, g.type_of(bound)
    if not (isinstance(var_type, Type) and var_type.only(t.INT) and bound_type.only(t.INT) and var.constant):
        return None
    step = _step(var, function, rounds)
    if not step or not _stays(bound, function, rounds):
        return None
    shifts = _EXIT_UP if step > 0 else _EXIT_DOWN
    if op not in shifts or (op == "=" and not _reaches(function, var, bound_type, step)):
        return None
    nil = ir.Const(None, 0, 0)
    return Counted(var, bound, shifts[op], step, nil, nil)


def _step(var: ir.Var, function: ir.Function, rounds: list[ir.Again]) -> int:
    """By how much every round moves `var`; 0 when that is not one constant."""
    index = function.params.index(var)
    steps = {_step_of(node.args[index], var) for node in rounds}
    return steps.pop() if len(steps) == 1 else 0


def _step_of(node: ir.Node, var: ir.Var) -> int:
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin)):
        return 0
    name, args = node.fn.name, node.args
    if name in ("inc", "dec") and len(args) == 1 and isinstance(args[0], ir.Ref) and args[0].var is var:
        return 1 if name == "inc" else -1
    if name not in ("+", "-") or len(args) != 2:
        return 0
    first, second = args
    if name == "+" and isinstance(second, ir.Ref):
        first, second = second, first
    if not (isinstance(first, ir.Ref) and first.var is var and isinstance(second, ir.Const)):
        return 0
    amount = second.value
    if amount.__class__ is not int:
        return 0
    return amount if name == "+" else -amount


def _stays(bound: ir.Node, function: ir.Function, rounds: list[ir.Again]) -> bool:
    """Whether the bound is the same in every round."""
    if isinstance(bound, ir.Const):
        return True
    if not (isinstance(bound, ir.Ref) and bound.sure and bound.var.constant and bound.alt is None):
        return False
    if bound.var in function.params:
        index = function.params.index(bound.var)
        return all(_is_ref(node.args[index], bound.var) for node in rounds)
    return all(bound.var is not var for var in function.locals)


def _is_ref(node: ir.Node, var: ir.Var) -> bool:
    return isinstance(node, ir.Ref) and node.var is var


def _reaches(function: ir.Function, var: ir.Var, bound: Type, step: int) -> bool:
    """Whether a loop that is left at equality starts on the right side of it."""
    if step not in (1, -1) or not isinstance(function.entry, list):
        return False
    start = function.entry[function.params.index(var)]
    return bool(start.hi <= bound.lo if step > 0 else start.lo >= bound.hi)


def _deferred(g: Generator, counted: Counted, function: ir.Function) -> list[ir.Var]:
    """Sums that need no check in the loop: the body does nothing else, and each only grows, or only falls."""
    inside = counted.inside
    if not isinstance(inside, ir.Again) or inside.function is not function:
        return []
    found: list[ir.Var] = []
    for var, arg in zip(function.params, inside.args, strict=True):
        if var is counted.var or (isinstance(arg, ir.Ref) and arg.var is var):
            continue
        amount = _sum_of(g, arg, var)
        if amount is None or not _is_steady(amount, counted, function, inside):
            return []
        found.append(var)
    return found


def _is_steady(amount: ir.Node, counted: Counted, function: ir.Function, inside: ir.Again) -> bool:
    """Whether `amount` is a constant, the counter, or a variable that no round changes."""
    if not isinstance(amount, ir.Ref) or amount.var is counted.var or amount.var not in function.params:
        return True
    arg = inside.args[function.params.index(amount.var)]
    return isinstance(arg, ir.Ref) and arg.var is amount.var


def _sum_of(g: Generator, node: ir.Node, var: ir.Var) -> ir.Node | None:
    """What is added to `var` in `(+ var amount)`, when it is an integer of one sign that cannot fail."""
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and node.fn.name == "+"):
        return None
    if len(node.args) != 2 or not (isinstance(var.type, Type) and var.type.only(t.INT)):
        return None
    for at in (0, 1):
        own, amount = node.args[at], node.args[1 - at]
        if isinstance(own, ir.Ref) and own.var is var and isinstance(amount, (ir.Ref, ir.Const)):
            type_ = g.type_of(amount)
            if type_.only(t.INT) and (type_.lo >= 0 or type_.hi <= 0):
                return amount
    return None


STATEMENTS = {ir.Enter: run_enter, ir.Again: run_again}
