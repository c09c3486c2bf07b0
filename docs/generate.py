"""From the code to the generated pages of the docs: `python docs/generate.py` writes them, `--check` compares.

`builtins.md` comes from the tables of the language and the docstrings of its functions, `cli.md` from the commands'
own help, `packs.md` and the packs' catalog from the packs, and the README's example of generated Python from the
compiler. Everything else is written by hand.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

import vigyc
from vigyc.effects import catalog
from vigyc.effects.operation import READERS, REQUIRED, Operation
from vigyc.frontend.macros.library import LIBRARY
from vigyc.inspection import render_stage
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.runtime.library import NATIVES
from vigyc.surfaces.cli.main import main as command

DOCS = Path(__file__).parent
NOTE = "<!-- Written by scripts/docs from the code; do not edit. -->"

FORM_LINES = {
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

MACRO_LINES = {
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

FAMILIES = {
    "numbers": "Numbers",
    "transcendental": "Roots, powers, angles",
    "bits": "Bits",
    "comparison": "Comparison and equality",
    "predicates": "Predicates",
    "types": "Types",
    "lists": "Lists",
    "list_library": "More on lists",
    "ranges": "Ranges",
    "higher_order": "Functions over lists",
    "folds": "Folds",
    "sorting": "Sorting",
    "functions": "Functions that make functions",
    "decorations": "Decoration",
    "maps": "Maps",
    "map_library": "More on maps",
    "records": "Records",
    "strings": "Strings, symbols, keywords",
    "text": "Text",
    "output": "Output",
    "reading": "Reading",
    "error_values": "Errors",
    "promises": "Promises",
    "lazy": "Lazy sequences",
    "channels": "Channels",
    "fibers": "Fibers",
    "machines": "State machines",
    "transducers": "Transducers",
    "actors": "Actors",
    "subjects": "Subjects and subscribers",
    "buses": "Buses of commands and queries",
    "event_stores": "Event stores",
    "strategies": "Strategies",
    "visitors": "Visitors",
    "pipelines": "Pipelines",
}


def signature(name: str, function: Callable[..., object], host: bool) -> str:
    """How a call of `function` looks: `(name a [b] c...)`."""
    parameters = list(inspect.signature(function).parameters.values())[1 if host else 0 :]
    words = [name]
    for parameter in parameters:
        word = parameter.name.strip("_").replace("_", "-")
        if parameter.kind is parameter.VAR_POSITIONAL:
            words.append(f"{word}...")
        else:
            words.append(word if parameter.default is parameter.empty else f"[{word}]")
    return f"({' '.join(words)})"


def row(shape: str, text: str | None) -> str:
    """A line of a table; the docstring's paragraphs become sentences in one cell."""
    words = " ".join((text or "").split())
    shown = shape.replace("|", "\\|")
    return f"| `{shown}` | {words.replace('|', chr(92) + '|')} |"


def rows(entries: Iterable[tuple[str, str | None]]) -> list[str]:
    """A table of shapes and what they do."""
    return ["| call | what it does |", "|---|---|", *(row(shape, text) for shape, text in entries), ""]


def family(function: Any) -> str:
    """The module a builtin stands in, by its last name."""
    module: str = function.__module__
    return module.rsplit(".", 1)[-1]


def builtins_page() -> str:
    """docs/builtins.md."""
    out = [NOTE, "# Builtins", ""]
    out += ["Everything that is bound before a program begins. `[x]` may be left out, `x...` is any number.", ""]
    out += ["## Special forms", "", *rows((shape, FORM_LINES[name]) for name, shape in SPECIAL_FORMS.items())]
    out += ["## Macros", ""]
    macros = ((shape, MACRO_LINES[name]) for name, (_, shape) in LIBRARY.items())
    out += [*rows(macros), "## Functions", ""]
    found: dict[str, list[tuple[str, str | None]]] = {}
    for name, function in NATIVES.items():
        host = function.tatara.host  # type: ignore[attr-defined]
        entry = (signature(name, function, host), inspect.getdoc(function))
        found.setdefault(family(function), []).append(entry)
    ordered = [key for key in FAMILIES if key in found] + sorted(found.keys() - FAMILIES.keys())
    for key in ordered:
        out += [f"### {FAMILIES.get(key, key.replace('_', ' ').capitalize())}", "", *rows(found[key])]
    out += ["## Intrinsics", "", "What a tick can do; the six standard extensions.", ""]
    for extension in vigyc.standard_extensions():
        entries = [(signature(i.name, i.function, host=True), i.doc) for i in extension.intrinsics.values()]
        out += [f"### {extension.name}", "", *rows(entries)]
    return "\n".join(out).rstrip() + "\n"


