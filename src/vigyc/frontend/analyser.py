"""From expanded forms to IR: every name resolved, every malformed form turned into an error where it stands.

A mistake never stops the analysis (decision D13): it becomes an `ir.Fail` that raises if reached, and a finding for
`vigyc check`. A program that contains `eval` anywhere is *dynamic*: its variables live in boxes that evaluated code
can reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vigyc.frontend.scope import Frame, defined_names
from vigyc.lang import ir
from vigyc.lang.abi import Signature
from vigyc.lang.datum import Atom, BuiltinName, Form, ListForm, PrefixForm, Symbol, symbol
from vigyc.lang.flat import flatten

_CONSTANTS = {"nil": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake met on the way: `id` of the diagnostic, its arguments and its span."""

    id: str
    args: tuple[object, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ModuleLink:
    """What a `require` finds: the names the module exports and defines, or the error tag and message it fails with."""

    exports: tuple[str, ...] = ()
    defined: frozenset[str] = frozenset()
    failure: tuple[str, str] | None = None


Handler = Callable[["Analyser", ListForm, bool], ir.Node]


class Analyser:
    """The state of one analysis: the frame and function at this point, and the findings so far."""

    def __init__(
        self,
        signatures: Mapping[str, Signature],
        *,
        handlers: Mapping[str, Handler],
        link: Callable[[str], ModuleLink] | None = None,
        is_module: bool = False,
        dynamic: bool = False,
    ) -> None:
        self.signatures = signatures
        self.handlers = handlers
        self.link = link
        self.is_module = is_module
        self.dynamic = dynamic
        self.findings: list[Finding] = []
        self.requires: list[str] = []
        self.tries = 0
        self.provided: list[tuple[str, Form]] = []
        self.function = ir.Function("", None, 0, 0, "program")
        self.frame = Frame(self.function, None)

    # -- forms ------------------------------------------------------------------------------------

    def analyse(self, form: Form, tail: bool = False) -> ir.Node:
        """The meaning of one form; `tail`: its value is the value of the enclosing function."""
        kind = form.__class__
        if kind is ListForm:
            return self._analyse_list(form, tail)  # type: ignore[arg-type]
        if kind is Atom:
            value = form.value  # type: ignore[attr-defined]
            if value.__class__ is Symbol:
                return self.resolve(value.name, form.start, form.end)
            if value.__class__ is BuiltinName:
                return ir.Builtin(value.name, form.start, form.end)
            return ir.Const(value, form.start, form.end)
        assert isinstance(form, PrefixForm)
        if form.kind == "quote":
            return self.quoted(form.form, form.start, form.end)
        if form.kind == "quasiquote":
            return self.handlers["quasiquote"](self, _spelled_out(form), tail)
        return self.malformed(form.kind, f"{form.kind} outside of quasiquote", form)

    def _analyse_list(self, form: ListForm, tail: bool) -> ir.Node:
        items = form.items
        if not items:
            return ir.Const(None, form.start, form.end)
        head = items[0]
        if head.__class__ is Atom:
            value = head.value
            if value.__class__ is Symbol:
                handler = self.handlers.get(value.name)
                if handler is not None:
                    return handler(self, form, tail)
            elif value.__class__ is BuiltinName and value.name == "bad-form":
                name, reason = (item.value for item in items[1:3])  # type: ignore[attr-defined]
                return self.malformed(name, reason, form)
        fn = self.analyse(head)
        args = [self.analyse(item) for item in items[1:]]
        if fn.__class__ is ir.Builtin:
            signature = self.signatures[fn.name]
            if not signature.accepts(len(args)):
                self.find("wrong-arity", (signature.name, signature.lo, signature.hi, len(args)), form)
        return ir.Call(fn, args, form.start, form.end, tail=tail)

    def body(self, forms: Sequence[Form], tail: bool, start: int, end: int) -> ir.Node:
        """Forms in order in the present frame; nil when there are none."""
        if len(forms) == 1:
            return self.analyse(forms[0], tail)
        if not forms:
            return ir.Const(None, start, end)
        nodes = [self.analyse(form) for form in forms[:-1]]
        nodes.append(self.analyse(forms[-1], tail))
        return ir.Seq(nodes, start, end)

    def quoted(self, form: Form, start: int, end: int) -> ir.Node:
        """The datum of `form` as a constant."""
        if isinstance(form, Atom):
            value = form.value
            if isinstance(value, BuiltinName):
                return ir.Const(symbol(value.name), start, end)
            return ir.Const(value, start, end)
        return ir.Datum(flatten(form), start, end)

    # -- names ------------------------------------------------------------------------------------

    def resolve(self, name: str, start: int, end: int) -> ir.Node:
        """What `name` means here."""
        found = self._find(self.frame, name, [], start, end)
        if found.__class__ is ir.Fail:
            self.findings.append(Finding("unbound-name", (name,), start, end))
        return found

    def _find(self, frame: Frame | None, name: str, frames: list[ir.Var], start: int, end: int) -> ir.Node:
        while frame is not None:
            var = frame.vars.get(name)
            if var is not None:
                var.uses += 1
                if name in frame.is_set:
                    return self._seen(name, frames, ir.Ref(var, start, end), start, end)
                alt = self._find(frame.parent, name, [], start, end)
                ref = ir.Ref(var, start, end, None if alt.__class__ is ir.Fail else alt, sure=False)
                var.unsure = True
                if ref.alt is not None:
                    var.sentinel = True
                return self._seen(name, frames, ref, start, end)
            if frame.dynamic is not None:
                frames.append(frame.dynamic)
            frame = frame.parent
        return self._seen(name, frames, self._find_global(name, start, end), start, end)

    def _find_global(self, name: str, start: int, end: int) -> ir.Node:
        if name in self.signatures:
            return ir.Builtin(name, start, end)
        if name in _CONSTANTS:
            return ir.Const(_CONSTANTS[name], start, end)
        return ir.Fail("unbound-symbol", (name,), start, end)

    @staticmethod
    def _seen(name: str, frames: list[ir.Var], node: ir.Node, start: int, end: int) -> ir.Node:
        if not frames:
            return node
        return ir.Lookup(name, frames, node, start, end)

    def assign(self, name: str, value: ir.Node, form: Form, name_form: Form) -> ir.Node:
        """`set!` of the nearest binding of `name`."""
        return self._assign(self.frame, name, value, form, name_form)

    def _assign(self, frame: Frame | None, name: str, value: ir.Node, form: Form, at: Form) -> ir.Node:
        frames: list[ir.Var] = []
        while frame is not None:
            var = frame.vars.get(name)
            if var is not None:
                break
            if frame.dynamic is not None:
                frames.append(frame.dynamic)
            frame = frame.parent
        target: ir.Node
        if frame is None:
            target = ir.Fail("unbound-symbol", (name,), at.start, at.end)
            if name not in self.signatures:
                self.findings.append(Finding("unbound-name", (name,), at.start, at.end))
        else:
            assert var is not None
            var.sets += 1
            assign = ir.Assign(var, value, form.start, form.end, define=False)
            if name not in frame.is_set:
                var.sentinel = True
                assign.alt = self._assign(frame.parent, name, value, form, at)
            target = assign
        if frames:
            return ir.DynamicSet(name, frames, value, target, form.start, form.end)
        if isinstance(target, ir.Fail):
            return ir.Seq([value, target], form.start, form.end)
        return target

    # -- mistakes ---------------------------------------------------------------------------------

    def malformed(self, name: str, reason: str, at: Form) -> ir.Node:
        """Special form `name` is malformed: an error when reached, a finding now."""
        self.find("malformed-form", (name, reason), at)
        return ir.Fail("bad-special-form", (name, reason), at.start, at.end)

    def find(self, finding: str, args: tuple[object, ...], at: Form) -> None:
        """Remember a finding at a form."""
        self.findings.append(Finding(finding, args, at.start, at.end))

    # -- bodies -----------------------------------------------------------------------------------

    def open_frame(self, forms: Sequence[Form]) -> Frame:
        """Enter a frame for a body made of `forms`; leave it with `close_frame`."""
        self.frame = Frame(self.function, self.frame)
        self.furnish(self.frame, forms)
        return self.frame

    def furnish(self, frame: Frame, forms: Sequence[Form]) -> None:
        """Give `frame` the variables that `forms` define in it and, in a dynamic program, a dictionary for more."""
        if self.dynamic:
            frame.dynamic = ir.Var("", frame.function)
            frame.function.locals.append(frame.dynamic)
        frame.expect(defined_names(forms))

    def close_frame(self) -> None:
        """Back to the frame around."""
        assert self.frame.parent is not None
        self.frame = self.frame.parent


def _spelled_out(form: PrefixForm) -> ListForm:
    """`` `F `` as `(quasiquote F)`, in the same place."""
    return ListForm([Atom(symbol("quasiquote"), form.start, form.end), form.form], form.start, form.end)
