"""The objects of the library: machines, actors, subjects, buses, stores, and choices (language reference 14.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime import (
    depth,
    library,  # noqa: F401 - it registers natives
)
from vigyc.runtime.host import Host
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import kind_of

K = keyword


class World:
    """A host, and a way to call builtins with it."""

    def __init__(self) -> None:
        self.host = Host()
        self.seen: list[object] = []

    def __call__(self, name: str, *args: object) -> Any:
        native: Any = NATIVES[name]
        return native(self.host, *args) if native.tatara.host else native(*args)

    def note(self, word: str) -> Any:
        """A function that notes that it was called, and with what."""
        return lambda *args: self.seen.append((word, *args))

    @property
    def output(self) -> str:
        return "".join(self.host.output)


@pytest.fixture
def do() -> World:
    return World()


def test_a_machine_goes_from_state_to_state(do: World) -> None:
    rows = [["closed", "open", "open"], ["open", "close", "closed"], ["closed", "open", "never"]]
    sm = do("make-sm", do("sm-spec", K("initial"), "closed", K("transitions"), rows))
    assert [do("sm-send", sm, event) for event in ("close", "open", "open")] == ["closed", "open", "open"]
    assert do("sm-current", sm) == "open"
    assert display(do("sm-history", sm)) == '("open" "closed")'
    assert [do("sm-can?", sm, event) for event in ("close", "open")] == [True, False]
    assert do("sm-reset!", sm) == "closed"
    assert display(do("sm-history", sm)) == '("closed")'


def test_what_a_machine_calls_and_when(do: World) -> None:
    def guard(state: object, event: object, payload: object) -> bool:
        do.seen.append(("guard", state, event, payload))
        return payload == 1

    spec = do(
        "sm-spec",
        K("initial"), "a",
        K("transitions"), [["a", "go", "b", guard, do.note("action")]],
        K("on-enter"), [["a", do.note("enter")], ["b", do.note("enter")]],
        K("on-exit"), [["a", do.note("exit")]],
        K("on-event"), [["go", do.note("event")]],
    )  # fmt: skip
    sm = do("make-sm", spec)
    assert do.seen == [("enter", "a")]
    assert do("sm-send", sm, "go") == "a"
    assert do.seen[1:] == [("guard", "a", "go", None)]
    do.seen.clear()
    assert do("sm-send", sm, "go", 1) == "b"
    assert do.seen == [
        ("guard", "a", "go", 1), ("exit", "a"), ("action", "a", "go", 1), ("event", "go", 1), ("enter", "b"),
    ]  # fmt: skip
    do.seen.clear()
    do("sm-reset!", sm)
    assert do.seen == [("enter", "a")]


def test_a_machine_without_anything(do: World) -> None:
    sm = do("make-sm", do("sm-spec"))
    assert do("sm-current", sm) is None
    assert sm(K("bogus")) is None
    assert do.output == '"unknown SM message"\n'


def test_specifications(do: World) -> None:
    spec = do("sm-spec", K("a"), 1)
    assert [do("sm-spec?", x) for x in (spec, [1], [], None, 5)] == [True, False, False, False, False]
    assert [do("sm-spec-get", spec, K(name)) for name in "az"] == [1, None]
    rows = [[K("a"), K("e"), K("b")]]
    assert do("sm-lookup-row", rows, K("a"), K("e")) == rows[0]
    assert do("sm-lookup-row", rows, K("a"), K("x")) is None


def test_an_actor_works_off_its_mailbox(do: World) -> None:
    actor = do("make-actor", 0, lambda state, message: state + message)
    assert [do("actor-tell", actor, n) for n in (1, 2, 3, 4)] == [0] * 4
    assert [do("actor-empty?", actor), do("actor-step!", actor), do("actor-state", actor)] == [False, 1, 1]
    assert [do("actor-run!", actor, 2), actor(K("mailbox"))] == [6, [4]]
    assert [do("actor-drain!", actor), actor(K("mailbox")), do("actor-empty?", actor)] == [10, None, True]
    assert [do("actor-step!", actor), do("actor-run!", actor, 5), actor(K("bogus"))] == [10, 10, None]


def test_an_actor_may_tell_itself(do: World) -> None:
    def behavior(state: int, message: int) -> int:
        if message:
            do("actor-tell", actor, message - 1)
        return state + 1

    actor = do("make-actor", 0, behavior)
    do("actor-tell", actor, 9)
    assert do("actor-drain!", actor) == 10


def test_a_subject_tells_the_newest_first(do: World) -> None:
    subject = do("make-subject")
    a, b = do.note("a"), do.note("b")
    assert subject(K("subs")) is None
    assert [do("subject-subscribe!", subject, f) for f in (a, b)] == [a, b]
    assert do("subject-emit!", subject, 1) is None
    assert do("subject-unsubscribe!", subject, b) is None
    do("subject-emit!", subject, 2)
    assert do.seen == [("b", 1), ("a", 1), ("a", 2)]
    do("subject-unsubscribe!", subject, a)
    assert subject(K("subs")) == []


def test_a_bus_knows_commands_and_queries(do: World) -> None:
    bus = do("make-bus")
    assert do("register-command!", bus, K("c"), lambda x: x * 2) == K("c")
    assert do("register-query!", bus, K("c"), lambda: 7) == K("c")
    assert [do("dispatch-command", bus, K("c"), 4), do("dispatch-query", bus, K("c"))] == [8, 7]
    do("register-command!", bus, K("c"), lambda x: -x)
    assert do("dispatch-command", bus, K("c"), 4) == -4
    assert [do(f"dispatch-{kind}", bus, K("zz"), 1) for kind in ("command", "query")] == [None, None]
    assert do.output == '"no command: zz"\n"no query: zz"\n'
    with pytest.raises(TickError, match="expected keyword, got string"):
        do("dispatch-command", bus, "zz")


def test_an_event_store_keeps_the_order(do: World) -> None:
    store = do("make-event-store")
    assert do("event-history", store) is None
    histories = []
    for n in range(100):
        assert do("event-append!", store, n) == n
        histories.append(do("event-history", store))
    assert display(histories[2]) == "(0 1 2)"
    assert do("event-project", store, lambda acc, e: acc + e, 50) == 5000


def test_a_strategy_is_chosen_by_key(do: World) -> None:
    strategy = do("make-strategy", K("up"), lambda x: x + 1, K("default"), lambda x: x)
    assert [do("strategy-call", strategy, K("up"), 5), do("strategy-call", strategy, K("z"), 5)] == [6, 5]
    assert strategy(K("up"), 1) == 2
    assert do("strategy-call", do("make-strategy"), K("z"), 1) is None
    assert do.output == '"no strategy variant matched + no :default"\n'


def test_decorations(do: World) -> None:
    add = lambda *xs: sum(xs)  # noqa: E731
    decorated = do("decorate", add, K("before"), do.note("before"), K("after"), do.note("after"))
    assert decorated(1, 2) == 3
    assert do.seen == [("before", 1, 2), ("after", 3, 1, 2)]
    around = do("decorate", add, K("around"), lambda f, *xs: -f(*xs), K("before"), do.note("never"))
    assert around(1, 2) == -3
    assert do("decorate", add)(1, 2) == 3
    assert len(do.seen) == 2


def test_a_visitor_goes_by_the_tag(do: World) -> None:
    visitor = do("make-visitor", K("t"), lambda x: ["t", x], K("default"), lambda *xs: list(xs))
    values = [[K("t"), 1], [K("z"), 1, 2], (K("t"), [2]), None, []]
    assert [do("visit", visitor, value) for value in values] == [["t", 1], [1, 2], ["t", 2], None, None]
    assert do("visit", do("make-visitor"), [K("t")]) is None
    assert do.output == '"no visitor matched tag"\n'


def test_a_pipeline_and_its_hooks(do: World) -> None:
    stages = [[K("inc"), lambda x: x + 1], [K("twice"), lambda x: x * 2]]
    pipeline = do("make-pipeline", stages)
    assert do("pipeline-on-stage!", pipeline, K("inc"), do.note("old")) is None
    do("pipeline-on-stage!", pipeline, K("any-stage"), do.note("any"))
    assert do("pipeline-run!", pipeline, 1) == 4
    assert do.seen == [("any", K("inc"), 1, 2), ("old", K("inc"), 1, 2), ("any", K("twice"), 2, 4)]
    assert pipeline(K("stages")) == stages


@pytest.mark.parametrize("kind", ["mealy", "moore"])
def test_a_transducer_goes_by_its_table(do: World, kind: str) -> None:
    rows = [["low", "coin", "high", "paid"], ["high", "push", "low", "free"]]
    transducer = do("make-transducer", K("initial"), "low", K("type"), K(kind), K("transitions"), rows)
    assert do("transducer-run!", transducer, ["coin", "push"]) == ["paid", "free"]
    assert [do("transducer-feed!", transducer, x) for x in ("push", "coin")] == [None, "paid"]
    assert do("transducer-state", transducer) == "high"
    assert do("transducer-run!", transducer, None) == []


def test_objects_are_closures_that_take_a_message(do: World) -> None:
    subjects = [do("make-subject"), do("make-subject")]
    assert [kind_of(subject) for subject in subjects] == ["closure"] * 2
    assert do("procedure?", subjects[0]) is True
    assert do("equal?", *subjects) is False
    strangers: list[object] = [K("what"), 5, []]
    assert [subjects[0](message) for message in strangers] == [None] * 3
    assert [do("make-bus")(message) for message in strangers] == [None] * 3


@pytest.fixture
def deep() -> Iterator[None]:
    """The recursion limit that programs run under."""
    depth.enter()
    yield
    depth.leave()


@pytest.mark.usefixtures("deep")
def test_handlers_dispatch_as_deep_as_calls_nest(do: World) -> None:
    bus, dispatch = do("make-bus"), NATIVES["dispatch-query"]

    def handler(n: int) -> Any:
        return dispatch(bus, K("f"), n - 1) if n else "reached"

    do("register-query!", bus, K("f"), handler)
    assert handler(depth.MAX_DEPTH) == "reached"


@pytest.mark.usefixtures("deep")
def test_actions_send_as_deep_as_calls_nest(do: World) -> None:
    send = NATIVES["sm-send"]

    def action(state: object, event: object, n: int) -> Any:
        return send(sm, "go", n - 1) if n else do.seen.append("reached")

    sm = do("make-sm", do("sm-spec", K("initial"), "a", K("transitions"), [["a", "go", "a", None, action]]))
    assert do("sm-send", sm, "go", depth.MAX_DEPTH) == "a"
    assert do.seen == ["reached"]


def test_code_for_records(do: World) -> None:
    assert do("record-keyword", symbol("a")) is K("a")
    accessor, setter = (do(f"record-field-{kind}", symbol("p"), symbol("x")) for kind in ("accessor", "setter"))
    assert display(accessor) == "(define (p-x r) (hash-map-get r :x))"
    assert display(setter) == "(define (p-set-x r v) (hash-map-set r :x v))"


def test_code_for_clauses(do: World) -> None:
    k, a = symbol("k"), symbol("a")
    clauses = [[symbol("else"), a], [5, a], [[1, 2], a]]
    assert [display(do("case-build-clause", k, clause)) for clause in clauses] == [
        "(else a)",
        "((equal? k (quote 5)) a)",
        "((or (equal? k (quote 1)) (equal? k (quote 2))) a)",
    ]
    pairs = [[symbol("a"), K("int")], [symbol("b"), K("string")]]
    assert display(do("defn-typed-args", pairs)) == "(a b)"
    assert display(do("defn-typed-checks", pairs)) == "((the :int a) (the :string b))"


def test_code_for_patterns(do: World) -> None:
    v, x = symbol("v"), symbol("x")
    compiled = [do("compile-match-pattern", v, pattern) for pattern in (x, symbol("_"), 1, [symbol("quote"), x])]
    assert [display(part) for part in compiled] == [
        "(#t ((x v)))", "(#t ())", "((equal? v 1) ())", "((equal? v (quote x)) ())",
    ]  # fmt: skip
    listed = do("compile-list-pattern", v, [[symbol("?"), symbol("even?"), x], 2])
    wanted = "(and (list? v) (= (length v) 2) (even? (nth 0 v)) (equal? (nth 1 v) 2))"
    assert display(listed) == f"({wanted} ((x (nth 0 v))))"
    clauses = [[x, x], [1, K("one")], [symbol("else"), 0]]
    assert display(do("compile-match-clauses", v, clauses)) == (
        "(cond (#t (let ((x v)) x)) ((equal? v 1) :one) (else 0))"
    )
    assert display(do("compile-match-pattern", v, {})) == '#<error :match "unsupported pattern shape">'
