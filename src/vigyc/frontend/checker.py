"""From what the analyser found to diagnostics: what is wrong, where, why, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from vigyc.frontend.analyser import Finding
from vigyc.lang import ir
from vigyc.lang.abi import Signature
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.lang.walk import deep_nodes

Notes = tuple[tuple[str, str], ...]

_BOOLEAN_COMPARATORS = frozenset(["<", ">", "<=", ">=", "="])


def diagnose(findings: Iterable[Finding], program: ir.Program, signatures: Mapping[str, Signature]) -> list[Diagnostic]:
    """Every finding as a diagnostic, and what can be said of the calls of known functions, in source order."""
    names = [var.name for var in program.visible] + list(signatures) + list(SPECIAL_FORMS)
    found = [_diagnostic(finding, names) for finding in findings]
    found += _wrong_calls(program)
    return sorted(set(found), key=lambda diagnostic: (diagnostic.start, diagnostic.end))


def _diagnostic(finding: Finding, names: list[str]) -> Diagnostic:
    start, end = finding.start, finding.end
    if finding.id == "unbound-name":
        name = str(finding.args[0])
        return Diagnostic(
            "unbound-name", f"nothing is bound to `{name}`", start, end, "unbound-symbol", notes=_suggest(name, names)
        )
    if finding.id == "wrong-arity":
        called, lo, hi, got = finding.args
        return _arity(str(called), lo, hi, got, start, end)  # type: ignore[arg-type]
    if finding.id == "ignored-forms":
        return Diagnostic(
            "ignored-forms",
            f"`define` of `{finding.args[0]}` takes one expression; this and what follows is ignored",
            start,
            end,
            "bad-special-form",
            "warning",
            (("help", "to evaluate several, wrap them in (begin ...)"),),
        )
    if finding.id == "failing-require":
        kind, message = map(str, finding.args)
        return Diagnostic("failing-require", message, start, end, kind)
    form, reason = finding.args
    shape = SPECIAL_FORMS.get(str(form))
    notes: Notes = (("shape", shape),) if shape is not None else ()
    return Diagnostic("malformed-form", f"malformed `{form}`: {reason}", start, end, "bad-special-form", notes=notes)


def _suggest(name: str, names: list[str]) -> Notes:
    if name in SPECIAL_FORMS:
        return (("help", f"`{name}` is a special form, which is no value: wrap it in a lambda"),)
    close = get_close_matches(name, names, n=1, cutoff=0.75)
    if close:
        return (("help", f"did you mean `{close[0]}`?"),)
    if name == "defmacro":
        return (("note", "macros are defined at the top level alone"),)
    return ()


def _arity(name: str, lo: int, hi: int | None, got: int, start: int, end: int) -> Diagnostic:
    return Diagnostic(
        "wrong-arity",
        f"`{name}` takes {_count(lo, hi)}, and this call gives {got}",
        start,
        end,
        "arity-mismatch",
    )


def _count(lo: int, hi: int | None) -> str:
    if hi is None:
        return f"at least {lo} argument{'s' * (lo != 1)}"
    if lo == hi:
        return f"{lo} argument{'s' * (lo != 1)}" if lo else "no arguments"
    return f"{lo} to {hi} arguments"


def _wrong_calls(program: ir.Program) -> Iterator[Diagnostic]:
    known: dict[ir.Var, ir.Function] = {}
    calls: list[ir.Call] = []
    for node in deep_nodes(program.function.body):
        if isinstance(node, ir.Assign) and isinstance(node.value, ir.Lambda) and node.var.constant:
            known[node.var] = node.value.function
        elif isinstance(node, ir.Bind):
            for var, init in zip(node.vars, node.inits, strict=True):
                if isinstance(init, ir.Lambda) and var.constant:
                    known[var] = init.function
        elif isinstance(node, ir.Call):
            calls.append(node)
    for call in calls:
        if isinstance(call.fn, ir.Ref) and call.fn.var in known and call.fn.alt is None:
            function = known[call.fn.var]
            lo, hi = len(function.params), None if function.rest is not None else len(function.params)
            if len(call.args) < lo or (hi is not None and len(call.args) > hi):
                yield _arity(call.fn.var.name, lo, hi, len(call.args), call.start, call.end)
        elif isinstance(call.fn, ir.Builtin) and call.fn.name == "sort-by" and call.args:
            name = _boolean_comparator(call.args[0])
            if name is not None:
                yield _sorts_backwards(call, name)


def _boolean_comparator(node: ir.Node) -> str | None:
    """The comparison that `node`, a comparator for `sort-by`, comes down to."""
    if isinstance(node, ir.Lambda) and isinstance(node.function.body, ir.Call):
        body = node.function.body
        if [arg.var for arg in body.args if isinstance(arg, ir.Ref)] == node.function.params:
            node = body.fn
    return node.name if isinstance(node, ir.Builtin) and node.name in _BOOLEAN_COMPARATORS else None


def _sorts_backwards(call: ir.Call, name: str) -> Diagnostic:
    order = {"<": "descending", "<=": "descending", ">": "ascending", ">=": "ascending"}.get(name, "no useful order")
    return Diagnostic(
        "boolean-comparator",
        f"`sort-by` with `{name}` sorts in {order} order: #t from the comparator means swap",
        call.start,
        call.end,
        "type-mismatch",
        "warning",
        (("help", "use `compare`, or `sort-by-key` with a key function"),),
    )
