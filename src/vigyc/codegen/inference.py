"""From rewritten IR to types: every node learns what values it can have.

An abstract interpretation to a fixed point. A function's parameters hold what its callers pass (anything, when it
escapes), its result what its body gives; a function is looked at again when something it read has grown. Within a
function, tests and operations that succeeded narrow constant variables (`refinement`). Types only grow, and intervals
that keep growing are widened, so it ends.
"""

from __future__ import annotations

from collections.abc import Callable

from vigyc.codegen import types as t
from vigyc.codegen.builtin_types import EXPECTS, RESULTS, RULES, counted_up, field, with_fields
from vigyc.codegen.refinement import Env, refine
from vigyc.codegen.sums import bounded_sum
from vigyc.codegen.types import NEVER, Type, join, widen
from vigyc.lang import ir

_LOOP_RESULTS = {
    "for-each": t.NIL_TYPE,
    "any?": t.BOOL_TYPE,
    "every?": t.BOOL_TYPE,
    "count-if": t.SIZE_TYPE,
}


def infer(program: ir.Program) -> None:
    """Set `type` on every node and variable, `result` and `entry` on every function."""
    inference = Inference()
    inference.enqueue(program.function)
    if program.dynamic:
        for var in program.function.params:
            var.type = t.ANY
    inference.run()
    inference.current = program.function
    for _, node in program.exports:
        inference.infer(node, {})


# Builtins whose result depends on more than the types of their arguments.
_SPECIAL: dict[str, Callable[[ir.Call, list[Type], Type], Type]] = {
    **dict.fromkeys(("hash-map", "hash-map-set", "assoc"), with_fields),
    **dict.fromkeys(("hash-map-get", "get"), lambda node, args, result: field(node, args[0]) or result),
    "iterate": lambda node, args, result: counted_up(node, args) or result,
}


