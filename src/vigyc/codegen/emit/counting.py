"""From a function that calls itself to a counted loop, if it is one.

It is one when its body first tests a parameter, which every round moves by a constant step, against a bound that stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigyc.codegen import types as t
from vigyc.codegen.generator import Generator
from vigyc.codegen.types import Type
from vigyc.lang import ir
from vigyc.lang.walk import nodes


@dataclass(slots=True)
class Counted:
    """A counted loop: `var` goes from where it is to `bound` (exclusive, after adding `shift`) by `step`.

    `move` is the form that moves it, in one of the rounds.
    """

    var: ir.Var
    bound: ir.Node
    shift: int
    step: int
    move: ir.Node
    inside: ir.Node
    exit: ir.Node


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
    move = rounds[0].args[function.params.index(var)]
    counted = Counted(var, bound, shifts[op], step, move, nil, nil)
    others = [arg for node in rounds for arg in node.args if arg is not move]
    if runs_over(g, counted) and not all(g.is_quiet(arg) for arg in others):
        return None  # the error comes before the others are evaluated
    return counted


def runs_over(g: Generator, counted: Counted) -> bool:
    """Whether the last step can take the variable past 64 bits."""
    bound, beyond = g.type_of(counted.bound), counted.shift + counted.step
    if counted.step > 0:
        return bound.hi + beyond - 1 > t.INT_MAX
    return bound.lo + beyond + 1 < t.INT_MIN


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


def deferred_sums(g: Generator, counted: Counted, function: ir.Function) -> list[ir.Var]:
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
