"""From IR to IR that says the same with fewer calls: loops in place of higher-order calls and of tail recursion.

Three rewrites, innermost function first. A higher-order builtin over one list takes its function's body in place
(`ir.Loop`). A tail call of the function itself becomes another round (`ir.Again`). A local function that is called from
one place alone moves there (`ir.Enter`, or a plain `ir.Bind` when it does not loop).

What keeps them honest: a closure that may outlive a round and holds a variable of it would see the next round's
value, so where one is made (`functions.keeps_variables`) nothing is rewritten. Dynamic programs are left alone.
"""

from __future__ import annotations

from vigyc.codegen.entries import take_apart
from vigyc.codegen.functions import LOOPS, find_known, keeps_variables, loop_parameters
from vigyc.lang import ir
from vigyc.lang.walk import children, deep_nodes, map_children, nodes


def optimise(program: ir.Program) -> None:
    """Rewrite `program` in place and fill in what is known of its functions."""
    if program.dynamic:
        for function in _all_functions(program):
            for var in (*function.params, *function.locals, *([function.rest] if function.rest else [])):
                var.boxed = bool(var.name)
        return
    find_known(program)
    _Rewriter().function(program.function)


def _all_functions(program: ir.Program) -> list[ir.Function]:
    found = [program.function]
    for node in deep_nodes(program.function.body):
        if isinstance(node, (ir.Lambda, ir.Delay)):
            found.append(node.function)
    return found


class _Rewriter:
    """One walk over the program, bodies of nested functions before what stands around them."""

    def __init__(self) -> None:
        self.owner: ir.Function | None = None

    def function(self, function: ir.Function) -> None:
        around, self.owner = self.owner, function
        function.body = self.rewrite(function.body)
        _place_local_functions(function)
        _mark_rounds(function)
        self.owner = around

    def rewrite(self, node: ir.Node) -> ir.Node:
        if isinstance(node, (ir.Lambda, ir.Delay)):
            self.function(node.function)
            return node
        map_children(node, self.rewrite)
        if isinstance(node, ir.Call):
            if isinstance(node.fn, ir.Builtin) and node.fn.name in LOOPS:
                return self._loop(node, node.fn.name)
            if isinstance(node.fn, ir.Lambda):
                return self._applied_lambda(node, node.fn.function)
        return node

    def _loop(self, node: ir.Call, kind: str) -> ir.Node:
        args = node.args
        count = loop_parameters(kind, len(args))
        if count is None:
            return node
        if kind == "reduce":
            kind = "foldl"
        assert self.owner is not None
        fn, source = args[0], args[-1]
        init = args[1] if kind == "foldl" else None
        placed = self._body_in_place(kind, fn, count, node)
        if placed is None:
            return node
        variables, body = placed
        loop = ir.Loop(kind, variables, source, init, body, node.start, node.end)
        take_apart(loop, self.owner)
        return loop

    def _body_in_place(self, kind: str, fn: ir.Node, count: int, call: ir.Call) -> tuple[list[ir.Var], ir.Node] | None:
        assert self.owner is not None
        if isinstance(fn, ir.Lambda):
            function = fn.function
            if not _movable(function, count):
                return None
            if kind in ("filter", "remove", "find") and not function.params[-1].constant:
                return None  # the element that is kept is not what the body makes of its variable
            if keeps_variables(function, function.body):
                return None
            _clear_tails(function.body)
            return adopt(function, self.owner), function.body
        if isinstance(fn, ir.Builtin) or (isinstance(fn, ir.Ref) and fn.sure and fn.var.constant):
            variables = [ir.Var(name, self.owner) for name in (("acc", "item") if count == 2 else ("item",))]
            for var in variables:
                var.defines = 1
            self.owner.locals += variables
            refs: list[ir.Node] = [ir.Ref(var, call.start, call.end) for var in variables]
            return variables, self.rewrite(ir.Call(fn, refs, call.start, call.end))
        return None

    def _applied_lambda(self, node: ir.Call, function: ir.Function) -> ir.Node:
        if not _movable(function, len(node.args)):
            return node
        if not node.tail:
            _clear_tails(function.body)
        assert self.owner is not None
        variables = adopt(function, self.owner)
        return ir.Bind(variables, node.args, function.body, node.start, node.end)


def _movable(function: ir.Function, count: int) -> bool:
    """Whether the body can stand where a call with `count` arguments stands, also if that is in a loop."""
    if function.outlined or function.rest is not None:
        return False
    if len(function.params) != count or len(set(function.params)) != count:
        return False
    return not any(var.unsure for var in function.locals)


def adopt(function: ir.Function, owner: ir.Function) -> list[ir.Var]:
    """Make the variables of `function`, whose body moves into `owner`, variables of `owner`; the parameters."""
    for var in (*function.params, *function.locals):
        var.function = owner
        if var.is_param:
            var.is_param = False
            var.defines += 1
    owner.locals += function.params
    owner.locals += function.locals
    for node in deep_nodes(function.body):
        if isinstance(node, (ir.Lambda, ir.Delay)) and node.function.parent is function:
            node.function.parent = owner
    return list(function.params)


