"""The natives that call back, and functions made of functions (language reference 9, 14.2; decision D11)."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime import library  # noqa: F401 - it registers natives
from vigyc.runtime.lists import pair_chain
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import MAX_ITEMS, ErrorValue, kind_of

K = keyword
LISTS_LAST = [
    "map", "filter", "remove", "for-each", "find", "find-index", "some", "any?", "every?", "count-if", "take-while",
    "drop-while", "partition", "group-by", "sort-by", "sort-by-key",
]  # fmt: skip


def call(name: str, *args: object) -> Any:
    return NATIVES[name](*args)


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


def even(x: Any) -> bool:
    return bool(x % 2 == 0)


def same(x: object) -> object:
    return x


@contextmanager
def recursion_limit(limit: int) -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def test_map_and_its_kin() -> None:
    assert call("map", same, (1, [2])) == [1, 2]
    assert call("map", lambda a, b: a + b, [1, 2, 3], [10, 20]) == [11, 22]
    assert call("map", lambda *row: list(row), [1, 2], (3, [4]), [5, 6]) == [[1, 3, 5], [2, 4, 6]]
    assert call("filter", same, [1, False, None, [], 0, ""]) == [1, [], 0, ""]
    assert call("remove", same, [1, False, None, []]) == [False, None]
    seen: list[object] = []
    assert call("for-each", seen.append, [1, 2]) is None
    assert seen == [1, 2]


def test_searching_stops_where_it_can() -> None:
    seen: list[int] = []

    def big(x: int) -> bool:
        seen.append(x)
        return x > 1

    xs = [1, 2, 3]
    assert [call(name, big, xs) for name in ("find", "find-index", "some", "any?")] == [2, 1, True, True]
    assert call("every?", lambda x: not big(x), xs) is False
    assert call("take-while", lambda x: not big(x), xs) == [1]
    assert call("drop-while", lambda x: not big(x), xs) == [2, 3]
    assert seen == [1, 2] * 7


def test_nothing_found() -> None:
    found = [call(name, even, [1, 3]) for name in ("find", "find-index", "some", "any?", "every?", "count-if")]
    assert found == [None, -1, None, False, False, 0]
    assert [call(name, even, None) for name in ("any?", "every?", "count-if", "take-while")] == [False, True, 0, []]


def test_partition_and_group_by() -> None:
    assert call("partition", even, [1, 2, 3, 4]) == [[2, 4], [1, 3]]
    assert call("partition", even, None) == [[], []]
    keys = ["a", symbol("a"), K("a"), 1, 1.0, 1.5, True, False, None, [], [1, "x"], {}]
    assert [group[0] for group in call("group-by", same, keys)] == [
        "a", ":sym a", ":kw a", ":int 1", ":float 1", ":float 1.5", ":bool true", ":bool false", ":nil", ":()",
        ':(1 "x")', ":{}",
    ]  # fmt: skip
    assert call("group-by", same, [1, ":int 1", 1]) == [[":int 1", [1, ":int 1", 1]]]


@pytest.mark.parametrize("name", LISTS_LAST)
def test_the_list_is_checked_before_the_function(name: str) -> None:
    assert fault(name, 5, "abc") == "type-mismatch: type mismatch: expected list, got string"
    call(name, 5, [])  # the function is not called, so that it is none goes unnoticed


def test_folds() -> None:
    pair: Callable[[object, object], object] = lambda a, b: [a, b]  # noqa: E731
    assert call("foldl", pair, "i", [1, 2]) == [["i", 1], 2]
    assert call("foldr", pair, "i", [1, 2]) == [1, [2, "i"]]
    assert call("reduce", pair, [1, 2, 3]) == [[1, 2], 3]
    assert call("reduce", pair, "i", [1]) == ["i", 1]
    assert call("reduce", pair, None, [1]) == [None, 1]
    assert call("reduce", pair, [5]) == 5
    assert call("scan-left", lambda a, x: a + x, 0, [1, 2, 3]) == [0, 1, 3, 6]
    assert call("scan-left", 5, 0, None) == [0]
    assert fault("reduce", pair, None) == "native-fn: in native `reduce`: no init and empty list"
    for name in ("foldl", "foldr", "scan-left"):
        assert fault(name, pair, 0, 5) == "type-mismatch: type mismatch: expected list, got int"


@pytest.mark.parametrize("count", range(12))
def test_apply_takes_any_number(count: int) -> None:
    args = list(range(count))
    assert call("apply", lambda *given: list(given), args) == args
    for head in range(count):
        assert call("apply", lambda *given: list(given), *args[:head], pair_chain(args[head:], 0, None)) == args


def test_apply_wants_a_list_last() -> None:
    assert fault("apply", same, 1) == "type-mismatch: type mismatch: expected list (last arg of apply), got int"
    assert fault("apply", same, [1], {}) == "type-mismatch: type mismatch: expected list (last arg of apply), got map"


def test_iterate_and_repeatedly() -> None:
    calls: list[int] = []

    def double(x: int) -> int:
        calls.append(x)
        return x * 2

    assert call("iterate", double, 1, 4) == [1, 2, 4, 8]
    assert calls == [1, 2, 4, 8]  # once more than needed
    assert call("iterate", 5, 0, 0) == []
    assert call("repeatedly", lambda: 1, 3) == [1, 1, 1]
    for args in ((same, 0), (same,)):
        name = "iterate" if len(args) == 2 else "repeatedly"
        assert fault(name, *args, -1) == "native-fn: in native `hof`: expected non-negative int"
        assert fault(name, *args, 1.0) == "type-mismatch: type mismatch: expected integer, got float"
        assert fault(name, *args, MAX_ITEMS + 1).startswith(f"size-exceeded: `{name}`")


def insertion_sort(comparator: Callable[[Any, Any], object], xs: list[Any]) -> list[Any]:
    """What the language says that `sort-by` does."""
    out = list(xs)
    for i in range(1, len(out)):
        for j in range(i, 0, -1):
            answer = comparator(out[j - 1], out[j])
            if not (answer is True or (answer is not False and answer > 0)):  # type: ignore[operator]
                break
            out[j - 1], out[j] = out[j], out[j - 1]
    return out


COMPARATORS: dict[str, Callable[[Any, Any], object]] = {
    "-": lambda a, b: a[0] - b[0],
    "<": lambda a, b: a[0] < b[0],
    ">": lambda a, b: a[0] > b[0],
    "<=": lambda a, b: a[0] <= b[0],
    ">=": lambda a, b: a[0] >= b[0],
    "never": lambda a, b: False,
    "always": lambda a, b: True,
}


@pytest.mark.parametrize("comparator", COMPARATORS.values(), ids=COMPARATORS)
@given(keys=st.lists(st.integers(0, 9), max_size=100))
def test_sort_by_gives_what_insertion_sort_gives(comparator: Callable[[Any, Any], object], keys: list[int]) -> None:
    xs = [[key, place] for place, key in enumerate(keys)]
    assert call("sort-by", comparator, xs) == insertion_sort(comparator, xs)


def test_sort_by_compares_short_lists_in_the_order_of_insertion_sort() -> None:
    calls: list[tuple[int, int]] = []

    def after(a: int, b: int) -> bool:
        calls.append((a, b))
        return a > b

    assert call("sort-by", after, [1, 2, 3, 0]) == [0, 1, 2, 3]
    assert calls == [(1, 2), (2, 3), (3, 0), (2, 0), (1, 0)]


def test_sort_by_asks_n_log_n_times() -> None:
    calls = itertools.count()
    xs = [(n * 7919) % 10_007 for n in range(10_000)]
    call("sort-by", lambda a, b: a - b + 0 * next(calls), xs)
    assert next(calls) < 10_000 * 20


@pytest.mark.parametrize(
    ("name", "xs", "result"),
    [
        ("<", [3, 1, 2], [3, 2, 1]), (">", [3, 1, 2], [1, 2, 3]), ("-", [3, 1, 2], [1, 2, 3]),
        ("compare", ["b", "a", "C"], ["C", "a", "b"]), ("compare", [K("b"), K("a")], [K("a"), K("b")]),
        ("<", [1.5, 0.5, 2.5], [2.5, 1.5, 0.5]), (">", [2, 1.5, 1], [1, 1.5, 2]), (">=", [1, 2, 2, 1], [1, 1, 2, 2]),
    ],
)  # fmt: skip
def test_sort_by_builtins(name: str, xs: list[object], result: list[object]) -> None:
    assert call("sort-by", NATIVES[name], xs) == result


def test_sort_by_builtins_still_refuse_what_they_refuse() -> None:
    sort = "type-mismatch: type mismatch: expected {}, got {}"
    assert fault("sort-by", NATIVES["-"], [1.5, 0.5]) == sort.format("int (or bool) from comparator", "float")
    assert fault("sort-by", NATIVES["<"], ["a", "b"]) == sort.format("number", "string")
    assert fault("sort-by", NATIVES["-"], [2**63 - 1, -5]) == "integer-overflow: integer overflow in `-`"
    assert fault("sort-by", lambda a, b: None, [1, 2]) == sort.format("int (or bool) from comparator", "nil")


def test_sort_by_key() -> None:
    rows = [["b", 1], ["a", 2], ["b", 3], ["a", 4]]
    assert call("sort-by-key", lambda row: row[0], rows) == [["a", 2], ["a", 4], ["b", 1], ["b", 3]]
    assert call("sort-by-key", same, [2, 1.5, -1, 1]) == [-1, 1, 1.5, 2]
    assert call("sort-by-key", same, [K("b"), K("a")]) == [K("a"), K("b")]
    calls: list[int] = []
    call("sort-by-key", lambda x: calls.append(x) or x, [3, 1, 2])  # type: ignore[func-returns-value]
    assert calls == [3, 1, 2]
    mixed = "type-mismatch: type mismatch: expected comparable values of the same kind, got {} vs {}"
    assert fault("sort-by-key", same, [1, 2, "a"]) == mixed.format("int", "string")
    assert fault("sort-by-key", same, [None, None]) == mixed.format("nil", "nil")
    no_order = "native-fn: in native `sort-by-key`: the key at position 1 is NaN, which has no order"
    assert fault("sort-by-key", same, [1.0, float("nan")]) == no_order


def test_combinators() -> None:
    assert call("const", 5)(1, 2, 3) == 5
    assert call("flip", lambda a, b: [a, b])(1, 2) == [2, 1]
    assert call("comp", lambda x: [x], lambda x: x + 1)(1) == [2]
    assert call("compose", lambda x: x + 1, lambda x: x * 2)(5) == 11
    assert call("pipe", lambda x: x + 1, lambda x: x * 2)(5) == 12
    assert [call(name)(7) for name in ("compose", "pipe")] == [7, 7]
    rest = lambda *args: list(args)  # noqa: E731
    assert [call("partial", rest, *range(n))(8, 9) for n in range(3)] == [[8, 9], [0, 8, 9], [0, 1, 8, 9]]
    assert [call("partial", rest, 0)(*range(n)) for n in range(3)] == [[0], [0, 0], [0, 0, 1]]
    assert call("juxt", rest, len)([1]) == [[[1]], 1]
    assert call("juxt")(1) == []
    seen: list[object] = []
    assert call("tap", seen.append, 5) == 5
    assert seen == [5]


def test_memoize_goes_by_what_the_arguments_print() -> None:
    calls: list[tuple[object, ...]] = []

    def count(*args: object) -> int:
        calls.append(args)
        return len(calls)

    remembered = call("memoize", count)
    assert [remembered(*args) for args in ((1,), (1.0,), ("1",), (1, 2), (), (1,), ())] == [1, 1, 2, 3, 4, 1, 4]
    assert calls == [(1,), ("1",), (1, 2), ()]


def test_memoize_does_not_remember_errors() -> None:
    remembered = call("memoize", NATIVES["throw"])
    for _ in range(2):
        with pytest.raises(TickError):
            remembered(1)


def test_functions_made_of_functions_are_closures_of_their_own() -> None:
    made = [call("partial", same, 1), call("partial", same, 1)]
    assert [kind_of(f) for f in made] == ["closure"] * 2
    assert call("equal?", *made) is False
    assert call("equal?", made[0], made[0]) is True
    assert [display(call(name, same, same)) for name in ("comp", "compose")] == ["#<closure (x)>"] * 2
    assert display(call("const", 1)) == "#<closure>"


# Called directly: a test's own `*args` on the way would take the C stack that the natives do without.
MAP, FOLDL, APPLY, SORT_BY = (NATIVES[name] for name in ("map", "foldl", "apply", "sort-by"))
PARTIAL, JUXT, MEMOIZE = (NATIVES[name] for name in ("partial", "juxt", "memoize"))
WAYS: dict[str, Callable[[Any, int], object]] = {
    "map": lambda f, n: MAP(f, [n]),
    "map of two lists": lambda f, n: MAP(lambda a, b: f(a), [n], [n]),
    "map of three lists": lambda f, n: MAP(lambda a, b, c: f(a), [n], [n], [n]),
    "foldl": lambda f, n: FOLDL(lambda acc, x: f(x), 0, [n]),
    "apply": lambda f, n: APPLY(f, [n]),
    "sort-by": lambda f, n: SORT_BY(lambda a, b: bool(f(n)), [1, 2]),
    "partial": lambda f, n: PARTIAL(lambda a, b: f(b), 1)(n),
    "juxt": lambda f, n: JUXT(f)(n),
    "memoize": lambda f, n: MEMOIZE(f)(n),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_recursion_through_callbacks_takes_no_c_stack(way: Callable[[Any, int], object]) -> None:
    def down(n: int) -> object:
        return way(down, n - 1) if n else None

    with recursion_limit(200_000):
        down(30_000)


def test_errors_of_callbacks_pass_through() -> None:
    with pytest.raises(TickError) as caught:
        call("map", NATIVES["error-tag"], [ErrorValue("a", "b"), 5])
    assert caught.value.kind == "type-mismatch"
