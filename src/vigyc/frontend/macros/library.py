"""From a name to the library macro of that name: the table, with the shape each call must have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vigyc.frontend.macros import (
    arrows,
    bindings,
    call,
    case,
    contracts,
    laziness,
    loops,
    match,
    objects,
    records,
)
from vigyc.lang.datum import Form

LIBRARY: Final[dict[str, tuple[Callable[[call.Call], Form], str]]] = {
    "->": (arrows.thread_first, "(-> expr step...)"),
    "->1": (arrows.thread_first_once, "(->1 expr step)"),
    "->>": (arrows.thread_last, "(->> expr step...)"),
    "->>1": (arrows.thread_last_once, "(->>1 expr step)"),
    "when-let": (bindings.when_let, "(when-let (name expr) body...)"),
    "if-let": (bindings.if_let, "(if-let (name expr) then else)"),
    "unless-let": (bindings.unless_let, "(unless-let (name expr) body...)"),
    "dotimes": (loops.dotimes, "(dotimes (name count) body...)"),
    "dolist": (loops.dolist, "(dolist (name list) body...)"),
    "doseq": (loops.dolist, "(doseq (name list) body...)"),
    "while": (loops.while_loop, "(while test body...)"),
    "case": (case.case, "(case key ((literal...) body...)... (else body...)?)"),
    "match": (match.match, "(match expr (pattern body...)... (else body...)?)"),
    "assert": (contracts.assert_that, "(assert test message)"),
    "comment": (laziness.comment, "(comment anything...)"),
    "defflow": (objects.defflow, "(defflow name function...)"),
    "defsm": (objects.defsm, "(defsm name key value...)"),
    "defactor": (objects.defactor, "(defactor name state behavior)"),
    "defstrategy": (objects.defstrategy, "(defstrategy name key function...)"),
    "defvisitor": (objects.defvisitor, "(defvisitor name tag function...)"),
    "defcommand": (objects.defcommand, "(defcommand bus name (param...) body...)"),
    "defquery": (objects.defquery, "(defquery bus name (param...) body...)"),
    "define-record": (records.define_record, "(define-record name (field...))"),
    "defn-typed": (contracts.defn_typed, "(defn-typed name ((param type)...) -> type body...)"),
    "lazy-cons": (laziness.lazy_cons, "(lazy-cons head tail)"),
    "with-gensyms": (bindings.with_gensyms, "(with-gensyms (name...) body...)"),
}
