"""From `lambda` and `delay` to IR: the forms that make a function of their body."""

from __future__ import annotations

from collections.abc import Sequence

from vigyc.frontend.analyser import Analyser, Handler
from vigyc.frontend.scope import Frame
from vigyc.lang import ir
from vigyc.lang.datum import Atom, Form, ListForm, Symbol


def analyse_lambda(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(lambda (param... &rest rest?) body...)`."""
    if len(form.items) < 3:
        return a.malformed("lambda", "expected (lambda (params...) body...)", form)
    params = form.items[1]
    if isinstance(params, Atom) and params.value is None:
        params = ListForm([], params.start, params.end)  # what `()` in a macro's template has become
    if not isinstance(params, ListForm):
        return a.malformed("lambda", "params must be a list", params)
    return make_lambda(a, "", params.items, form.items[2:], params, form)


def make_lambda(
    a: Analyser, name: str, params: Sequence[Form], body: Sequence[Form], params_at: Form, form: Form
) -> ir.Node:
    """The closure of a parameter list and a body; `name` is what it was defined as, or empty."""
    read = _read_params(a, params, params_at)
    if isinstance(read, ir.Node):
        return read
    names, rest = read
    function = enter_function(a, name, body, form, "lambda")
    for param in names:
        var = ir.Var(param, function, is_param=True)
        function.params.append(var)
        _bind(a.frame, var)
    if rest is not None:
        function.rest = ir.Var(rest, function, is_param=True)
        _bind(a.frame, function.rest)
    function.body = a.body(body, True, form.start, form.end)
    leave_function(a, function)
    return ir.Lambda(function, form.start, form.end)


def _bind(frame: Frame, var: ir.Var) -> None:
    expected = frame.vars.get(var.name)
    if expected is not None and not expected.is_param:
        var.defines = expected.defines
    frame.vars[var.name] = var
    frame.is_set.add(var.name)


def _read_params(a: Analyser, params: Sequence[Form], at: Form) -> tuple[list[str], str | None] | ir.Node:
    names: list[str] = []
    for index, param in enumerate(params):
        if not (isinstance(param, Atom) and isinstance(param.value, Symbol)):
            return a.malformed("lambda", "param must be a symbol", param)
        name = param.value.name
        if name in ("&rest", "."):
            if index + 1 >= len(params):
                return a.malformed("lambda", "&rest needs a name", at)
            if index + 2 < len(params):
                return a.malformed("lambda", "&rest must be the last param", at)
            rest = params[index + 1]
            if not (isinstance(rest, Atom) and isinstance(rest.value, Symbol)):
                return a.malformed("lambda", "param must be a symbol", rest)
            return names, rest.value.name
        names.append(name)
    return names, None


def enter_function(a: Analyser, name: str, body: Sequence[Form], form: Form, kind: str) -> ir.Function:
    """Begin a function with a frame for `body`; end it with `leave_function`."""
    function = ir.Function(name, a.function, form.start, form.end, kind)
    a.function = function
    a.open_frame(body)
    return function


def leave_function(a: Analyser, function: ir.Function) -> None:
    """Back to the function around."""
    a.close_frame()
    assert function.parent is not None
    a.function = function.parent


def analyse_delay(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(delay expr)`."""
    if len(form.items) != 2:
        return a.malformed("delay", "expected (delay expr)", form)
    # The expression is evaluated in the frame around, so only the function changes.
    function = ir.Function("", a.function, form.start, form.end, "delay")
    a.function = function
    mark = len(a.frame.journal)
    function.body = a.analyse(form.items[1])
    a.frame.unset_since(mark)
    assert function.parent is not None
    a.function = function.parent
    return ir.Delay(function, form.start, form.end)


HANDLERS: dict[str, Handler] = {"lambda": analyse_lambda, "delay": analyse_delay}
