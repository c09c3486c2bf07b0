"""From rewritten IR to what each function closes over: free variables, writes to outer ones, use of the host.

Decides what is *hoisted*: made once at load, because it holds nothing of a tick. A top-level function is, when it
uses no host and only what is hoisted too, and nothing can run before its definition that would find it unbound
(decision D18).
"""

from __future__ import annotations

from collections.abc import Mapping

from vigyc.lang import ir
from vigyc.lang.abi import Signature
from vigyc.lang.walk import children, nodes, targets


def close(program: ir.Program, signatures: Mapping[str, Signature]) -> None:
    """Fill in `free`, `writes`, `uses_host`, `captured` and `hoisted` for the whole program."""
    top = program.function
    _Closer(signatures).function(top)
    for _, node in program.exports:
        if isinstance(node, ir.Ref):
            node.var.uses += 1
    if not program.dynamic:
        _hoist(program)


class _Closer:
    def __init__(self, signatures: Mapping[str, Signature]) -> None:
        self.signatures = signatures

    def function(self, function: ir.Function) -> None:
        """Everything below `function`, nested functions first."""
        stack: list[ir.Node] = [function.body]
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ir.Ref:
                self._touch(function, node.var, write=False)  # type: ignore[attr-defined]
            elif kind is ir.Assign:
                for var in targets(node):  # type: ignore[arg-type]
                    self._touch(function, var, write=True)
            elif kind is ir.Bind:
                for var in node.vars:  # type: ignore[attr-defined]
                    var.bound = True
            elif kind is ir.Builtin:
                function.uses_host |= self.signatures[node.name].host  # type: ignore[attr-defined]
            elif kind is ir.Lambda or kind is ir.Delay:
                self._nested(function, node.function)  # type: ignore[attr-defined]
                continue
            else:
                self._other(function, node)
            stack.extend(children(node))

    def _other(self, function: ir.Function, node: ir.Node) -> None:
        if isinstance(node, (ir.Eval, ir.Require)):
            function.uses_host = True
        if isinstance(node, ir.Eval):
            for dynamic, variables in node.scopes:
                self._touch(function, dynamic, write=False)
                for var in variables.values():
                    self._touch(function, var, write=False)
        elif isinstance(node, (ir.Lookup, ir.DynamicSet)):
            for var in node.frames:
                self._touch(function, var, write=False)
        elif isinstance(node, ir.Require):
            for _, var in (*node.exports, *node.refers):
                self._touch(function, var, write=True)

    def _nested(self, function: ir.Function, inner: ir.Function) -> None:
        self.function(inner)
        for var in inner.free:
            if var.function is not function:
                self._touch(function, var, write=var in inner.writes)
        function.uses_host |= inner.uses_host

    @staticmethod
    def _touch(function: ir.Function, var: ir.Var, *, write: bool) -> None:
        if var.function is function:
            var.bound = var.bound or write
        else:
            function.free.add(var)
            var.captured = True
            if write:
                function.writes.add(var)


def _hoist(program: ir.Program) -> None:
    top = program.function
    forms = top.body.items if isinstance(top.body, ir.Seq) else [top.body]
    candidates: dict[ir.Var, ir.Assign] = {}
    for form in forms:
        if isinstance(form, ir.Assign) and form.define and form.var.constant and not form.var.sentinel:
            value = form.value
            if isinstance(value, ir.Lambda) and form.var.known is not None:
                if not value.function.uses_host:
                    candidates[form.var] = form
            elif isinstance(value, (ir.Const, ir.Datum)):
                candidates[form.var] = form
    _drop_early(forms, candidates)
    changed = True
    while changed:
        changed = False
        for var, form in list(candidates.items()):
            if isinstance(form.value, ir.Lambda) and not form.value.function.free <= candidates.keys():
                del candidates[var]
                changed = True
    for form in candidates.values():
        if isinstance(form.value, ir.Lambda):
            form.value.function.hoisted = True
    for var in candidates:
        var.captured = False
        var.hoisted = True


def _drop_early(forms: list[ir.Node], candidates: dict[ir.Var, ir.Assign]) -> None:
    """Leave out what some form may use before its definition has run."""
    defined: set[ir.Var] = set()
    visited: set[int] = set()
    for form in forms:
        if isinstance(form, ir.Assign) and form.var in candidates:
            defined.add(form.var)
            continue
        stack: list[ir.Node] = [form]
        while stack:
            for node in nodes(stack.pop()):
                if isinstance(node, (ir.Lambda, ir.Delay)):
                    stack.append(node.function.body)
                elif isinstance(node, ir.Ref) and node.var in candidates:
                    if node.var not in defined:
                        del candidates[node.var]
                    elif id(node.var) not in visited:
                        visited.add(id(node.var))
                        stack.append(candidates[node.var].value)
