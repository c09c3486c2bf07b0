"""Lists: their shapes, the natives and the library on them (language reference 3.2, 8.4, 14.2; decision D10)."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime import library  # noqa: F401 - it registers natives
from vigyc.runtime.host import Host
from vigyc.runtime.lists import SHARE_AT, Vec, append, car, cdr, cons, is_list, items, length, pair_chain
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import MAX_ITEMS, kind_of

K = keyword
nan, inf = float("nan"), float("inf")
LONG: list[object] = list(range(SHARE_AT * 2))


def call(name: str, *args: object) -> object:
    native = NATIVES[name]
    return native(Host(), *args) if native.tatara.host else native(*args)  # type: ignore[attr-defined]


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


def shapes(xs: list[object]) -> dict[str, object]:
    """The same elements in every shape a list can have."""
    middle = len(xs) // 2
    return {
        "array": xs,
        "pairs": pair_chain(xs, 0, None),
        "pairs before an array": pair_chain(xs[:middle], 0, xs[middle:]),
        "buffer": Vec([*xs, "beyond"], len(xs)),
        "pairs before a buffer": pair_chain(xs[:middle], 0, Vec([*xs[middle:], "beyond"], len(xs) - middle)),
    }


every_shape = pytest.mark.parametrize("xs", shapes(LONG).values(), ids=shapes(LONG))
EMPTY_CAR = "native-fn: in native `car`: car of empty list"
EMPTY_CDR = "native-fn: in native `cdr`: cdr of empty list"
NO_PAIR = "type-mismatch: type mismatch: expected pair, got {}"
NO_LIST = "type-mismatch: type mismatch: expected list, got {}"


@every_shape
def test_every_shape_is_the_same_list(xs: object) -> None:
    assert is_list(xs)
    assert kind_of(xs) == "list"
    assert display(xs) == display(LONG)
    assert items(xs) == LONG
    assert length(xs) == len(LONG)
    assert car(xs) == 0
    assert items(cdr(xs)) == LONG[1:]
    assert items(cons("new", xs)) == ["new", *LONG]
    assert items(call("reverse", xs)) == LONG[::-1]
    assert [call("nth", n, xs) for n in (-1, 0, 40, 63, 64)] == [None, 0, 40, 63, None]
    assert [items(call("take", n, xs)) for n in (-1, 0, 40, 99)] == [[], [], LONG[:40], LONG]
    assert [items(call("drop", n, xs)) for n in (-1, 0, 40, 99)] == [LONG, LONG, LONG[40:], []]
    assert items(append(xs, [1], xs)) == [*LONG, 1, *LONG]
    assert items(append([1], xs)) == [1, *LONG]
    assert [call(name, xs) for name in ("first", "second", "third", "fourth", "last")] == [0, 1, 2, 3, 63]
    assert [call("safe-nth", n, xs) for n in (-1, 0, 40, 63, 64)] == [0, 0, 40, 63, None]
    assert items(call("butlast", xs)) == LONG[:-1]
    assert call("equal?", xs, LONG) is True


class Lists(RuleBasedStateMachine):
    """Whatever shape a list comes to have, it stays what it was."""

    known = Bundle("known")

    @rule(target=known, size=st.sampled_from([0, 1, 8, 9, SHARE_AT - 1, SHARE_AT, 100]))
    def array(self, size: int) -> tuple[object, list[object]]:
        elements: list[object] = list(range(size))
        return list(elements), elements

    @rule(target=known, entry=known)
    def cons_one(self, entry: tuple[object, list[object]]) -> tuple[object, list[object]]:
        return cons("c", entry[0]), ["c", *entry[1]]

    @rule(target=known, entry=known)
    def cdr_one(self, entry: tuple[object, list[object]]) -> tuple[object, list[object]]:
        return (cdr(entry[0]), entry[1][1:]) if entry[1] else entry

    @rule(target=known, entry=known, more=st.lists(st.integers(), max_size=3))
    def append_some(self, entry: tuple[object, list[object]], more: list[object]) -> tuple[object, list[object]]:
        return append(entry[0], more), [*entry[1], *more]

    @rule(target=known, entry=known, other=known)
    def append_two(
        self, entry: tuple[object, list[object]], other: tuple[object, list[object]]
    ) -> tuple[object, list[object]]:
        return append(entry[0], other[0]), [*entry[1], *other[1]]

    @rule(target=known, entry=known, n=st.integers(0, 50))
    def drop_some(self, entry: tuple[object, list[object]], n: int) -> tuple[object, list[object]]:
        return call("drop", n, entry[0]), entry[1][n:]

    @rule(entry=known)
    def is_what_it_was(self, entry: tuple[object, list[object]]) -> None:
        assert items(entry[0]) == entry[1]
        assert length(entry[0]) == len(entry[1])

    @rule(entry=known)
    def has_no_empty_tail(self, entry: tuple[object, list[object]]) -> None:
        tail = entry[0]
        while tail.__class__ is tuple:
            tail = tail[1]  # type: ignore[index]
            assert tail is None or items(tail)


TestLists = Lists.TestCase


def test_appending_one_by_one_shares_one_buffer() -> None:
    versions = [append(LONG, [0])]
    for n in range(1000):
        versions.append(append(versions[-1], [n]))
    assert len({id(version.buffer) for version in versions}) == 1  # type: ignore[attr-defined]
    assert items(versions[0]) == [*LONG, 0]
    assert len(items(versions[500])) == len(LONG) + 501


def test_appending_to_an_old_version_leaves_the_newer_alone() -> None:
    old = append(LONG, ["old"])
    newer, other = append(old, ["newer"]), append(old, ["other"])
    assert [items(xs)[-2:] for xs in (old, newer, other)] == [[63, "old"], ["old", "newer"], ["old", "other"]]


def test_walking_down_a_long_array_copies_it_once() -> None:
    rest = cdr(list(range(1000)))
    steps = 0
    while rest is not None:
        assert rest.__class__ is tuple
        assert cdr(rest) is rest[1]  # type: ignore[index]
        rest = cdr(rest)
        steps += 1
    assert steps == 999


def test_putting_one_before_a_long_list_copies_nothing() -> None:
    for tail in shapes(LONG).values():
        assert append(["new"], tail)[1] is tail  # type: ignore[index]


def test_chains_may_be_long() -> None:
    chain = None
    for n in range(1_000_000):
        chain = (n, chain)
    assert length(chain) == 1_000_000
    assert call("last", chain) == 0
    del chain  # freeing it takes no C stack either


def test_car_and_cdr() -> None:
    assert (car([1, 2]), cdr([1, 2]), cdr([1]), cdr((1, None))) == (1, [2], None, None)
    assert [fault("car", x) for x in (None, [])] == [EMPTY_CAR] * 2
    assert [fault("cdr", x) for x in (None, [])] == [EMPTY_CDR] * 2
    assert [fault(name, 5) for name in ("car", "cdr")] == [NO_PAIR.format("int")] * 2
    assert fault("car", {}) == NO_PAIR.format("map")


def test_cons_onto_what_is_no_list_makes_a_list_of_two() -> None:
    assert [items(cons(1, tail)) for tail in (None, [], [2], 2, "s")] == [[1], [1], [1, 2], [1, 2], [1, "s"]]


def test_which_empty_list() -> None:
    nil = [
        append(), append([], None), call("reverse", None), call("range", 0), call("repeat-list", 1, 0),
        call("butlast", [1]), call("intersperse", 0, []), call("flatten", [[], None]), call("interleave", [], [1]),
        call("plist-get", [], 1), call("safe-nth", 5, [1]), call("rest", [1]),
    ]  # fmt: skip
    assert nil == [None] * len(nil)
    empty = [
        call("list"), call("reverse", []), call("take", 0, [1]), call("take", 1, None), call("drop", 1, (1, None)),
        call("drop", 1, None), call("zip", [], []), call("distinct", None),
    ]  # fmt: skip
    assert empty == [[]] * len(empty)


def test_counts_are_integers_and_lists_lists() -> None:
    no_int = "type-mismatch: type mismatch: expected integer, got {}"
    for name in ("take", "drop", "nth"):
        assert fault(name, "a", 5) == no_int.format("string")
        assert fault(name, 1.0, [1]) == no_int.format("float")
        assert fault(name, True, [1]) == no_int.format("bool")
        assert [fault(name, n, 5) for n in (-1, 0, 1)] == [NO_LIST.format("int")] * 3
    assert [fault(name, "abc") for name in ("length", "reverse", "append")] == [NO_LIST.format("string")] * 3
    assert fault("append", [1], {}) == NO_LIST.format("map")
    assert fault("append", LONG, 5) == NO_LIST.format("int")
    assert fault("concat", [1], 2) == NO_LIST.format("int")


def test_too_long_a_list_is_refused_before_it_is_made() -> None:
    half = [None] * (MAX_ITEMS // 2 + 1)
    assert fault("append", half, half) == f"size-exceeded: `append` would exceed the size limit of {MAX_ITEMS}"
    assert fault("append", append(half, [1]), half).startswith("size-exceeded")
    assert fault("interleave", half, half).startswith("size-exceeded")
    assert fault("intersperse", 0, half).startswith("size-exceeded")
    assert fault("repeat-list", 0, MAX_ITEMS + 1).startswith("size-exceeded")


@pytest.mark.parametrize(
    ("name", "size", "error"),
    [
        ("second", 0, EMPTY_CDR), ("second", 1, EMPTY_CAR), ("third", 1, EMPTY_CDR), ("third", 2, EMPTY_CAR),
        ("fourth", 2, EMPTY_CDR), ("fourth", 3, EMPTY_CAR), ("first", 0, EMPTY_CAR), ("rest", 0, EMPTY_CDR),
        ("last", 0, EMPTY_CDR), ("butlast", 0, EMPTY_CDR),
    ],
)  # fmt: skip
def test_parts_of_short_lists(name: str, size: int, error: str) -> None:
    assert fault(name, list(range(size))) == error
    assert fault(name, pair_chain(list(range(size)), 0, None)) == error
    assert fault(name, 5) == NO_PAIR.format("int")


def test_safe_nth() -> None:
    xs = ["a", "b"]
    assert [call("safe-nth", n, xs) for n in (-5, 0, 1, 2, 0.5, 1.5, -inf, inf, nan)] == [
        "a", "a", "b", None, "b", None, "a", None, None,
    ]  # fmt: skip
    assert call("safe-nth", "x", []) is None
    assert fault("safe-nth", "x", [1]) == "type-mismatch: type mismatch: expected number, got string"
    assert fault("safe-nth", "x", 5) == "type-mismatch: type mismatch: expected number, got string"
    assert fault("safe-nth", 0, 5) == NO_PAIR.format("int")


@pytest.mark.parametrize(
    ("bounds", "numbers"),
    [
        ((5,), [0, 1, 2, 3, 4]), ((5, 2), None), ((0, 10, 3), [0, 3, 6, 9]), ((10, 0, -3), [10, 7, 4, 1]),
        ((0, 1, 0.25), [0, 0.25, 0.5, 0.75]), ((1.5,), [0, 1]), ((0, -1, -0.5), [0, -0.5]), ((3, 3, 0), None),
        ((2**63 - 2, 2**63 - 1), [2**63 - 2]),
    ],
)  # fmt: skip
def test_range(bounds: tuple[object, ...], numbers: list[object] | None) -> None:
    found = call("range", *bounds)
    assert found == numbers
    assert found is None or [x.__class__ for x in found] == [x.__class__ for x in numbers or []]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "bounds",
    [
        (0, 5, 0), (MAX_ITEMS + 1,), (0, 2 * MAX_ITEMS + 1, 2), (0, -2 * MAX_ITEMS - 1, -2), (0, inf), (nan,),
        (0, 1, nan), (0, 1, 1e-300), (1e16, 1e16 + 64, 1.0), (0, 5, 0.0),
    ],
)  # fmt: skip
def test_a_range_without_end_is_refused(bounds: tuple[object, ...]) -> None:
    assert fault("range", *bounds).startswith("size-exceeded: `range` ")


def test_range_wants_numbers() -> None:
    assert fault("range", "x") == "type-mismatch: type mismatch: expected number, got string"
    assert fault("range", 0, True) == "type-mismatch: type mismatch: expected number, got bool"


@pytest.mark.parametrize("count", [0, 4])
def test_range_of_another_arity_writes_a_line(count: int) -> None:
    host = Host()
    assert NATIVES["range"](host, *[1] * count) is None
    assert host.output == ['"range: arity 1, 2, or 3"\n']


def test_members_by_equality_of_values() -> None:
    xs = [1.0, True, "1", [1], K("a"), symbol("a"), 1, nan, 0.0]
    places = [call("position", x, xs) for x in (1, 1.0, True, "1", (1, None), K("a"), symbol("a"), nan, -0.0, False)]
    assert places == [6, 0, 1, 2, 3, 4, 5, -1, 8, -1]
    assert [call("member?", x, xs) for x in (1, nan, None)] == [True, False, False]
    assert call("member?", 1, None) is False
    assert fault("member?", 1, 5) == NO_PAIR.format("int")


def test_distinct() -> None:
    xs = [1, 1.0, True, 1, "a", "a", [1], (1, None), nan, nan, 0.0, -0.0, None, None, {}, {}]
    assert display(call("distinct", xs)) == '(1 1 #t "a" (1) NaN NaN 0 () {})'


def test_distinct_structures() -> None:
    nest: object = []
    for _ in range(100_000):
        nest = [nest]
    xs: list[object] = [
        {K("a"): 1, "b": [1]}, {"b": (1, None), K("a"): 1}, {K("a"): 1.0, "b": [1]}, {K("a"): 1, "b": [2]},
        [1, [2]], [1.0, [2]], (1, ((2, None), None)), [1, 2], [[1], 2], [nan], [nan], [0.0], [-0.0], [], None, [],
        LONG * 9, pair_chain(LONG * 9, 0, None), [-1, *(LONG * 9)[1:]], car, cdr, car, nest, [nest], [nest],
    ]  # fmt: skip
    kept = (0, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 16, 18, 19, 20, 22, 23)
    found = items(call("distinct", xs))
    assert len(found) == len(kept)
    assert all(x is xs[at] for x, at in zip(found, kept, strict=True))


def test_distinct_compares_few_structures_of_many() -> None:
    # Minutes, were all compared with all.
    rows = [[n, [str(n), {"id": n}]] for n in range(20_000)]
    assert items(call("distinct", rows + rows)) == rows


def test_distinct_is_not_lost_in_shared_structure() -> None:
    tangle: object = []
    for _ in range(200):
        tangle = [tangle, tangle]
    assert call("distinct", [tangle, 1, 1]) == [tangle, 1]  # ends, though written out it would have 2^200 parts


def test_rows_of_two_lists() -> None:
    assert display(call("zip", [1, 2], ["a"])) == '((1 "a"))'
    assert call("interleave", [1, 2], ["a", "b", "c"]) == [1, "a", 2, "b"]
    assert call("intersperse", 0, [1, 2, 3]) == [1, 0, 2, 0, 3]
    assert call("intersperse", 0, [1]) == [1]


def test_flatten_goes_as_deep_as_lists_do() -> None:
    assert call("flatten", [1, (2, [3, [4, []]]), None, [None]]) == [1, 2, 3, 4]
    nest: object = "core"
    for _ in range(100_000):
        nest = [nest]
    assert call("flatten", nest) == ["core"]
    assert fault("flatten", 5) == NO_PAIR.format("int")


def test_greatest_and_least_by_a_number() -> None:
    calls: list[object] = []

    def size(x: object) -> int:
        calls.append(x)
        return abs(x)  # type: ignore[arg-type]

    assert call("max-by", size, [-5, 3, 5]) == -5
    assert len(calls) == 4  # twice a comparison
    assert call("min-by", abs, [-1, 1]) == -1
    assert call("min-by", abs, ["only"]) == "only"
    assert fault("max-by", abs, []) == EMPTY_CAR
    assert fault("max-by", lambda x: x, ["a", "b"]) == "type-mismatch: type mismatch: expected number, got string"


def test_plists() -> None:
    plist = [K("a"), 1, K("b"), 2, K("a"), 3, K("dangling")]
    assert [call("plist-get", plist, K(name)) for name in ("a", "b", "z", "dangling")] == [1, 2, None, None]
    assert call("plist-get", [1, K("a"), K("a"), 2], K("a")) == 2


def test_unwrap_or() -> None:
    assert [call("unwrap-or", x, 1) for x in (None, [], False, 0)] == [1, 1, False, 0]


@pytest.mark.parametrize("make", [append, lambda xs, _: call("reverse", call("reverse", xs))])
def test_what_makes_a_list_makes_a_new_one(make: Callable[[object, object], object]) -> None:
    for xs in shapes(LONG).values():
        assert call("eq?", xs, make(xs, None)) is False


def test_long_lists_take_no_stack() -> None:
    chain = pair_chain([0] * 50_000, 0, None)
    limit = sys.getrecursionlimit()
    assert length(append(chain, chain)) == 100_000
    assert sys.getrecursionlimit() == limit
