"""From `let let* letrec define set!` to IR: the forms that give names to values."""

from __future__ import annotations

from vigyc.frontend.analyser import Analyser, Handler
from vigyc.frontend.forms.functions import make_lambda
from vigyc.lang import ir
from vigyc.lang.datum import Atom, Form, ListForm, Symbol

Pairs = list[tuple[str, Form]]


def _read_bindings(a: Analyser, form: ListForm, name: str) -> Pairs | ir.Node:
    if len(form.items) < 3:
        return a.malformed(name, f"expected ({name} ((name expr)...) body...)", form)
    bindings = form.items[1]
    if not isinstance(bindings, ListForm):
        return a.malformed(name, "bindings must be a list", bindings)
    pairs: Pairs = []
    for binding in bindings.items:
        if not isinstance(binding, ListForm):
            return a.malformed(name, "each binding must be (name expr)", binding)
        if len(binding.items) != 2:
            return a.malformed(name, "binding must be exactly (name expr)", binding)
        target = binding.items[0]
        if not (isinstance(target, Atom) and isinstance(target.value, Symbol)):
            return a.malformed(name, "binding name must be a symbol", target)
        pairs.append((target.value.name, binding.items[1]))
    return pairs


def analyse_init(a: Analyser, name: str, form: Form) -> ir.Node:
    """An init expression; a lambda learns the name it is bound to."""
    node = a.analyse(form)
    if isinstance(node, ir.Lambda) and not node.function.name:
        node.function.name = name
    return node


def analyse_let(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(let ((name expr)...) body...)`: every init sees the outer names."""
    pairs = _read_bindings(a, form, "let")
    if isinstance(pairs, ir.Node):
        return pairs
    inits = [analyse_init(a, name, init) for name, init in pairs]
    frame = a.open_frame(form.items[2:])
    variables = [frame.bind(name) for name, _ in pairs]
    return _finish(a, variables, inits, form, tail)


def _finish(a: Analyser, variables: list[ir.Var], inits: list[ir.Node], form: ListForm, tail: bool) -> ir.Node:
    for var in variables:
        var.defines += 1
    body = a.body(form.items[2:], tail, form.start, form.end)
    a.close_frame()
    return ir.Bind(variables, inits, body, form.start, form.end)


def analyse_let_star(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(let* ((name expr)...) body...)`: every init sees the names before it."""
    pairs = _read_bindings(a, form, "let*")
    if isinstance(pairs, ir.Node):
        return pairs
    frame = a.open_frame(form.items[2:])
    variables: list[ir.Var] = []
    inits: list[ir.Node] = []
    for name, init in pairs:
        inits.append(analyse_init(a, name, init))
        if name in frame.is_set:
            frame.vars[name].sets += 1  # one frame: the same variable, and closures made before see the new value
            variables.append(frame.vars[name])
        else:
            variables.append(frame.bind(name))
    return _finish(a, variables, inits, form, tail)


def analyse_letrec(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(letrec ((name expr)...) body...)`: every init sees every name, nil until its turn."""
    pairs = _read_bindings(a, form, "letrec")
    if isinstance(pairs, ir.Node):
        return pairs
    frame = a.open_frame(form.items[2:])
    variables = [frame.bind(name) for name, _ in pairs]
    inits = [analyse_init(a, name, init) for name, init in pairs]
    for var in variables:
        var.defines += 1
    if all(isinstance(init, ir.Lambda) for init in inits):
        body = a.body(form.items[2:], tail, form.start, form.end)
        a.close_frame()
        return ir.Bind(variables, inits, body, form.start, form.end)
    nils: list[ir.Node] = [ir.Const(None, form.start, form.end) for _ in variables]
    stores: list[ir.Node] = []
    for var, init in zip(variables, inits, strict=True):
        var.sets += 1
        stores.append(ir.Assign(var, init, form.start, form.end, define=True))
    body = a.body(form.items[2:], tail, form.start, form.end)
    a.close_frame()
    return ir.Bind(variables, nils, ir.Seq([*stores, body], form.start, form.end), form.start, form.end)


def analyse_define(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(define name expr)` and `(define (name param...) body...)`."""
    items = form.items
    if len(items) < 3:
        return a.malformed("define", "expected (define name expr) or (define (name args) body)", form)
    target = items[1]
    if isinstance(target, ListForm):
        if not target.items:
            return a.malformed("define", "empty (name args) list", target)
        name_form = target.items[0]
        if not (isinstance(name_form, Atom) and isinstance(name_form.value, Symbol)):
            return a.malformed("define", "first item in (name args) must be a symbol", name_form)
        name = name_form.value.name
        _expect_function(a, name)
        value = make_lambda(a, name, target.items[1:], items[2:], target, form)
    elif isinstance(target, Atom) and isinstance(target.value, Symbol):
        name = target.value.name
        if _is_lambda(items[2]):
            _expect_function(a, name)
        value = analyse_init(a, name, items[2])
        if len(items) > 3:
            a.find("ignored-forms", (name,), items[3])
    else:
        return a.malformed("define", "second form must be a symbol or (name args) list", target)
    return define(a, name, value, form)


def _is_lambda(form: Form) -> bool:
    head = form.items[0] if isinstance(form, ListForm) and form.items else None
    return isinstance(head, Atom) and isinstance(head.value, Symbol) and head.value.name == "lambda"


def _expect_function(a: Analyser, name: str) -> None:
    """A function's body runs only after its definition, so there its own name is set."""
    frame = a.frame
    if name in frame.vars and name not in frame.is_set:
        frame.mark_set(name)
        frame.vars[name].sets -= 1


def define(a: Analyser, name: str, value: ir.Node, form: Form) -> ir.Node:
    """Bind `name` in the innermost frame from here on."""
    frame = a.frame
    if name not in frame.vars:
        if frame.evaluated and frame.dynamic is not None:
            return ir.DynamicSet(name, [frame.dynamic], value, None, form.start, form.end)
        frame.expect((name,))
    var = frame.vars[name]
    var.defines += 1
    if name in frame.is_set:
        var.sets += 1  # defined before, or about to be (`_expect_function`)
    else:
        frame.mark_set(name)
    return ir.Assign(var, value, form.start, form.end, define=True)


def analyse_set(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(set! name expr)`."""
    if len(form.items) != 3:
        return a.malformed("set!", "expected (set! name expr)", form)
    target = form.items[1]
    if not (isinstance(target, Atom) and isinstance(target.value, Symbol)):
        return a.malformed("set!", "first arg must be a symbol", target)
    value = a.analyse(form.items[2])
    return a.assign(target.value.name, value, form, target)


HANDLERS: dict[str, Handler] = {
    "let": analyse_let,
    "let*": analyse_let_star,
    "letrec": analyse_letrec,
    "define": analyse_define,
    "set!": analyse_set,
}
