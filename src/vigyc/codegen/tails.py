"""From the tail calls of a program to which must not grow the stack: those that can come back to where they started.

A tail call to a function that cannot, by tail calls alone, lead back here is an ordinary Python call: the stack grows
by one for good, and no more. Where it can (mutual recursion, calls of unknown functions in continuation style) the
caller *bounces*: it returns the call to be made, and a loop at the bottom makes it. A function value that is passed
around may be called by any call of an unknown function.
"""

from __future__ import annotations

from vigyc.codegen import types as t
from vigyc.codegen.types import Type
from vigyc.lang import ir
from vigyc.lang.walk import nodes


class Tails:
    """Which functions bounce, and which of their tail calls do."""

    def __init__(self, functions: list[ir.Function]) -> None:
        self.edges: dict[object, set[object]] = {"unknown": set()}
        for function in functions:
            targets: set[object] = set()
            self.edges[function] = targets
            for node in nodes(function.body):
                if isinstance(node, ir.Call) and node.tail and not isinstance(node.fn, ir.Builtin):
                    targets.add(self._target(node))
            if function.kind == "lambda" and (function.escapes or function.calls == 0):
                self.edges["unknown"].add(function)
        self._reach = {node: self._reachable(node) for node in self.edges}
        for function in functions:
            function.bounces = function.kind == "lambda" and any(
                function in self._reach[target] for target in self.edges[function]
            )

    @staticmethod
    def _target(node: ir.Call) -> object:
        if isinstance(node.fn, ir.Ref) and node.fn.var.known is not None and node.fn.alt is None:
            return node.fn.var.known
        return "unknown"

    def _reachable(self, start: object) -> set[object]:
        found: set[object] = set()
        stack = [start]
        while stack:
            for target in self.edges.get(stack.pop(), ()):
                if target not in found:
                    found.add(target)
                    stack.append(target)
        found.add(start)
        return found

    def bounces(self, function: ir.Function, node: ir.Call) -> bool:
        """Whether tail call `node` of `function` must not be made as a Python call."""
        return function.bounces and node.tail and function in self._reach[self._target(node)]


def recurses(program: ir.Function, functions: list[ir.Function]) -> bool:
    """Whether running `program` can nest Python calls without a bound that its text sets.

    A function is taken to call what it calls by name, the closures it makes, and, where it calls something unknown,
    every function that is passed around.
    """
    edges: dict[object, set[object]] = {"unknown": set()}
    for function in functions:
        targets: set[object] = set()
        edges[function] = targets
        if function is not program and (function.escapes or function.calls == 0):
            edges["unknown"].add(function)
        for node in nodes(function.body):
            if isinstance(node, (ir.Lambda, ir.Delay)):
                targets.add(node.function)
            elif isinstance(node, ir.Call):
                if not isinstance(node.fn, ir.Builtin):
                    targets.add(Tails._target(node))
                elif any(_may_be_called(arg) for arg in node.args):
                    targets.add("unknown")
    return _has_cycle(edges, program)


def _may_be_called(node: ir.Node) -> bool:
    """Whether a builtin that is given `node` may call it: a function, or an object or promise that holds one."""
    type_ = getattr(node, "type", None)  # code that nothing calls has no types
    return not isinstance(type_, Type) or type_.may(t.FUNCTION | t.OTHER | t.LIST | t.MAP)


def _has_cycle(edges: dict[object, set[object]], start: object) -> bool:
    state: dict[object, int] = {}
    stack: list[tuple[object, bool]] = [(start, False)]
    while stack:
        node, done = stack.pop()
        if done:
            state[node] = 2
            continue
        if state.get(node):
            continue
        state[node] = 1
        stack.append((node, True))
        for target in edges.get(node, ()):
            if state.get(target) == 1:
                return True
            if not state.get(target):
                stack.append((target, False))
    return False
