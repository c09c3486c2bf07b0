"""From an `ir.Program` to the Python module that is compiled: the codegen passes in order.

    optimise -> close -> infer -> generate

The module defines what is hoisted and then `program(host)`, which returns the last form's value, or a module's exports.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vigyc.codegen.closures import close
from vigyc.codegen.emit import binding, calls, constants, control, functions, loops, rounds
from vigyc.codegen.generator import Generator
from vigyc.codegen.inference import infer
from vigyc.codegen.locations import Locator
from vigyc.codegen.naming import Names
from vigyc.codegen.optimiser import optimise
from vigyc.codegen.tails import Tails, recurses
from vigyc.lang import ir
from vigyc.lang.abi import PYTHON_NAMES, SUPPORT_NAMES, Signature
from vigyc.lang.walk import deep_nodes

EXPRESSIONS: dict[Any, Any] = {
    **constants.EXPRESSIONS,
    **control.EXPRESSIONS,
    **binding.EXPRESSIONS,
    **functions.EXPRESSIONS,
    **calls.EXPRESSIONS,
}
STATEMENTS: dict[Any, Any] = {
    **control.STATEMENTS,
    **binding.STATEMENTS,
    **functions.STATEMENTS,
    **calls.STATEMENTS,
    **loops.STATEMENTS,
    **rounds.STATEMENTS,
}

# What generated code may ask of an object: map reads, list appends, and the host's own buffers.
_BUFFERS = (
    "kv",
    "dirty",
    "deleted",
    "actions",
    "desired",
    "observed",
    "conditions",
    "logs",
    "trace",
    "metrics",
    "events",
)
ATTRIBUTES = frozenset({"get", "append", "add", "discard", "tick_start_ms", "tick_count", *_BUFFERS})
CONSTANTS = frozenset(name for name in SUPPORT_NAMES if not name.islower())
RESERVED = frozenset({*PYTHON_NAMES, *SUPPORT_NAMES, "host", "program"})


@dataclass(slots=True)
class Generated:
    """A generated module with what the runtime must know of it; see `lang.artifact.Artifact`."""

    module: ast.Module
    functions: dict[str, tuple[str, tuple[str, ...], str | None]]
    variables: dict[str, str]
    intrinsics: tuple[str, ...]
    deep: bool


def generate(
    program: ir.Program,
    signatures: Mapping[str, Signature],
    line_starts: list[int],
    *,
    is_module: bool = False,
) -> Generated:
    """The Python of a program whose names are resolved."""
    optimise(program)
    close(program, signatures)
    infer(program)
    every = _functions(program)
    children: dict[ir.Function | None, list[ir.Function]] = {}
    for function in every:
        children.setdefault(function.parent, []).append(function)
    names = Names({*RESERVED, *(signature.ident for signature in signatures.values())})
    program.function.ident = "program"
    names.assign(program, children)
    emitters = (EXPRESSIONS, STATEMENTS)
    g = Generator(names, Locator(line_starts), signatures, Tails(every), emitters, rounds.run_rounds)
    hoisted = _hoisted(g, program)
    body = g.program(program.function, program.exports if is_module else None)
    params = ["host", *(var.ident for var in program.function.params)]
    main = g.function_def("program", params, None, body)
    module = ast.Module([*g.prelude, *hoisted, main], [])
    return Generated(
        module, _table(names), dict(names.symbols), tuple(sorted(g.intrinsics)), recurses(program.function, every)
    )


def _functions(program: ir.Program) -> list[ir.Function]:
    """Every function that is emitted, outer ones first."""
    found = [program.function]
    for node in deep_nodes(program.function.body):
        if isinstance(node, (ir.Lambda, ir.Delay)):
            found.append(node.function)
    return found


def _hoisted(g: Generator, program: ir.Program) -> list[ast.stmt]:
    """The definitions that are made once, at load."""
    body = program.function.body

    def emit() -> None:
        for form in body.items if isinstance(body, ir.Seq) else [body]:
            if not (isinstance(form, ir.Assign) and form.var.hoisted):
                continue
            g.here = g.locator.position(form.start, form.end)
            if isinstance(form.value, ir.Lambda):
                g.define_function(form.value.function, form.var.ident)
            else:
                g.block.append(g.assign(form.var.ident, g.expr(form.value)))

    return g.inside(emit)


def _table(names: Names) -> dict[str, tuple[str, tuple[str, ...], str | None]]:
    table = {}
    for ident, function in names.functions.items():
        params = tuple(var.name for var in function.params)
        table[ident] = (function.name, params, function.rest.name if function.rest is not None else None)
    return table
