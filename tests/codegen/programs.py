"""From random choices to a program: well scoped, mostly well typed, and sure to end.

A program is a list of forms, a form a string or a list of forms, so that a failing one can be cut down by dropping
parts. Every form has a *kind* it is asked for; now and then another kind is given, for the errors. Loops count from
literals to literals, functions call only what was defined before them: nothing goes on for ever.
"""

from __future__ import annotations

from random import Random

Form = str | list["Form"]

KINDS = ("int", "float", "str", "bool", "kw", "list", "map", "fn")
LOOP_KINDS = ("int", "int", "str", "list", "map", "float")
NAMES = ("a", "b", "c", "x", "y", "z", "k", "acc", "n1", "item")
INTS = ("0", "1", "2", "3", "5", "7", "10", "-1", "-2", "-7", "100")
WIDE = (
    "9223372036854775807",
    "9223372036854775806",
    "-9223372036854775808",
    "-9223372036854775807",
    "4611686018427387904",
)
FLOATS = (
    "0.5",
    "-2.5",
    "1.0",
    "0.0",
    "-0.0",
    "1e300",
    "(/ 1.0 3)",
    "(* 1e300 1e300)",
    "(- (* 1e300 1e300) (* 1e300 1e300))",
)
STRINGS = ('""', '"a"', '"bc"', '"é"', '"x y"')
KEYWORDS = (":a", ":b", ":long-one")
UNARY = {
    "int": ("inc", "dec", "abs", "-", "identity", "+"),
    "bool": ("zero?", "even?", "odd?", "positive?", "negative?", "integer?", "null?", "string?", "some?"),
    "str": ("string", "pr-str"),
}
TESTS = ("=", "<", ">", "<=", ">=")


def text_of(program: list[Form]) -> str:
    """The program's text, a top-level form on each line."""
    return "\n".join(_text(form) for form in program)


def _text(form: Form) -> str:
    return form if isinstance(form, str) else "(" + " ".join(_text(item) for item in form) + ")"


def make_program(rng: Random) -> list[Form]:
    """A random program."""
    return Maker(rng).program()