def _clear_tails(body: ir.Node) -> None:
    for node in nodes(body):
        if isinstance(node, ir.Call):
            node.tail = False


# -- local functions ----------------------------------------------------------------------------------


def _place_local_functions(owner: ir.Function) -> None:
    """Move local functions that are called once, from `owner` itself, to where they are called."""
    candidates = _local_definitions(owner)
    if not candidates:
        return
    sites: dict[ir.Function, list[ir.Call]] = {}
    for node in deep_nodes(owner.body):
        if isinstance(node, ir.Call) and isinstance(node.fn, ir.Ref) and node.fn.var.known is not None:
            sites.setdefault(node.fn.var.known, []).append(node)
    here = {id(node) for node in nodes(owner.body)}
    placed: dict[int, ir.Function] = {}
    for var in candidates:
        function = var.known
        assert function is not None
        calls = sites.get(function, [])
        if len(calls) != 1 or id(calls[0]) not in here or not _fits(function, calls[0]):
            continue
        if any(isinstance(node, ir.Call) and node is calls[0] for node in deep_nodes(function.body)):
            continue
        placed[id(calls[0])] = function
    if placed:
        owner.body = _Placer(owner, placed).rewrite(owner.body)


def _local_definitions(owner: ir.Function) -> list[ir.Var]:
    found: list[ir.Var] = []
    for node in nodes(owner.body):
        if isinstance(node, ir.Bind):
            found += [var for var in node.vars if var.known is not None]
        elif isinstance(node, ir.Assign) and node.var.known is not None and owner.kind != "program":
            found.append(node.var)
    return found


def _fits(function: ir.Function, call: ir.Call) -> bool:
    if function.escapes or not _movable(function, len(call.args)):
        return False
    if not (isinstance(call.fn, ir.Ref) and call.fn.sure):
        return False
    return not any(isinstance(node, ir.Again) and node.function is not function for node in nodes(function.body))


class _Placer:
    """Takes the definitions of placed functions out and puts their bodies at the calls."""

    def __init__(self, owner: ir.Function, placed: dict[int, ir.Function]) -> None:
        self.owner = owner
        self.placed = placed
        self.gone = set(placed.values())

    def rewrite(self, node: ir.Node) -> ir.Node:
        if isinstance(node, (ir.Lambda, ir.Delay)):
            return node
        if isinstance(node, ir.Assign) and node.var.known in self.gone:
            node.var.uses = 0
            return ir.Const(None, node.start, node.end)
        if isinstance(node, ir.Bind):
            kept = [pair for pair in zip(node.vars, node.inits, strict=True) if pair[0].known not in self.gone]
            node.vars = [var for var, _ in kept]
            node.inits = [init for _, init in kept]
        function = self.placed.get(id(node))
        map_children(node, self.rewrite)
        if function is None:
            return node.body if isinstance(node, ir.Bind) and not node.vars else node
        assert isinstance(node, ir.Call)
        if not node.tail:
            _clear_tails(function.body)
        variables = adopt(function, self.owner)
        function.inlined = True
        function.body = self.rewrite(function.body)
        if not function.loops:
            return ir.Bind(variables, node.args, function.body, node.start, node.end)
        return ir.Enter(function, node.args, node.start, node.end)


# -- rounds -------------------------------------------------------------------------------------------


def _mark_rounds(function: ir.Function) -> None:
    """Turn the tail calls of `function` by itself into rounds of a loop, if all of them can be."""
    if function.kind != "lambda" or function.rest is not None:
        return
    calls = [node for node in nodes(function.body) if _calls_itself(node, function)]
    if not calls or keeps_variables(function, function.body):
        return
    if not _within_reach(function.body, function, 0):
        return
    function.body = _replace_calls(function.body, function)
    function.loops = True


def _calls_itself(node: ir.Node, function: ir.Function) -> bool:
    return (
        isinstance(node, ir.Call)
        and node.tail
        and isinstance(node.fn, ir.Ref)
        and node.fn.var.known is function
        and node.fn.alt is None
        and len(node.args) == len(function.params)
    )


def _within_reach(node: ir.Node, function: ir.Function, depth: int) -> bool:
    """Whether every such call stands in at most one loop of its own: Python's `break` leaves just one."""
    if _calls_itself(node, function) and depth > 1:
        return False
    if isinstance(node, ir.Enter):
        if not all(_within_reach(arg, function, depth) for arg in node.args):
            return False
        return _within_reach(node.function.body, function, depth + 1)
    return all(_within_reach(child, function, depth) for child in children(node))


def _replace_calls(node: ir.Node, function: ir.Function) -> ir.Node:
    if _calls_itself(node, function):
        assert isinstance(node, ir.Call)
        args = [_replace_calls(arg, function) for arg in node.args]
        return ir.Again(function, args, node.start, node.end)
    return map_children(node, lambda child: _replace_calls(child, function))
