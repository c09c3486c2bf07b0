"""The kernels as one would write them in Python: the 1.0 of every ratio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def sumloop(n):
    acc = 0
    for i in range(1, n + 1):
        acc += i
    return acc


def pipeline(n):
    ys = [x * 3 + 1 for x in range(n)]
    return sum(y for y in ys if y % 2 == 0)


def strings(n):
    return len(",".join([f"item-{i}" for i in range(n)]))


def hashmap(n):
    d = {}
    for i in range(n):
        d[f"k{i}"] = i
    for k in d:
        d[k] += 1
    return sum(d.values())


def safe(queens, col):
    for dist, c in enumerate(queens, 1):
        if c == col or abs(c - col) == dist:
            return False
    return True


def nqueens(n, row=0, queens=()):
    if row == n:
        return 1
    total = 0
    for col in range(n):
        if safe(queens, col):
            total += nqueens(n, row + 1, (col, *queens))
    return total


def mk(lo, hi, bump):
    return {
        f"svc-{i}": {"image": f"img:{i % 7}", "replicas": i % 5 + (1 if bump and i % 10 == 0 else 0)}
        for i in range(lo, hi)
    }


DESIRED = mk(0, 1000, False)
OBSERVED = mk(100, 1100, True)


def diff(desired=DESIRED, observed=OBSERVED):
    actions = []
    for name, d in desired.items():
        o = observed.get(name)
        if o is None:
            actions.append(("create", name))
        elif d["image"] != o["image"] or d["replicas"] != o["replicas"]:
            actions.append(("update", name))
    for name in observed:
        if name not in desired:
            actions.append(("delete", name))
    return len(actions)


def escape(cr, ci):
    zr = zi = 0.0
    for n in range(50):
        if zr * zr + zi * zi > 4.0:
            return n
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
    return 50


def mandelbrot():
    return sum(escape(x * 0.0625 - 2.0, y * 0.0625 - 1.0) for y in range(32) for x in range(48))


TEXT = "The quick brown fox jumps over the lazy dog and the cat " * 200


def words():
    seen = {}
    for word in TEXT.split(" "):
        key = word.lower()
        if key:
            seen[key] = seen.get(key, 0) + 1
    return [len(seen), seen["the"], seen["cat"]]


class Point(NamedTuple):
    x: int
    y: int
    vx: int
    vy: int


POINTS = [Point(i, 2 * i, i % 3, 1) for i in range(100)]


def move(p):
    x = p.x + p.vx
    return Point(0 if x > 50 else x, p.y + p.vy, p.vx, p.vy)


def records():
    points = POINTS
    for _ in range(20):
        points = [move(p) for p in points]
    return sum(p.x + p.y for p in points)


EVENTS = [("coin", "reset", "push", "coin", "fault")[i * 7 % 5] for i in range(10000)]


def next_state(state, event):
    if state == "locked":
        return "open" if event == "coin" else "broken" if event == "fault" else "locked"
    if state == "open":
        return "locked" if event == "push" else "broken" if event == "fault" else "open"
    return "locked" if event == "reset" else "broken"


def machine():
    state, opened = "locked", 0
    for event in EVENTS:
        state = next_state(state, event)
        if state == "open":
            opened += 1
    return [state, opened]


def grow(n):
    if n == 0:
        return 3
    if n % 3 == 0:
        return ["neg", grow(n - 1)]
    if n % 3 == 1:
        return ["add", grow(n - 1), grow(n - 1)]
    return ["mul", grow(n - 1), 2]


TREE = ["add", grow(24), grow(21)]


def evaluate(e):
    match e:
        case ["add", a, b]:
            return evaluate(a) + evaluate(b)
        case ["mul", a, b]:
            return evaluate(a) * evaluate(b) % 1000003
        case ["neg", a]:
            return -evaluate(a)
        case int():
            return e
    raise ValueError("what is this?")


def interpreter():
    return evaluate(TREE)


def noise(n, seed):
    out = []
    for _ in range(n):
        out.append(seed % 10000)
        seed = (seed * 1103515245 + 12345) % 2147483648
    return out[::-1]


NUMBERS = noise(1000, 42)


def merge(xs, ys):
    out = []
    i = j = 0
    while i < len(xs) and j < len(ys):
        if ys[j] < xs[i]:
            out.append(ys[j])
            j += 1
        else:
            out.append(xs[i])
            i += 1
    return out + xs[i:] + ys[j:]


def sort(xs):
    if len(xs) < 2:
        return xs
    half = len(xs) // 2
    return merge(sort(xs[:half]), sort(xs[half:]))


def mergesort():
    numbers = sort(NUMBERS)
    return [numbers[0], numbers[500], numbers[-1], len(numbers)]


def adder(n):
    return lambda x: x + n


def scaler(n):
    return lambda x: x * n % 10007


STEPS = [adder(i) if i % 2 == 0 else scaler(i) for i in range(1, 13)]


def through(steps, x):
    for step in steps:
        x = step(x)
    return x


def make_total():
    total = 0

    def add(x):
        nonlocal total
        total += x
        return total

    return add


def closures():
    add = make_total()
    for x in range(2000):
        add(through(STEPS, x))
    return add(0)


def groups():
    index: dict[str, list[int]] = {}
    for i in range(5000):
        index.setdefault(f"key-{i * i % 97}", []).append(i)
    return [len(index), max(len(values) for values in index.values())]


def path(n):
    steps = 1
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def collatz():
    best = best_length = 0
    for n in range(1, 3000):
        length = path(n)
        if length > best_length:
            best, best_length = n, length
    return [best, best_length]


class Kernel(NamedTuple):
    """A kernel by hand, what it answers as JSON data, and how its answer reads in the language's own values."""

    run: Callable[[], Any]
    what: str


KERNELS: dict[str, Kernel] = {
    "fib": Kernel(lambda: fib(24), "doubly recursive Fibonacci"),
    "sumloop": Kernel(lambda: sumloop(1_000_000), "a sum of a million by a tail call"),
    "pipeline": Kernel(lambda: pipeline(100_000), "map, filter, fold over 100,000"),
    "strings": Kernel(lambda: strings(10_000), "one string of 10,000 pieces"),
    "hashmap": Kernel(lambda: hashmap(10_000), "a map of 10,000 keys, each updated"),
    "nqueens": Kernel(lambda: nqueens(6), "six queens"),
    "diff": Kernel(diff, "1,000 desired against 1,000 observed"),
    "mandelbrot": Kernel(mandelbrot, "floats in a loop"),
    "words": Kernel(words, "counting the words of a text"),
    "records": Kernel(records, "making, reading, updating records"),
    "machine": Kernel(machine, "a state machine over 10,000 events"),
    "interpreter": Kernel(interpreter, "pattern matching over a tree"),
    "mergesort": Kernel(mergesort, "sorting lists by merging"),
    "closures": Kernel(closures, "functions made by functions"),
    "groups": Kernel(groups, "a map of growing lists"),
    "collatz": Kernel(collatz, "whole numbers in nested loops"),
}
