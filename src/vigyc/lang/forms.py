"""From a special form's name to its shape: the table that the analyser, the expander and `vigyc check` share."""

from __future__ import annotations

from typing import Final

# The shape as an error message shows it.
SPECIAL_FORMS: Final[dict[str, str]] = {
    "quote": "(quote datum)",
    "quasiquote": "(quasiquote template)",
    "if": "(if test then else?)",
    "cond": "(cond (test body...)... (else body...)?)",
    "when": "(when test body...)",
    "unless": "(unless test body...)",
    "let": "(let ((name expr)...) body...)",
    "let*": "(let* ((name expr)...) body...)",
    "letrec": "(letrec ((name expr)...) body...)",
    "lambda": "(lambda (param... &rest rest?) body...)",
    "define": "(define name expr) or (define (name param...) body...)",
    "set!": "(set! name expr)",
    "begin": "(begin body...)",
    "and": "(and expr...)",
    "or": "(or expr...)",
    "not": "(not expr)",
    "try": "(try body... (catch (name) handler...))",
    "macroexpand-1": "(macroexpand-1 form)",
    "macroexpand": "(macroexpand form)",
    "delay": "(delay expr)",
    "eval": "(eval form)",
    "provide": "(provide name...)",
    "require": '(require "path" :as alias :refer (name...))',
}
