"""From IR to an indented outline of it, for people and goldens: one node a line, its own facts behind its name."""

from __future__ import annotations

from vigyc.lang import ir
from vigyc.lang.datum import Keyword, Symbol
from vigyc.lang.walk import children


def outline(program: ir.Program) -> str:
    """The whole program as an outline, nested functions in place."""
    lines: list[str] = []
    stack: list[tuple[int, ir.Node]] = [(0, program.function.body)]
    while stack:
        depth, node = stack.pop()
        lines.append("  " * depth + _line(node))
        below = [node.function.body] if isinstance(node, (ir.Lambda, ir.Delay)) else children(node)
        stack.extend((depth + 1, child) for child in reversed(below))
    return "\n".join(lines) + "\n"


def _line(node: ir.Node) -> str:
    name = node.__class__.__name__
    facts = _facts(node)
    return f"{name} {facts}" if facts else name


def _facts(node: ir.Node) -> str:
    if isinstance(node, ir.Const):
        return _constant(node.value)
    if isinstance(node, (ir.Builtin, ir.Lookup, ir.DynamicSet)):
        return node.name
    if isinstance(node, (ir.Ref, ir.Assign)):
        return node.var.name
    if isinstance(node, ir.Bind):
        return " ".join(var.name for var in node.vars)
    if isinstance(node, (ir.Lambda, ir.Enter, ir.Again)):
        rest = [f"&rest {node.function.rest.name}"] if node.function.rest is not None else []
        params = " ".join([*(var.name for var in node.function.params), *rest])
        return f"{node.function.name} ({params})".strip()
    if isinstance(node, ir.Loop):
        return f"{node.kind} {' '.join(var.name for var in node.vars)}"
    if isinstance(node, ir.Fail):
        return " ".join([node.kind, *(repr(arg) for arg in node.args)])
    if isinstance(node, ir.Require):
        return node.path
    if isinstance(node, ir.Call) and node.tail:
        return "tail"
    return ""


def _constant(value: object) -> str:
    if isinstance(value, Symbol):
        return f"'{value.name}"
    if isinstance(value, Keyword):
        return f":{value.name}"
    return "nil" if value is None else repr(value)
