"""From a macro's name to a line of what it does, for the reference."""

from __future__ import annotations

from typing import Final

MACRO_LINES: Final[dict[str, str]] = {
    "->": "The value as first argument of each step in turn: `(-> 5 inc (- 1))` is `(- (inc 5) 1)`.",
    "->1": "One step of `->`.",
    "->>": "The value as last argument of each step in turn.",
    "->>1": "One step of `->>`.",
    "when-let": "The body with the name bound, if the value is true; else nil.",
    "if-let": "`then` if the value is true, else `else`; the name is bound in both.",
    "unless-let": "The body, if the value is false; else nil.",
    "dotimes": "The body with the name bound to 0, 1, ... up to `count`. Value nil.",
    "dolist": "The body with the name bound to each element in turn. Value nil.",
    "doseq": "Another name of `dolist`.",
    "while": "The body again and again while `test` holds. Value nil. Names defined in the body are new each time.",
    "case": "The body of the first clause that has a literal `equal?` to the key; a single literal needs no list.",
    "match": "The body of the first clause whose pattern fits, with its names bound; nil if none fits.",
    "assert": "Throws an `ex-info` with the message unless `test` holds; else nil.",
    "comment": "Nothing: nil.",
    "defflow": "Defines `name` as `(pipe function...)`.",
    "defsm": "Defines `name` as a state machine, see `make-sm`.",
    "defactor": "Defines `name` as an actor, see `make-actor`.",
    "defstrategy": "Defines `name` as a strategy, see `make-strategy`.",
    "defvisitor": "Defines `name` as a visitor, see `make-visitor`.",
    "defcommand": "Registers a function as a command of the bus.",
    "defquery": "Registers a function as a query of the bus.",
    "define-record": "Defines `make-NAME`, `NAME?`, `NAME->map`, and per field `NAME-FIELD` and `NAME-set-FIELD`.",
    "defn-typed": "Defines a function that checks its arguments and its result with `the`.",
    "lazy-cons": "A cell of a lazy sequence: the tail waits until it is asked for.",
    "with-gensyms": "The body, usually a template, with each name bound to a fresh symbol.",
}
