"""From the code to the generated pages of the docs: `python docs/generate.py` writes them, `--check` compares.

`builtins.md` comes from the tables of the language and the docstrings of its functions, `cli.md` from the commands'
own help, `packs.md` and the packs' catalog from the packs, and the README's example of generated Python from the
compiler. Everything else is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from vigyc.effects import catalog
from vigyc.inspection import render_stage
from vigyc.service import reference
from vigyc.service.reference import pack_lines, rows
from vigyc.surfaces.cli.main import main as command

DOCS = Path(__file__).parent
NOTE = "<!-- Written by scripts/docs from the code; do not edit. -->"


def builtins_page() -> str:
    """docs/builtins.md."""
    out = [NOTE, "# Builtins", ""]
    out += ["Everything that is bound before a program begins. `[x]` may be left out, `x...` is any number.", ""]
    out += [
        "## Special forms",
        "",
        *rows(reference.forms()),
        "## Macros",
        "",
        *rows(reference.macros()),
        "## Functions",
        "",
    ]
    for title, entries in reference.functions().items():
        out += [f"### {title}", "", *rows(entries)]
    out += ["## Intrinsics", "", "What a tick can do; the six standard extensions.", ""]
    for title, entries in reference.intrinsics().items():
        out += [f"### {title}", "", *rows(entries)]
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
        out += pack_lines(name)
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
