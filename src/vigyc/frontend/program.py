"""From the forms of a whole text to an `ir.Program`: the top level, where modules are linked and macros are gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from vigyc.frontend.analyser import Analyser, Finding, ModuleLink
from vigyc.frontend.forms import binding, control, evaluation, faults, functions, modules, quoting
from vigyc.frontend.scope import Frame
from vigyc.lang import ir
from vigyc.lang.abi import Signature
from vigyc.lang.datum import Atom, Form, ListForm, Symbol, atoms

HANDLERS = {
    **control.HANDLERS,
    **binding.HANDLERS,
    **functions.HANDLERS,
    **faults.HANDLERS,
    **quoting.HANDLERS,
    **evaluation.HANDLERS,
    **modules.HANDLERS,
}


def analyse_program(
    forms: Sequence[Form],
    signatures: Mapping[str, Signature],
    *,
    link: Callable[[str], ModuleLink],
    is_module: bool = False,
    dynamic: bool = False,
) -> tuple[ir.Program, list[Finding]]:
    """The meaning of a whole text whose macros are expanded, and what is wrong in it.

    A program that mentions `eval` is `dynamic` whatever is asked for.
    """
    dynamic = dynamic or _mentions_eval(forms)
    a = Analyser(signatures, handlers=HANDLERS, link=link, is_module=is_module, dynamic=dynamic)
    end = forms[-1].end if forms else 0
    a.function.end = end
    a.furnish(a.frame, forms)
    nodes: list[ir.Node] = []
    for form in forms:
        nodes += _flat(_top_form(a, form))
    a.function.body = ir.Seq(nodes, 0, end) if nodes else ir.Const(None, 0, 0)
    program = ir.Program(a.function)
    program.dynamic = dynamic
    program.requires = a.requires
    program.visible = list(a.frame.vars.values())
    seen: dict[str, ir.Node] = {}
    for name, at in a.provided:
        seen[name] = a.resolve(name, at.start, at.end)
    program.exports = list(seen.items())
    return program, a.findings


def analyse_evaluated(
    form: Form, signatures: Mapping[str, Signature], scopes: Sequence[Sequence[str]]
) -> tuple[ir.Program, list[Finding]]:
    """Code made by `eval`: `scopes` are the names visible around it, innermost frame first.

    The function takes, frame by frame from the innermost, the dictionary of what evaluated code defined there and
    then the boxes of the named variables.
    """
    a = Analyser(signatures, handlers=HANDLERS, dynamic=True)
    function = a.function
    function.start, function.end = form.start, form.end
    frames: list[Frame] = []
    for names in scopes:
        frame = Frame(function, None)
        frame.evaluated = True
        frame.dynamic = ir.Var("", function, is_param=True)
        function.params.append(frame.dynamic)
        for name in names:
            var = ir.Var(name, function, is_param=True)
            var.sets += 1
            frame.vars[name] = var
            function.params.append(var)
        frames.append(frame)
    for frame, outer in pairwise(frames):
        frame.parent = outer
    if frames:
        a.frame = frames[0]
    function.body = a.analyse(form)
    program = ir.Program(function)
    program.dynamic = True
    return program, a.findings


def _flat(node: ir.Node) -> list[ir.Node]:
    """The forms of a top-level `begin` are top-level forms."""
    if isinstance(node, ir.Seq):
        return [inner for item in node.items for inner in _flat(item)]
    return [node]


def _top_form(a: Analyser, form: Form) -> ir.Node:
    if isinstance(form, ListForm) and form.items:
        head = form.items[0]
        if isinstance(head, Atom) and isinstance(head.value, Symbol):
            if head.value.name == "require":
                return modules.analyse_require(a, form)
            if head.value.name == "provide":
                return modules.analyse_provide(a, form)
    return a.analyse(form)


def _mentions_eval(forms: Sequence[Form]) -> bool:
    return any(isinstance(atom.value, Symbol) and atom.value.name == "eval" for atom in atoms(forms))
