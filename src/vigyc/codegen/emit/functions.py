"""From `Lambda Delay Try Eval` to Python: the forms that hold code of their own."""

from __future__ import annotations

import ast

from vigyc.codegen.emit.place import Place
from vigyc.codegen.generator import Generator
from vigyc.lang import ir


def expr_lambda(g: Generator, node: ir.Lambda) -> ast.expr:
    """A closure: a `def` before the statement, then its name."""
    g.define_function(node.function, node.function.ident)
    return g.name(node.function.ident)


def expr_delay(g: Generator, node: ir.Delay) -> ast.expr:
    """A promise of a function without parameters."""
    g.define_function(node.function, node.function.ident)
    return g.call("promise", g.name(node.function.ident))


def run_try(g: Generator, node: ir.Try, place: Place) -> None:
    """`try ... except`; what was caught becomes a value of the language."""
    body = g.body_of(node.body, Place(place.kind, place.ident) if not place.leave else place)
    caught = g.temporary()
    value = g.call("caught", g.name(caught))

    def handle() -> None:
        made = g.list_of([value]) if node.var.boxed else value
        g.block.append(g.assign(node.var.ident, made))
        g.run(node.handler, place)

    handler = g.inside(handle)
    clause = g.place(ast.ExceptHandler(g.name("Exception"), caught, handler))
    g.block.append(g.place(ast.Try(body or [g.place(ast.Pass())], [clause], [], [])))


def expr_eval(g: Generator, node: ir.Eval) -> ast.expr:
    """`eval` and `macroexpand`, with the frames that the code can see."""
    form = g.expr(node.form)
    scopes: list[ast.expr] = []
    for dynamic, variables in node.scopes:
        names = [g.constant(name) for name in variables]
        boxes = [g.name(var.ident) for var in variables.values()]
        table = g.place(ast.Dict(list(names), boxes))
        scopes.append(g.tuple_of([g.name(dynamic.ident), table]))
    place = [g.constant(node.start), g.constant(node.end)]
    return g.call("evaluate", g.name("host"), g.constant(node.how), form, *place, *scopes)


EXPRESSIONS = {ir.Lambda: expr_lambda, ir.Delay: expr_delay, ir.Eval: expr_eval}
STATEMENTS = {ir.Try: run_try}
