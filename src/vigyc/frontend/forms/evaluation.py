"""From `eval macroexpand macroexpand-1` to IR: data that becomes code while the program runs."""

from __future__ import annotations

from vigyc.frontend.analyser import Analyser, Handler
from vigyc.frontend.scope import Frame
from vigyc.lang import ir
from vigyc.lang.datum import ListForm


def analyse_eval(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(eval form)`: the code sees every variable that is visible here, and may define and set them."""
    if len(form.items) != 2:
        return a.malformed("eval", "expected (eval form)", form)
    data = a.analyse(form.items[1])
    scopes: list[tuple[ir.Var, dict[str, ir.Var]]] = []
    seen: set[str] = set()
    frame: Frame | None = a.frame
    while frame is not None:
        assert frame.dynamic is not None
        fresh = {name: var for name, var in frame.vars.items() if name not in seen}
        seen.update(fresh)
        for var in fresh.values():
            var.sets += 1
            var.uses += 1
        scopes.append((frame.dynamic, fresh))
        frame = frame.parent
    return ir.Eval("eval", data, scopes, form.start, form.end)


def analyse_macroexpand(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(macroexpand form)` and `(macroexpand-1 form)`."""
    name = form.items[0].value.name  # type: ignore[attr-defined]
    if len(form.items) != 2:
        return a.malformed(name, "expected (macroexpand[-1] form)", form)
    return ir.Eval(name, a.analyse(form.items[1]), [], form.start, form.end)


HANDLERS: dict[str, Handler] = {
    "eval": analyse_eval,
    "macroexpand": analyse_macroexpand,
    "macroexpand-1": analyse_macroexpand,
}