class Maker:
    """One program in the making: what is in scope, and what may be called."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.wide = rng.random() < 0.5  # integers near the limits, and then no arithmetic inside arithmetic
        self.scope: list[tuple[str, str]] = []
        self.calls: list[tuple[str, list[str], str]] = []
        self.serial = 0
        self.budget = 140

    # -- choices ----------------------------------------------------------------------------------

    def chance(self, part: float) -> bool:
        return self.rng.random() < part

    def one(self, items: tuple[str, ...] | list[str]) -> str:
        return items[self.rng.randrange(len(items))]

    def fresh(self, stem: str) -> str:
        self.serial += 1
        return f"{stem}{self.serial}"

    def name(self) -> str:
        return self.one(NAMES) if self.chance(0.99) else self.one(("list", "inc", "map", "+"))

    # -- programs ---------------------------------------------------------------------------------

    def program(self) -> list[Form]:
        forms: list[Form] = []
        for _ in range(self.rng.randrange(2, 6)):
            forms += self.top_level()
        forms.append(self.expr(self.kind(), 4))
        return forms

    def top_level(self) -> list[Form]:
        roll = self.rng.randrange(20)
        if roll < 3:
            kind, name = self.kind(), self.name()
            form: Form = ["define", name, self.expr(kind, 3)]
            self.scope.append((name, kind))
            return [form]
        if roll < 8:
            return [self.function()]
        if roll < 11:
            return self.loop_function()
        if roll < 12:
            return self.mutual()
        if roll < 13 and self.chance(0.3):
            return [self.redefinition()]
        form = self.expr(self.kind(), 4)
        if self.chance(0.85):
            form = ["try", form, ["catch", ["err"], ["if", ["error?", "err"], ["error-message", "err"], "err"]]]
        return [["display", form]]

    def function(self) -> Form:
        name, result = self.fresh("f"), self.kind()
        kinds = [self.kind() for _ in range(self.rng.randrange(0, 4))]
        params = [self.name() for _ in kinds]
        rest = self.chance(0.1)
        body = self.within([*zip(params, kinds, strict=True), *([("more", "list")] if rest else [])], result, 4)
        self.calls.append((name, kinds, result))
        head: list[Form] = [name, *params, *(["&rest", "more"] if rest else [])]
        if self.chance(0.3):
            return ["define", name, ["lambda", head[1:], *body]]
        return ["define", head, *body]

    def redefinition(self) -> Form:
        name = self.one(("inc", "abs", "car", "zero?", "hash-map-set", "string"))
        return (
            ["define", [name, "x"], ["list", '"mine"', "x"]] if self.chance(0.5) else ["define", name, self.atom("fn")]
        )

    def mutual(self) -> list[Form]:
        kind = self.one(LOOP_KINDS)
        p, q = self.fresh("p"), self.fresh("q")
        forms: list[Form] = []
        for me, other in ((p, q), (q, p)):
            before = len(self.scope)
            self.scope += [("i", "int"), ("acc", kind)]
            again: Form = [other, ["-", "i", "1"], self.step(kind, "acc", 2)]
            if self.chance(0.4):
                again = ["or", "#f", again] if self.chance(0.5) else ["and", self.expr("bool", 1), again]
            forms.append(["define", [me, "i", "acc"], ["if", ["<=", "i", "0"], self.done(kind, "acc"), again]])
            del self.scope[before:]
        return [*forms, ["display", self.guarded([p, self.one(("0", "1", "4", "7")), self.atom(kind, literal=True)])]]

    def guarded(self, form: Form) -> Form:
        return ["try", form, ["catch", ["err"], ["if", ["error?", "err"], ["error-message", "err"], "err"]]]

    # -- bodies -----------------------------------------------------------------------------------

    def within(self, bound: list[tuple[str, str]], kind: str, depth: int) -> list[Form]:
        """A body of one or more forms with `bound` in scope, and definitions of its own."""
        before = len(self.scope)
        self.scope += bound
        forms: list[Form] = []
        while self.chance(0.25) and len(forms) < 2:
            forms.append(self.statement(depth - 1))
        forms.append(self.expr(kind, depth - 1))
        del self.scope[before:]
        return forms

    def statement(self, depth: int) -> Form:
        """A form for its effect."""
        roll = self.rng.randrange(8)
        if roll < 2:
            return ["display", self.expr(self.kind(), depth)]
        if roll < 4 and self.scope:
            name, kind = self.scope[self.rng.randrange(len(self.scope))]
            if name not in ("i", "more"):
                return ["set!", name, self.expr(kind, depth)]
        if roll < 6:
            name, kind = self.name(), self.kind()
            form: Form = ["define", name, self.expr(kind, depth)]
            if self.chance(0.3):
                form = [self.one(("when", "unless")), self.expr("bool", 1), form]
            self.scope.append((name, kind))
            return form
        if roll == 6:
            return ["for-each", self.function_of("int", "any", depth), self.expr("list", depth)]
        name = self.name()
        count = self.one(("0", "1", "3", "4"))
        return ["dotimes", [name, count], *self.within([(name, "int")], "any", depth)]

    def kind(self) -> str:
        return self.one(KINDS)

    # -- expressions ------------------------------------------------------------------------------

    def expr(self, kind: str, depth: int) -> Form:
        """A form that gives a value of `kind`, mostly."""
        self.budget -= 1
        if kind == "any" or self.chance(0.02):
            kind = self.kind()
        if depth <= 0 or self.budget <= 0 or self.chance(0.15):
            return self.atom(kind)
        if self.chance(0.35):
            return self.control(kind, depth - 1)
        if self.calls and self.chance(0.2):
            fitting = [call for call in self.calls if call[2] == kind]
            if fitting:
                name, kinds, _ = fitting[self.rng.randrange(len(fitting))]
                args = [self.expr(param, depth - 1) for param in kinds]
                if self.chance(0.02):
                    args.append("1")
                return [name, *args]
        made: Form = getattr(self, f"make_{kind}")(depth - 1)
        return made

    def atom(self, kind: str, *, literal: bool = False) -> Form:
        names = [name for name, held in self.scope if held == kind]
        if names and not literal and self.chance(0.75):
            return self.one(names)
        if kind == "int":
            return self.one(WIDE) if self.wide and self.chance(0.3) else self.one(INTS)
        if kind == "list":
            return self.one(("(list)", "'()", "nil", "'(1 2 3)", "(list 3 1 2)", "(range 4)", "(list 1 2.5)", "'(a b)"))
        if kind == "map":
            return self.one(("(hash-map)", "(hash-map :a 1)", '(hash-map :a 1 "b" 2)', "(hash-map 1 2 1.0 3 #t 4)"))
        if kind == "fn":
            return self.one(("inc", "abs", "zero?", "list", "(lambda (q) q)", "(lambda (q) (+ q 1))", "string"))
        if kind == "bool":
            return self.one(("#t", "#f", "nil"))
        return self.one({"float": FLOATS, "str": STRINGS, "kw": KEYWORDS}[kind])

    def control(self, kind: str, depth: int) -> Form:
        makers = (
            self.if_, self.let_, self.let_star, self.cond_, self.chain, self.try_, self.case_, self.begin_, self.loop,
            self.loop, self.letrec_, self.while_, self.applied, self.match_, self.closures, self.local,
        )  # fmt: skip
        return makers[self.rng.randrange(len(makers))](kind, depth)

    def if_(self, kind: str, depth: int) -> Form:
        return ["if", self.expr("bool", depth), self.expr(kind, depth), self.expr(kind, depth)]

    def let_(self, kind: str, depth: int) -> Form:
        bound = [(self.name(), self.kind()) for _ in range(self.rng.randrange(1, 4))]
        return ["let", [[name, self.expr(held, depth)] for name, held in bound], *self.within(bound, kind, depth)]

    def let_star(self, kind: str, depth: int) -> Form:
        before = len(self.scope)
        pairs: list[Form] = []
        for _ in range(self.rng.randrange(1, 4)):
            name, held = self.name(), self.kind()
            pairs.append([name, self.expr(held, depth)])
            self.scope.append((name, held))
        body = self.within([], kind, depth)
        del self.scope[before:]
        return ["let*", pairs, *body]

    def letrec_(self, kind: str, depth: int) -> Form:
        name, param = self.fresh("g"), self.name()
        body = self.within([(param, "int")], kind, depth)
        self.calls.append((name, ["int"], kind))
        used = self.within([], kind, depth)
        self.calls.pop()
        return ["letrec", [[name, ["lambda", [param], *body]]], *used]

    def local(self, kind: str, depth: int) -> Form:
        """A local function, defined in a body and called once or more."""
        name, param, held = self.fresh("h"), self.name(), self.kind()
        body = self.within([(param, held)], kind, depth)
        self.calls.append((name, [held], kind))
        used = [name, self.expr(held, depth)] if self.chance(0.6) else self.expr(kind, depth)
        self.calls.pop()
        return [["lambda", [], ["define", [name, param], *body], used]]

    def cond_(self, kind: str, depth: int) -> Form:
        clauses: list[Form] = [
            [self.expr("bool", depth), self.expr(kind, depth)] for _ in range(self.rng.randrange(1, 3))
        ]
        if self.chance(0.8):
            clauses.append(["else", self.expr(kind, depth)])
        return ["cond", *clauses]

    def chain(self, kind: str, depth: int) -> Form:
        head = self.one(("and", "or"))
        first = self.expr(self.one(("bool", kind)), depth)
        return [head, first, *([self.expr("bool", depth)] if self.chance(0.3) else []), self.expr(kind, depth)]

    def try_(self, kind: str, depth: int) -> Form:
        body = self.within([], kind, depth)
        if self.chance(0.3):
            body.insert(0, ["when", self.expr("bool", depth), ["throw", self.expr(kind, depth)]])
        return ["try", *body, ["catch", ["err"], self.statement(1), self.expr(kind, depth)]]

    def case_(self, kind: str, depth: int) -> Form:
        clauses: list[Form] = [[[self.one(INTS), '"a"'], self.expr(kind, depth)], [":a", self.expr(kind, depth)]]
        return ["case", self.expr("any", depth), *clauses, ["else", self.expr(kind, depth)]]

    def match_(self, kind: str, depth: int) -> Form:
        first: Form = [["u1", "u2"], *self.within([("u1", "int"), ("u2", "int")], kind, depth)]
        second: Form = [["?", "integer?", "u3"], *self.within([("u3", "int")], kind, depth)]
        return ["match", self.expr("any", depth), first, second, ["_", self.expr(kind, depth)]]

    def begin_(self, kind: str, depth: int) -> Form:
        return ["begin", *self.within([], kind, depth)]

    def applied(self, kind: str, depth: int) -> Form:
        bound = [(self.name(), self.kind()) for _ in range(self.rng.randrange(0, 3))]
        body = self.within(bound, kind, depth)
        return [["lambda", [name for name, _ in bound], *body], *[self.expr(held, depth) for _, held in bound]]

    def while_(self, kind: str, depth: int) -> Form:
        counter, name = self.fresh("w"), self.name()
        bound = [(name, kind)]
        test: Form = ["<", counter, self.one(("0", "2", "3"))]
        if self.chance(0.3):
            test = ["and", test, self.expr("bool", 1)]
        before = len(self.scope)
        self.scope += [*bound, (counter, "int")]
        effect: Form = ["set!", name, self.step(kind, name, depth)]
        more = [self.statement(depth - 1)] if self.chance(0.4) else []
        del self.scope[before:]
        round_: Form = ["while", test, ["set!", counter, ["+", counter, "1"]], effect, *more]
        return ["let", [[counter, "0"], [name, self.atom(kind)]], round_, *self.within(bound, kind, 1)]

    def closures(self, kind: str, depth: int) -> Form:
        """A loop that keeps closures over its variables, which are called afterwards."""
        me = self.fresh("k")
        before = len(self.scope)
        self.scope += [("i", "int"), ("t", "int")]
        kept: Form = ["lambda", [], self.expr(kind, depth)]
        if self.chance(0.3):
            kept = ["let", [["t", ["+", "i", "1"]]], kept]
        del self.scope[before:]
        again: Form = [me, ["+", "i", "1"], ["+", "i", "10"], ["cons", kept, "fs"]]
        loop: Form = ["lambda", ["i", "t", "fs"], ["if", ["=", "i", "3"], "fs", again]]
        called: Form = ["map", ["lambda", ["f"], ["f"]], [me, "0", "5", "nil"]]
        return ["letrec", [[me, loop]], ["car", called] if self.chance(0.6) else ["nth", "1", called]]

    # -- loops ------------------------------------------------------------------------------------

    def loop_function(self) -> list[Form]:
        name = self.fresh("loop")
        kind = self.one(LOOP_KINDS)
        params, body, args = self.rounds(name, kind, 3)
        calls: list[Form] = [["display", self.guarded([name, *args])]]
        if self.chance(0.4):
            calls.append(["display", self.guarded([name, *args])])
        return [["define", [name, *params], *body], *calls]

    def loop(self, kind: str, depth: int) -> Form:
        """A loop in place: by `letrec`, or by a definition in a body."""
        if kind not in LOOP_KINDS:
            return self.begin_(kind, depth)
        name = self.fresh("loop")
        params, body, args = self.rounds(name, kind, depth)
        call: Form = [name, *args]
        if self.chance(0.5):
            return ["letrec", [[name, ["lambda", params, *body]]], call]
        return [["lambda", [], ["define", [name, *params], *body], call]]

    def rounds(self, name: str, kind: str, depth: int) -> tuple[list[Form], list[Form], list[Form]]:
        """Parameters, body and first arguments of a loop that counts `i` and carries `acc`."""
        step = self.rng.choice((1, 1, 1, 2, 3))
        up = self.chance(0.5)
        start = self.rng.randrange(-3, 8)
        rounds = self.rng.randrange(-2, 6)
        end = start + rounds * step * (1 if up else -1)
        op = self.one(TESTS[1:]) if rounds < 0 or step != 1 else self.one(TESTS)
        if self.wide and self.chance(0.4):
            shift = int(self.one(WIDE[:4])) - (end if self.chance(0.5) else start)
            start, end = _clamped(start + shift), _clamped(end + shift)
            op = self.one((">=", ">") if up else ("<=", "<"))
        elif op in ("<", "<=", ">", ">="):
            op = self.one((">", ">=") if up else ("<", "<="))
        bound: Form = "n" if self.chance(0.6) else str(end)
        leave: Form = [op, "i", bound] if self.chance(0.7) else [_MIRROR[op], bound, "i"]
        if op == "=" and end == 0 and self.chance(0.7):
            leave = ["zero?", "i"]
        before = len(self.scope)
        self.scope += [("i", "int"), ("n", "int"), ("acc", kind)]
        plus: list[Form] = [["+", "i", str(step)], ["-", "i", str(-step)], ["+", str(step), "i"]]
        minus: list[Form] = [["-", "i", str(step)], ["+", "i", str(-step)]]
        move = self.rng.choice(plus if up else minus)
        if step == 1 and self.chance(0.3):
            move = ["inc" if up else "dec", "i"]
        order = self.rng.randrange(2)
        rounds_again = [self.around([name, *_ordered(move, "n", self.step(kind, "acc", depth - 1), order)], depth)]
        if self.chance(0.25):
            other = [name, *_ordered(move, "n", self.step(kind, "acc", 1), order)]
            rounds_again = [["if", self.expr("bool", 1), rounds_again[0], other]]
        if self.chance(0.25):
            rounds_again.insert(0, ["display", self.one(("i", "acc"))])
        exit_ = self.done(kind, "acc")
        body = self.shape(leave, exit_, rounds_again, op)
        del self.scope[before:]
        params = _ordered("i", "n", "acc", order)
        return params, [body], _ordered(str(start), str(end), self.atom(kind), order)

    def around(self, call: Form, depth: int) -> Form:
        """A tail call, or something that ends in it."""
        roll = self.rng.randrange(10)
        if roll == 0:
            return ["or", "#f", call]
        if roll == 1:
            return ["and", self.one(("#t", "i", "n")), call]
        if roll == 2:
            return ["let", [[self.name(), self.expr("any", 1)]], call]
        if roll == 3:
            return ["cond", [self.expr("bool", 1), call], ["else", call]]
        if roll == 4:
            inner = self.fresh("in")
            body: Form = ["if", [">=", "j", "2"], call, [inner, ["+", "j", "1"]]]
            return ["letrec", [[inner, ["lambda", ["j"], body]]], [inner, "0"]]
        return call

    def shape(self, leave: Form, exit_: Form, again: list[Form], op: str) -> Form:
        roll = self.rng.randrange(5)
        one: Form = again[0] if len(again) == 1 else ["begin", *again]
        if roll == 0:
            return ["cond", [leave, exit_], ["else", *again]]
        if roll == 1 and isinstance(leave, list) and op != "=" and leave[0] in _OPPOSITE:
            return ["if", [_OPPOSITE[str(leave[0])], *leave[1:]], one, exit_]
        if roll == 2:
            return ["if", ["not", leave], one, exit_]
        return ["if", leave, exit_, one]

    def step(self, kind: str, acc: str, depth: int) -> Form:
        """The accumulator's next value."""
        if self.chance(0.1):
            return self.expr(kind, depth)
        if kind == "int":
            simple: Form = [
                self.one(("+", "-", "+")),
                acc,
                self.one(("i", "1", "2", "-3")) if self.chance(0.6) else self.atom("int"),
            ]
            return simple if self.chance(0.7) else ["+", self.expr("int", 1) if not self.wide else "1", acc]
        if kind == "str":
            return ["string-append", acc, self.expr("str", 1)]
        if kind == "list":
            return ["cons", self.expr("any", 1), acc]
        if kind == "map":
            return ["hash-map-set", acc, self.expr("any", 1), self.expr("int", depth)]
        if kind == "float":
            return ["+", acc, self.expr("float", 1)]
        return self.expr(kind, depth)

    def done(self, kind: str, acc: str) -> Form:
        if self.chance(0.5):
            return acc
        if self.chance(0.5):
            return ["begin", ["display", "i"], acc]
        return ["list", "i", acc] if self.chance(0.5) else self.expr(kind, 1)

    # -- of one kind ------------------------------------------------------------------------------

    def function_of(self, held: str, result: str, depth: int) -> Form:
        """A function of one argument."""
        roll = self.rng.randrange(10)
        names = [name for name, kind in self.scope if kind == "fn"]
        if roll == 0 and names:
            return self.one(names)
        if roll == 1:
            unary = [name for name, kinds, _ in self.calls if len(kinds) == 1]
            if unary:
                return self.one(unary)
        if roll < 4:
            return self.one(UNARY.get(result, ("identity", "list", "string")))
        param = self.name()
        return ["lambda", [param], *self.within([(param, held)], result, depth)]

    def folded(self, kind: str, depth: int) -> Form:
        acc, item = self.name(), self.one(("e", "x"))
        if kind in ("int", "map", "list", "str") and self.chance(0.6):
            before = len(self.scope)
            self.scope += [(acc, kind), (item, "int")]
            body: list[Form] = [self.step(kind, acc, depth)]
            del self.scope[before:]
        else:
            body = self.within([(acc, kind), (item, "int")], kind, depth)
        fn: Form = ["lambda", [acc, item], *body] if self.chance(0.9) else "+"
        source = ["hash-map-entries", self.expr("map", depth)] if self.chance(0.15) else self.expr("list", depth)
        return ["foldl", fn, self.expr(kind, depth), source]

    def operand(self, depth: int) -> Form:
        return self.atom("int") if self.wide else self.expr("int", depth)

    def make_int(self, depth: int) -> Form:
        roll = self.rng.randrange(14)
        if roll < 4:
            more = [self.operand(depth)] if self.chance(0.2) else []
            return [self.one(("+", "-", "*")), self.operand(depth), self.operand(depth), *more]
        if roll == 4:
            return [self.one(("inc", "dec", "abs", "-")), self.operand(depth)]
        if roll == 5:
            return ["modulo", self.operand(depth), self.one(("2", "3", "7", "-3", "0"))]
        if roll == 6:
            return [self.one(("min", "max")), self.expr("int", depth), self.expr("int", depth)]
        if roll == 7:
            return ["length", self.expr("list", depth)]
        if roll == 8:
            return [
                self.one(("hash-map-get-or", "hash-map-get-or")),
                self.expr("map", depth),
                self.expr("any", 1),
                self.expr("int", 1),
            ]
        if roll == 9:
            return [
                self.one(("count-if", "find-index", "find")),
                self.function_of("int", "bool", depth),
                self.expr("list", depth),
            ]
        if roll == 10:
            return ["nth", self.one(("0", "1", "5", "-1")), self.expr("list", depth)]
        if roll == 11:
            return [self.one(("car", "first", "second")), self.expr("list", depth)]
        return self.folded("int", depth)

    def make_float(self, depth: int) -> Form:
        head = self.one(("+", "-", "*", "/", "max", "min", "sqrt", "abs"))
        if head in ("sqrt", "abs"):
            return [head, self.expr("float", depth)]
        pair = [self.expr("float", depth), self.expr(self.one(("int", "float")) if not self.wide else "float", depth)]
        return [head, *(pair if self.chance(0.5) else reversed(pair))]

    def make_str(self, depth: int) -> Form:
        roll = self.rng.randrange(4)
        if roll == 0:
            return ["string", self.expr("any", depth)]
        if roll == 1:
            return self.folded("str", depth)
        parts = [self.expr("str", depth) for _ in range(self.rng.randrange(0, 4))]
        return ["string-append", *parts]

    def make_bool(self, depth: int) -> Form:
        roll = self.rng.randrange(8)
        if roll < 3:
            kind = self.one(("int", "int", "float"))
            return [self.one(TESTS), self.expr(kind, depth), self.expr(self.one((kind, "int")), depth)]
        if roll == 3:
            return [self.one(UNARY["bool"]), self.expr("int", depth)]
        if roll == 4:
            return [self.one(("equal?", "eq?", "not=")), self.expr("any", depth), self.expr("any", depth)]
        if roll == 5:
            return ["not", self.expr("any", depth)]
        if roll == 6:
            return [
                self.one(("any?", "every?", "some")),
                self.function_of("int", "bool", depth),
                self.expr("list", depth),
            ]
        head = self.one(
            ("null?", "pair?", "list?", "some?", "empty?", "hash-map?", "procedure?", "boolean?", "keyword?")
        )
        return [head, self.expr("any", depth)]

    def make_kw(self, depth: int) -> Form:
        return ["type-of", self.expr("any", depth)]

    def make_list(self, depth: int) -> Form:
        roll = self.rng.randrange(12)
        if roll < 2:
            return ["list", *[self.expr("any", depth) for _ in range(self.rng.randrange(0, 4))]]
        if roll == 2:
            return ["cons", self.expr("int", depth), self.expr("list", depth)]
        if roll < 6:
            head = self.one(("map", "map", "filter", "remove"))
            source = ["hash-map-entries", self.expr("map", depth)] if self.chance(0.15) else self.expr("list", depth)
            return [head, self.function_of("int", "int" if head == "map" else "bool", depth), source]
        if roll == 6:
            return ["append", self.expr("list", depth), self.expr("list", depth)]
        if roll == 7:
            return [self.one(("reverse", "cdr", "rest", "distinct")), self.expr("list", depth)]
        if roll == 8:
            return ["range", *[self.one(("0", "1", "3", "-2", "5")) for _ in range(self.rng.randrange(1, 3))]]
        if roll == 9:
            return [self.one(("hash-map-keys", "hash-map-values", "hash-map-entries")), self.expr("map", depth)]
        if roll == 10:
            return ["take", self.one(("0", "1", "2")), self.expr("list", depth)]
        return self.folded("list", depth)

    def make_map(self, depth: int) -> Form:
        roll = self.rng.randrange(5)
        if roll == 0:
            return [
                "hash-map",
                self.expr("kw", depth),
                self.expr("any", depth),
                self.expr("any", 1),
                self.expr("int", depth),
            ]
        if roll == 1:
            return [self.one(("hash-map-remove", "dissoc")), self.expr("map", depth), self.expr("any", 1)]
        if roll == 2:
            return self.folded("map", depth)
        return [
            self.one(("hash-map-set", "assoc")),
            self.expr("map", depth),
            self.expr("any", 1),
            self.expr("any", depth),
        ]

    def make_fn(self, depth: int) -> Form:
        return self.function_of("int", self.one(("int", "any")), depth)


_MIRROR = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}


def _clamped(value: int) -> int:
    return max(-(2**63), min(2**63 - 1, value))


def _ordered(i: Form, n: Form, acc: Form, order: int) -> list[Form]:
    return [i, n, acc] if order == 0 else [acc, i, n]
