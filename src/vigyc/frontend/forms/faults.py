"""From `try` to IR: the body runs in the frame around; the handler has a frame with what was caught."""

from __future__ import annotations

from vigyc.frontend.analyser import Analyser, Handler
from vigyc.lang import ir
from vigyc.lang.datum import Atom, ListForm, Symbol

MAX_NESTED = 12  # `try` forms in one another before one becomes a function of its own


def analyse_try(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(try body... (catch (name) handler...))`."""
    if len(form.items) < 3:
        return a.malformed("try", "expected (try body... (catch (e) handler...))", form)
    clause = form.items[-1]
    if not isinstance(clause, ListForm):
        return a.malformed("try", "last form must be (catch (binding) handler...)", clause)
    head = clause.items[0] if clause.items else None
    if not (isinstance(head, Atom) and isinstance(head.value, Symbol) and head.value.name == "catch"):
        return a.malformed("try", "last form must be a (catch ...) clause", clause)
    if len(clause.items) < 3:
        return a.malformed("catch", "expected (catch (binding) handler...)", clause)
    binding = clause.items[1]
    if not isinstance(binding, ListForm):
        return a.malformed("catch", "binding must be a 1-element list (e)", binding)
    if len(binding.items) != 1:
        return a.malformed("catch", "binding must bind exactly one symbol", binding)
    name = binding.items[0]
    if not (isinstance(name, Atom) and isinstance(name.value, Symbol)):
        return a.malformed("catch", "binding must be a symbol", name)
    if a.tries % MAX_NESTED != MAX_NESTED - 1:
        return _try(a, form, clause, name.value.name)
    # Python nests no more than 20 blocks in one function, so every so often a function of its own goes in between.
    function = ir.Function("", a.function, form.start, form.end)
    function.outlined = True
    a.function = function
    function.body = _try(a, form, clause, name.value.name)
    assert function.parent is not None
    a.function = function.parent
    return ir.Call(ir.Lambda(function, form.start, form.end), [], form.start, form.end)


def _try(a: Analyser, form: ListForm, clause: ListForm, name: str) -> ir.Node:
    a.tries += 1
    mark = len(a.frame.journal)
    body = a.body(form.items[1:-1], False, form.start, form.end)
    a.frame.unset_since(mark)
    frame = a.open_frame(clause.items[2:])
    var = frame.bind(name)
    var.defines += 1
    handler = a.body(clause.items[2:], False, clause.start, clause.end)
    a.close_frame()
    a.tries -= 1
    return ir.Try(body, var, handler, form.start, form.end)


HANDLERS: dict[str, Handler] = {"try": analyse_try}