class Inference:
    """The fixed point under way: functions still to be looked at, and who has read what."""

    def __init__(self) -> None:
        self.queue: list[ir.Function] = []
        self.queued: set[ir.Function] = set()
        self.var_readers: dict[ir.Var, set[ir.Function]] = {}
        self.result_readers: dict[ir.Function, set[ir.Function]] = {}
        self.current: ir.Function | None = None
        self.active: set[ir.Function] = set()

    def enqueue(self, function: ir.Function) -> None:
        """Look at `function` (again)."""
        if function not in self.queued:
            self.queued.add(function)
            self.queue.append(function)

    def run(self) -> None:
        """To the fixed point."""
        while self.queue:
            function = self.queue.pop()
            if function in self.queued:
                self.settle(function)

    def settle(self, function: ir.Function) -> None:
        """Look at `function` until it no longer asks to be looked at; one that is under way is left to itself.

        What it calls is settled on the way, so that a caller mostly sees final results at once.
        """
        if function in self.active:
            return
        around, self.current = self.current, function
        self.active.add(function)
        self.queued.add(function)
        while function in self.queued:
            self.queued.discard(function)
            self._look_at(function)
        self.active.discard(function)
        self.current = around

    def _look_at(self, function: ir.Function) -> None:
        if function.kind != "program" and (function.escapes or function.kind == "delay"):
            for var in function.params:
                self.grow(var, t.ANY)
        if function.rest is not None:
            self.grow(function.rest, t.LIST_TYPE)
        result = widen(function.result or NEVER, self.infer(function.body, {}))  # type: ignore[arg-type]
        if result != function.result:
            function.result = result
            for reader in self.result_readers.get(function, ()):
                self.enqueue(reader)

    # -- variables --------------------------------------------------------------------------------

    def grow(self, var: ir.Var, value: Type) -> None:
        """`var` can also hold `value`."""
        old: Type = var.type or NEVER  # type: ignore[assignment]
        if var.boxed:
            value = t.ANY
        new = widen(old, value) if old.mask else value
        if new != old or var.type is None:
            var.type = new
            for reader in self.var_readers.get(var, ()):
                self.enqueue(reader)

    def read(self, var: ir.Var) -> Type:
        """What `var` can hold; the current function is told when that grows."""
        assert self.current is not None
        self.var_readers.setdefault(var, set()).add(self.current)
        if var.boxed:
            return t.ANY
        return var.type if var.type is not None else NEVER  # type: ignore[return-value]

    # -- nodes ------------------------------------------------------------------------------------

    def infer(self, node: ir.Node, env: Env) -> Type:
        """The type of `node`, noted on it; `env` is narrowed by what evaluating it shows."""
        result = _INFER[node.__class__](self, node, env)
        node.type = result
        return result

    def _constant(self, node: ir.Const, env: Env) -> Type:
        return t.of_constant(node.value)

    def _datum(self, node: ir.Datum, env: Env) -> Type:
        return t.LIST_TYPE if node.flat[-1] != ("l", 0) else Type(t.EMPTY)

    def _ref(self, node: ir.Ref, env: Env) -> Type:
        found = env.get(node.var)
        if found is None:
            found = self.read(node.var)
        if node.var.known is not None:
            found = t.FUNCTION_TYPE
            if node.var.known.escapes:
                self.enqueue_once(node.var.known)
        if node.alt is not None:
            found = join(found, self.infer(node.alt, env))
        return found

    def enqueue_once(self, function: ir.Function) -> None:
        """Look at a function that something may call."""
        if function.result is None:
            self.enqueue(function)

    def _lookup(self, node: ir.Lookup, env: Env) -> Type:
        if node.alt is not None:
            self.infer(node.alt, env)
        return t.ANY

    def _call(self, node: ir.Call, env: Env) -> Type:
        fn = node.fn
        if fn.__class__ is ir.Builtin:
            fn.type = t.FUNCTION_TYPE
            return self._builtin_call(node, fn.name, env)
        if fn.__class__ is ir.Ref and fn.var.known is not None and fn.alt is None:
            fn.type = t.FUNCTION_TYPE
            return self._known_call(node, fn.var.known, env)
        self.infer(fn, env)
        for arg in node.args:
            self.infer(arg, env)
        return t.ANY

    def _known_call(self, node: ir.Call, function: ir.Function, env: Env) -> Type:
        args = [self.infer(arg, env) for arg in node.args]
        params = function.params
        if len(args) < len(params) or (len(args) > len(params) and function.rest is None):
            return NEVER
        for var, arg in zip(params, args, strict=False):
            self.grow(var, arg)
        entry: list[Type] = function.entry or [NEVER] * len(params)  # type: ignore[assignment]
        function.entry = [join(old, arg) for old, arg in zip(entry, args, strict=False)]
        assert self.current is not None
        self.result_readers.setdefault(function, set()).add(self.current)
        if function.result is None or function in self.queued:
            self.settle(function)
        return function.result or NEVER  # type: ignore[return-value]

    def _builtin_call(self, node: ir.Call, name: str, env: Env) -> Type:
        args = [self.infer(arg, env) for arg in node.args]
        if any(not arg.mask for arg in args):
            return NEVER
        expects = EXPECTS.get(name)
        if expects is not None:
            for index, arg in enumerate(node.args):
                mask = expects[min(index, len(expects) - 1)]
                if mask != t.ALL and arg.__class__ is ir.Ref and arg.var.constant:
                    env[arg.var] = args[index].narrow(mask)
        rule = RULES.get(name)
        if rule is None:
            return RESULTS.get(name, t.ANY)
        try:
            return _SPECIAL[name](node, args, rule(args)) if name in _SPECIAL else rule(args)
        except (IndexError, ValueError):  # a wrong number of arguments, which the call itself reports
            return t.ANY

    def _branch(self, node: ir.If, env: Env) -> Type:
        test = self.infer(node.test, env)
        then_env, other_env = dict(env), dict(env)
        refine(node.test, then_env, True)
        refine(node.test, other_env, False)
        then = self.infer(node.then, then_env) if test.may(t.ALL & ~t.FALSY) else self._unreached(node.then, then_env)
        other = self.infer(node.other, other_env) if test.may(t.FALSY) else self._unreached(node.other, other_env)
        if not then.mask:
            env.update(other_env)
        elif not other.mask:
            env.update(then_env)
        return join(then, other)

    def _unreached(self, node: ir.Node, env: Env) -> Type:
        self.infer(node, env)
        return NEVER

    def _sequence(self, node: ir.Seq, env: Env) -> Type:
        result = NEVER
        for item in node.items:
            result = self.infer(item, env)
        return result

    def _bind(self, node: ir.Bind, env: Env) -> Type:
        for var, init in zip(node.vars, node.inits, strict=True):
            value = self.infer(init, env)
            self.grow(var, value)
            if var.constant and var.known is None:
                env[var] = value
        return self.infer(node.body, env)

    def _closure(self, node: ir.Lambda, env: Env) -> Type:
        if not self._is_known(node):
            node.function.escapes = True
            self.enqueue_once(node.function)
        return t.FUNCTION_TYPE

    @staticmethod
    def _is_known(node: ir.Lambda) -> bool:
        return node.function.calls > 0 and not node.function.escapes

    def _delay(self, node: ir.Delay, env: Env) -> Type:
        self.enqueue_once(node.function)
        return Type(t.OTHER)

    def _assign(self, node: ir.Assign, env: Env) -> Type:
        value = self.infer(node.value, env)
        if node.var.known is None:
            self.grow(node.var, value)
            if node.define and node.var.constant and not node.var.sentinel:
                env[node.var] = value
        if node.alt is not None:
            self.infer(node.alt, env)
        return t.NIL_TYPE

    def _dynamic_set(self, node: ir.DynamicSet, env: Env) -> Type:
        self.infer(node.value, env)
        return t.NIL_TYPE

    def _conjunction(self, node: ir.And, env: Env) -> Type:
        inner = dict(env)
        result = NEVER
        for item in node.items[:-1]:
            value = self.infer(item, inner)
            result = join(result, value.narrow(t.FALSY))
            refine(item, inner, True)
        return join(result, self.infer(node.items[-1], inner))

    def _disjunction(self, node: ir.Or, env: Env) -> Type:
        inner = dict(env)
        result = NEVER
        for item in node.items[:-1]:
            value = self.infer(item, inner)
            result = join(result, value.narrow(t.ALL & ~t.FALSY))
            refine(item, inner, False)
        return join(result, self.infer(node.items[-1], inner))

    def _negation(self, node: ir.Not, env: Env) -> Type:
        self.infer(node.value, env)
        return t.BOOL_TYPE

    def _attempt(self, node: ir.Try, env: Env) -> Type:
        body = self.infer(node.body, dict(env))
        self.grow(node.var, t.ANY)
        return join(body, self.infer(node.handler, dict(env)))

    def _quasi(self, node: ir.Quasi, env: Env) -> Type:
        for item in node.items:
            self.infer(item.value if isinstance(item, ir.Splice) else item, env)
        splices = any(isinstance(item, ir.Splice) for item in node.items)
        return Type(t.ARRAY | t.NIL | t.EMPTY if splices else t.ARRAY)

    def _evaluation(self, node: ir.Eval, env: Env) -> Type:
        self.infer(node.form, env)
        return t.ANY

    def _failure(self, node: ir.Fail, env: Env) -> Type:
        return NEVER

    def _require(self, node: ir.Require, env: Env) -> Type:
        for _, var in (*node.exports, *node.refers):
            self.grow(var, t.ANY)
        return t.NIL_TYPE

    # -- loops ------------------------------------------------------------------------------------

    def _loop(self, node: ir.Loop, env: Env) -> Type:
        if node.init is not None:
            return self._fold(node, env)
        held = self._items(node, env)
        inner = dict(env)
        self._bind_items(node, held, inner)
        body = self.infer(node.body, inner)
        item = held if not node.entries else t.list_of(t.ANY, empty=False)
        if node.kind == "map":
            return Type(t.EMPTY | t.ARRAY, elem=body)
        if node.kind in ("filter", "remove"):
            return Type(t.EMPTY | t.ARRAY, elem=item)
        if node.kind == "find":
            return join(item, t.NIL_TYPE)
        if node.kind == "some":
            return join(body, t.NIL_TYPE)
        return _LOOP_RESULTS[node.kind]

    def _items(self, node: ir.Loop, env: Env) -> Type:
        """The type of what is looped over; the source has been judged to be a list or a map."""
        source = self.infer(node.source, env)
        mask = t.MAP if node.entries else t.ANY_LIST
        if isinstance(node.source, ir.Ref) and node.source.var.constant:
            env[node.source.var] = source.narrow(mask)
        return source if node.entries else source.held

    def _bind_items(self, node: ir.Loop, held: Type, env: Env) -> None:
        types = [Type(held.key), held.held] if node.entries else [held]
        for var, type_ in zip(node.vars[-len(types) :], types, strict=True):
            self.grow(var, type_)
            if var.constant:
                env[var] = type_

    def _fold(self, node: ir.Loop, env: Env) -> Type:
        assert node.init is not None
        acc_var = node.vars[0]
        acc = self.infer(node.init, env)
        held = self._items(node, env)
        total = bounded_sum(node, acc, t.list_of(held)) if not node.entries else None
        if total is not None:
            acc = total
        while True:
            self.grow(acc_var, acc)
            inner = dict(env)
            if acc_var.constant:
                inner[acc_var] = acc
            self._bind_items(node, held, inner)
            body = self.infer(node.body, inner)
            if total is not None:
                return total
            grown = widen(acc, body)
            if grown == acc:
                return acc
            acc = grown

    def _enter(self, node: ir.Enter, env: Env) -> Type:
        function = node.function
        args = [self.infer(arg, env) for arg in node.args]
        function.entry = args
        for var, arg in zip(function.params, args, strict=True):
            self.grow(var, arg)
        while True:
            before = [var.type for var in function.params]
            result = self.infer(function.body, dict(env))
            if all(var.type == old for var, old in zip(function.params, before, strict=True)):
                return result

    def _again(self, node: ir.Again, env: Env) -> Type:
        args = [self.infer(arg, env) for arg in node.args]
        if all(arg.mask for arg in args):
            for var, arg in zip(node.function.params, args, strict=True):
                self.grow(var, arg)
        return NEVER


_INFER: dict[type, Callable[..., Type]] = {
    ir.Const: Inference._constant,
    ir.Datum: Inference._datum,
    ir.Ref: Inference._ref,
    ir.Lookup: Inference._lookup,
    ir.Builtin: lambda self, node, env: t.FUNCTION_TYPE,
    ir.Call: Inference._call,
    ir.If: Inference._branch,
    ir.Seq: Inference._sequence,
    ir.Bind: Inference._bind,
    ir.Lambda: Inference._closure,
    ir.Delay: Inference._delay,
    ir.Assign: Inference._assign,
    ir.DynamicSet: Inference._dynamic_set,
    ir.And: Inference._conjunction,
    ir.Or: Inference._disjunction,
    ir.Not: Inference._negation,
    ir.Try: Inference._attempt,
    ir.Quasi: Inference._quasi,
    ir.Eval: Inference._evaluation,
    ir.Fail: Inference._failure,
    ir.Require: Inference._require,
    ir.Loop: Inference._loop,
    ir.Enter: Inference._enter,
    ir.Again: Inference._again,
}
