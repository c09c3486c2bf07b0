"""From the language's control flow to Python's: tail calls in constant stack, errors, names found at run time."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Final, NoReturn

from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime import faults
from vigyc.runtime.host import Host
from vigyc.runtime.native import Native
from vigyc.runtime.values import MAX_TEXT, ErrorValue, kind_of

Function = Callable[..., object]

_VARARGS: Final = 0x04  # the code flag of `*args`


class Unset:
    """The mark of a variable that has no value yet."""

    __slots__ = ()


UNSET: Final = Unset()


class HandedOver:
    """A tail call to be made by whoever called: `function` with `args`."""

    __slots__ = ("args", "function")

    def __init__(self, function: Function, args: tuple[object, ...]) -> None:
        self.function = function
        self.args = args


def hand_over(function: object, args: tuple[object, ...]) -> object:
    """The tail call of `function`, not made yet.

    Made at once where it cannot fail later than here: natives make no tail calls, and a wrong number of arguments
    has its place here.
    """
    if function.__class__ is not FunctionType:
        raise faults.not_callable(kind_of(function))
    code, surplus = function.__code__, len(args) - function.__code__.co_argcount
    if surplus < 0 or (surplus > 0 and not code.co_flags & _VARARGS) or "tatara" in function.__dict__:
        return function(*args)
    return HandedOver(function, args)


def bounce(result: object) -> object:
    """`result`, once no tail call is left to be made."""
    while result.__class__ is HandedOver:
        function = result.function
        args = result.args
        step = function.__dict__.get("step", function)
        count = len(args)
        # Written out, because a call with `*args` takes C stack in CPython 3.11.
        if count == 1:
            result = step(args[0])
        elif count == 2:
            result = step(args[0], args[1])
        elif count == 3:
            result = step(args[0], args[1], args[2])
        elif count == 0:
            result = step()
        elif count == 4:
            result = step(args[0], args[1], args[2], args[3])
        else:
            result = step(*args)
    return result


def bouncing(function: Function, step: Function) -> None:
    """Let a tail call of `function` run `step`, which may hand over in turn."""
    function.step = step  # type: ignore[attr-defined]


def fail(kind: str, *args: str) -> NoReturn:
    """Raise the error that the compiler found here."""
    if kind == "unbound-symbol":
        raise faults.unbound_symbol(args[0])
    if kind == "bad-special-form":
        raise faults.bad_special_form(args[0], args[1])
    if kind == "not-defined":
        raise Thrown(ErrorValue(kind, args[0]))
    raise TickError(kind, args[0])


def fail_arity(name: str, lo: int, hi: int | None, *args: object) -> NoReturn:
    """Raise for a call of `name` that the compiler knows to have a wrong number of arguments."""
    raise faults.arity_mismatch(name, lo, hi, len(args))


def fail_require(tag: str, message: str) -> NoReturn:
    """Raise what a `require` ends with: the module's read error, or an error value of `tag`."""
    if tag == "reader":
        raise TickError("reader", message)
    raise Thrown(ErrorValue(tag, message))


def text_overflow(name: str) -> NoReturn:
    """Raise for a string that would be too long."""
    raise faults.size_exceeded(name, MAX_TEXT)


def bind(host: Host, name: str, function: Function) -> Function:
    """Builtin `name`, which needs the host, as a value that can be called without; one identity in a tick."""
    found = host.bound.get(name)
    if found is not None:
        return found
    known: Native = function.tatara  # type: ignore[attr-defined]

    def bound(*args: object) -> object:
        count = len(args)
        if count < known.lo or (known.hi is not None and count > known.hi):
            raise faults.arity_mismatch(name, known.lo, known.hi, count)
        return function(host, *args)

    bound.tatara = known  # type: ignore[attr-defined]
    host.bound[name] = bound
    return bound


def find(name: str, *frames: dict[str, object]) -> object:
    """What evaluated code defined as `name`, in the innermost of `frames` that has it; or UNSET."""
    for frame in frames:
        if name in frame:
            return frame[name]
    return UNSET


def store(name: str, value: object, *frames: dict[str, object]) -> bool:
    """`set!` of `name` in the innermost of `frames` that has it; whether there is one."""
    for frame in frames:
        if name in frame:
            frame[name] = value
            return True
    return False
