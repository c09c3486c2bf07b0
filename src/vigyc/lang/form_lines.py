"""From a special form's name to a line of what it does, for the reference."""

from __future__ import annotations

from typing import Final

FORM_LINES: Final[dict[str, str]] = {
    "quote": "The datum itself, unevaluated; `'x` for short.",
    "quasiquote": "A template: `,x` is evaluated, `,@xs` is evaluated and spliced in. Levels are counted.",
    "if": "`then` or `else` (nil when left out), depending on `test`. Only nil and `#f` are false.",
    "cond": "The body of the first clause whose test holds; nil when none does, or when its body is empty.",
    "when": "The body if `test` holds, else nil.",
    "unless": "The body if `test` does not hold, else nil.",
    "let": "The body with the names bound; every value is evaluated before any name is.",
    "let*": "The same, one after the other: each value sees the names before it.",
    "letrec": "The same, all names visible in all values (nil until their turn), for functions that call each other.",
    "lambda": "A function. `&rest name` (or `. name`) takes what is left over.",
    "define": "Binds a name in the innermost body, `let` or program; the second form defines a function. Value nil.",
    "set!": "Changes the nearest binding of the name; an error when there is none. Value nil.",
    "begin": "The forms in order, the value of the last. No scope of its own.",
    "and": "The first false value, else the last one; `(and)` is `#t`. Stops early.",
    "or": "The first true value, else the last one; `(or)` is `#f`. Stops early.",
    "not": "`#t` for nil and `#f`, else `#f`.",
    "try": "The body; if it raises, the handler with `name` bound to the thrown value or an error value.",
    "macroexpand-1": "One step of expansion of the datum's head.",
    "macroexpand": "The datum with every macro expanded.",
    "delay": "A promise of the expression, run once by `force`.",
    "eval": "The datum as code, run where it stands: it sees and may define local names.",
    "provide": "In a module, at top level: the names it exports.",
    "require": "At top level: loads a module; binds `alias/name` for each of its exports, and the names in `:refer`.",
}
