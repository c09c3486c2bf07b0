"""From definitions to known functions: which variables always hold one function, and how it is used.

A *known* function is the value of a variable that is given a value once and never `set!`. It *escapes* when the
variable is used otherwise than in operator position; then anything may call it.
"""

from __future__ import annotations

from vigyc.lang import ir
from vigyc.lang.walk import children, targets

# Builtins that call their function argument before they return and do not keep it.
DOWNWARD = frozenset(
    [
        "apply",
        "map",
        "filter",
        "remove",
        "for-each",
        "foldl",
        "foldr",
        "reduce",
        "scan-left",
        "find",
        "find-index",
        "some",
        "any?",
        "every?",
        "count-if",
        "take-while",
        "drop-while",
        "partition",
        "group-by",
        "sort-by",
        "sort-by-key",
        "iterate",
        "repeatedly",
        "hash-map-update",
        "update-in",
        "max-by",
        "min-by",
        "group-by-into-map",
    ]
)


# Builtins that loop over one list: how many parameters their function takes, and how many arguments they themselves.
LOOPS = {
    **dict.fromkeys(("map", "filter", "remove", "for-each", "any?", "every?", "find", "some", "count-if"), (1, 2)),
    **dict.fromkeys(("foldl", "reduce"), (2, 3)),
}


def loop_parameters(name: str, count: int) -> int | None:
    """How many parameters the function takes that builtin `name` loops with; None if that call is no loop."""
    parameters, arguments = LOOPS.get(name, (None, 0))
    return parameters if count == arguments else None


def find_known(program: ir.Program) -> None:
    """Fill in `Var.known`, `Function.calls`, `Function.escapes` and `Lambda.downward` for a whole program."""
    roots: list[ir.Node] = [program.function.body, *(node for _, node in program.exports)]
    seen: list[ir.Node] = []
    while roots:
        _scan(roots.pop(), seen, roots)
    for node in seen:
        if isinstance(node, ir.Call):
            _note_call(node)
        elif isinstance(node, ir.Ref) and node.var.known is not None:
            node.var.known.escapes = True
    for node in seen:
        if isinstance(node, ir.Call):
            called = node.args[0] if _loops_with_a_variable(node) else node.fn
            if isinstance(called, ir.Ref) and called.var.known is not None:
                called.var.known.calls += 1


def _scan(root: ir.Node, seen: list[ir.Node], roots: list[ir.Node]) -> None:
    """Collect the nodes below `root`; a callee's own Ref is left out, so that what remains escapes."""
    stack = [root]
    while stack:
        node = stack.pop()
        seen.append(node)
        kind = node.__class__
        if kind is ir.Lambda or kind is ir.Delay:
            roots.append(node.function.body)  # type: ignore[attr-defined]
        elif kind is ir.Call and node.fn.__class__ is ir.Ref and node.fn.alt is None:  # type: ignore[attr-defined]
            stack.extend(node.args)  # type: ignore[attr-defined]
        elif kind is ir.Call and _loops_with_a_variable(node):
            stack.extend(node.args[1:])  # type: ignore[attr-defined]
        elif kind is ir.Assign:
            _note_definition(node.var, node.value)  # type: ignore[attr-defined]
            stack.append(node.value)  # type: ignore[attr-defined]
            if node.alt is not None:  # type: ignore[attr-defined]
                stack.append(node.alt)  # type: ignore[attr-defined]
        else:
            if kind is ir.Bind:
                for var, init in zip(node.vars, node.inits, strict=True):  # type: ignore[attr-defined]
                    _note_definition(var, init)
            stack.extend(children(node))


def _loops_with_a_variable(node: ir.Node) -> bool:
    """Whether `node` becomes a loop that calls the function a variable holds: that is a call, not an escape."""
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and node.args):
        return False
    fn = node.args[0]
    if not (isinstance(fn, ir.Ref) and fn.sure and fn.var.constant):
        return False
    return loop_parameters(node.fn.name, len(node.args)) is not None


def _note_definition(var: ir.Var, value: ir.Node) -> None:
    if not var.constant or var.is_param:
        return
    var.init = value
    if isinstance(value, ir.Lambda):
        var.known = value.function


def _note_call(node: ir.Call) -> None:
    if isinstance(node.fn, ir.Builtin) and node.fn.name in DOWNWARD:
        for arg in node.args:
            if isinstance(arg, ir.Lambda):
                arg.downward = True
    elif isinstance(node.fn, ir.Lambda):
        node.fn.downward = True


def keeps_variables(function: ir.Function, root: ir.Node) -> bool:
    """Whether a closure made below `root` may outlive it and holds on to a variable of `function`."""
    return any(_escapes_with(node, function) for node in _closures(root))


def _closures(root: ir.Node) -> list[ir.Lambda | ir.Delay]:
    found: list[ir.Lambda | ir.Delay] = []
    stack: list[tuple[ir.Node, bool]] = [(root, False)]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, ir.Delay):
            found.append(node)
        elif isinstance(node, ir.Lambda):
            if node.downward or (bound and not node.function.escapes):
                stack.append((node.function.body, False))
            else:
                found.append(node)
        elif isinstance(node, ir.Assign):
            stack.append((node.value, node.var.known is not None))
        elif isinstance(node, ir.Bind):
            stack.extend((init, var.known is not None) for var, init in zip(node.vars, node.inits, strict=True))
            stack.append((node.body, False))
        else:
            stack.extend((child, False) for child in children(node))
    return found


def _escapes_with(node: ir.Lambda | ir.Delay, function: ir.Function) -> bool:
    stack = [node.function.body]
    while stack:
        inner = stack.pop()
        if isinstance(inner, ir.Ref) and inner.var.function is function:
            return True
        if isinstance(inner, ir.Assign) and any(var.function is function for var in targets(inner)):
            return True
        if isinstance(inner, (ir.Lambda, ir.Delay)):
            stack.append(inner.function.body)
        else:
            stack.extend(children(inner))
    return False