def cli_page() -> str:
    """docs/cli.md."""
    out = [NOTE, "# The command `vigyc`", ""]
    waiting: list[tuple[str, click.Command]] = [("vigyc", command)]
    while waiting:
        name, entry = waiting.pop(0)
        settings = {**entry.context_settings, "terminal_width": 100, "max_content_width": 100}
        context = click.Context(entry, info_name=name, **settings)
        out += [f"## {name}", "", "```", entry.get_help(context), "```", ""]
        if isinstance(entry, click.Group):
            parts = [(f"{name} {key}", entry.get_command(context, key)) for key in entry.list_commands(context)]
            waiting = [(key, part) for key, part in parts if part is not None] + waiting
    return "\n".join(out).rstrip() + "\n"


def operation_signature(operation: Operation) -> str:
    """How a call of an operation of a pack looks."""
    words = [operation.name]
    for parameter in operation.parameters:
        word = parameter.name.strip("_").replace("_", "-")
        words.append(word if parameter.default is REQUIRED else f"[{word}]")
    return f"({' '.join(words)})"


def operation_lines(operation: Operation) -> list[str]:
    """What there is to know of an operation: a heading, its facts, its text, its options, its example."""
    facts = []
    if operation.is_effect:
        kinds = ", ".join(f"`{kind}`" for kind, _ in operation.needs)
        facts.append(f"needs {kinds}" if kinds else "needs no grant")
        facts.append("external" if operation.external else "stored with the run")
        if operation.changes:
            facts.append("not done in a dry run")
    facts.append("answers a result" if operation.answers == "result" else "answers the value")
    doc = "\n".join(inspect.cleandoc(operation.doc).splitlines())
    out = [f"#### `{operation_signature(operation)}`", "", f"*{'; '.join(facts)}*", "", doc, ""]
    if operation.options:
        given = [f"`:{name}` ({READERS[kind][0]})" for name, (kind, _) in operation.options.items()]
        out += [f"Options: {', '.join(given)}.", ""]
    return [*out, "```lisp", operation.example, "```", ""]


def packs_page() -> str:
    """docs/packs.md."""
    out = [NOTE, "# Packs", ""]
    out += [
        "Families of operations that every program can name. An *effect* reaches outside the program: it needs the",
        "grant of its kind, passes the gate and is recorded with the run ([effects.md](effects.md)). Others are pure.",
        "A *result* is `{:ok #t :value v}` or `{:ok #f :error e}`; see the pack [result](#result).",
        "",
    ]
    for name in catalog.PACKS:
        pack = catalog.pack(name)
        out += [f"## {name}", "", pack.doc, ""]
        for operation in pack.operations.values():
            out += operation_lines(operation)
    return "\n".join(out).rstrip() + "\n"


EXAMPLE = """\
(define (sum-to n total)
  (if (= n 0) total (sum-to (- n 1) (+ total n))))

(vigy-metric "sum" (sum-to 1000 0))
"""
BEGIN, END = "<!-- example: written by scripts/docs -->", "<!-- end of example -->"


def readme() -> str:
    """The README with its example as `vigyc compile` shows it now."""
    before, rest = (DOCS.parent / "README.md").read_text("utf-8").split(BEGIN)
    after = rest.split(END)[1]
    python = render_stage(EXAMPLE, "example.tatara", "python").strip()
    return f"{before}{BEGIN}\n\n```python\n{python}\n```\n\n{END}{after}"


PAGES: dict[str, Callable[[], str]] = {
    "docs/builtins.md": builtins_page,
    "docs/cli.md": cli_page,
    "docs/packs.md": packs_page,
    "src/vigyc/effects/catalog.txt": catalog.written,
    "README.md": readme,
}


def main(check: bool) -> int:
    """Write the pages, or with `check` say which are stale; the number of those."""
    stale = 0
    for name, make in PAGES.items():
        path, text = DOCS.parent / name, make()
        if check:
            if not path.exists() or path.read_text("utf-8") != text:
                print(f"{name} is not what the code says; run scripts/docs", file=sys.stderr)
                stale += 1
        else:
            path.write_text(text, "utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
