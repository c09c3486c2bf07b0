"""From Python functions to intrinsics: what a host teaches the language, a family at a time.

An extension is a named set of functions, each with a Lisp name, an arity and a line of documentation; each receives the
tick's host first, then Lisp values. The standard ones (`intrinsics/`) come through the same door as a stranger's, but
are `trusted`: they check their arguments and return Lisp values. A stranger's function is guarded once, when it is
registered: its arguments are counted, its Python errors become the language's `native-fn` error with the cause kept,
and what it returns must be JSON data or a value it was given. An error in a program's function that it called back is
that function's own and passes through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FunctionType, TracebackType
from typing import Any, Final, TypeVar

from vigyc.lang.abi import BUILTINS
from vigyc.lang.datum import Keyword, Symbol
from vigyc.lang.errors import TickError
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.runtime.faults import arity_mismatch, arity_text, native_fault
from vigyc.runtime.json_value import from_json
from vigyc.runtime.lists import Vec
from vigyc.runtime.maps import SharedMap
from vigyc.runtime.native import Native
from vigyc.runtime.values import ErrorValue, Foreign, Promise

F = TypeVar("F", bound=Callable[..., object])

_SYMBOL = re.compile(r"(?!#[tf]$|:)[^\s()'`,\";]+")
_NUMBER = re.compile(r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE)
_VARIADIC = 0x04  # CO_VARARGS
_UNFINISHED = 0x20 | 0x80 | 0x100 | 0x200  # generator, coroutine, iterable coroutine, asynchronous generator

_PLAIN: Final = frozenset({str, bool, float, type(None), Symbol, Keyword})
_HANDLES: Final = (FunctionType, Vec, SharedMap, Promise, ErrorValue, Foreign)


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A function of an extension as the compiler sees it: it takes the host, then `lo` to `hi` arguments (None: any).

    `standard` says that it is vigyc's own, so that code for it may be generated in place.
    """

    name: str
    lo: int
    hi: int | None
    function: Callable[..., object]
    doc: str
    extension: str
    standard: bool = False


class Extension:
    """A named family of intrinsics; `standard` is for vigyc's own.

    >>> greetings = Extension("greetings")
    >>> @greetings.function("greet", 1)
    ... def greet(host, name):
    ...     "A greeting for `name`."
    ...     return f"hello {name}"
    """

    def __init__(self, name: str, *, standard: bool = False) -> None:
        if not name.isidentifier():
            raise ValueError(f"extension name {name!r} is not an identifier")
        self.name = name
        self.standard = standard
        self.intrinsics: dict[str, Intrinsic] = {}

    def __repr__(self) -> str:
        return f"Extension({self.name!r}, {len(self.intrinsics)} functions)"

    def function(
        self, name: str, lo: int | None = None, hi: int | None = -1, *, doc: str | None = None, trusted: bool = False
    ) -> Callable[[F], F]:
        """Register the decorated function as intrinsic `name` taking `lo` to `hi` arguments besides the host.

        Without `hi` the arity is exact, `hi=None` means any number from `lo` up, and without `lo` it is what the Python
        function takes. `doc` is by default its docstring. A `trusted` function is called directly: Python itself checks
        its arity, it must return Lisp values (runtime/values.py) and raise nothing but TickError.
        Raises ValueError for a name that is taken or that no program could call, TypeError for what is no function.
        """
        self._check_name(name)

        def register(function: F) -> F:
            takes = _arity(name, function)
            low, high = takes if lo is None else (lo, lo if hi == -1 else hi)
            if not _fits((low, high), takes):
                wanted, found = arity_text(low, high), arity_text(*takes)
                raise TypeError(f"`{name}` cannot take {wanted}: {function!r} takes {found}")
            text = doc if doc is not None else (function.__doc__ or "")
            ready: Any = function if trusted else _guarded(name, low, high, function)
            ready.__name__ = ready.__qualname__ = name
            ready.tatara = Native(name, low, high, host=True)
            self.intrinsics[name] = Intrinsic(name, low, high, ready, text.strip(), self.name, self.standard)
            return function

        return register

    def _check_name(self, name: str) -> None:
        if not _SYMBOL.fullmatch(name) or _NUMBER.fullmatch(name):
            raise ValueError(f"{name!r} is not a symbol a program could write")
        if name in self.intrinsics:
            raise ValueError(f"`{name}` is already a function of extension {self.name!r}")
        if name in SPECIAL_FORMS or name in BUILTINS:
            raise ValueError(f"`{name}` is the language's own")


def closure_extension(name: str, **functions: Callable[..., object]) -> Extension:
    """An extension of `functions`, named by keyword with `_` for `-`: `closure_extension("x", say_hi=f)`."""
    extension = Extension(name)
    for key, function in functions.items():
        extension.function(key.replace("_", "-"))(function)
    return extension


def resolve(extensions: Iterable[Extension]) -> dict[str, Intrinsic]:
    """The intrinsics in scope by name; a later extension overrides an earlier one."""
    found: dict[str, Intrinsic] = {}
    for extension in extensions:
        found.update(extension.intrinsics)
    return found


def signature(extensions: Iterable[Extension]) -> str:
    """What compiled code depends on, the same in every process: a line like `vigy-get 1 2 kv!` per intrinsic."""
    lines = [
        f"{known.name} {known.lo} {'*' if known.hi is None else known.hi} {known.extension}{'!' * known.standard}"
        for known in resolve(extensions).values()
    ]
    return "\n".join(sorted(lines))


def _arity(name: str, function: Callable[..., object]) -> tuple[int, int | None]:
    """How many arguments besides the host `function` takes."""
    plain = getattr(function, "__func__", function)
    code = getattr(plain, "__code__", None)
    if code is None:
        raise TypeError(f"`{name}`: {function!r} is not a Python function; wrap it in one")
    if code.co_flags & _UNFINISHED:
        raise TypeError(f"`{name}`: {function!r} is asynchronous or a generator; a tick needs the value itself")
    required = code.co_kwonlyargcount - len(plain.__kwdefaults__ or ())
    bound = 1 if plain is not function else 0
    count = code.co_argcount - bound - 1
    variadic = bool(code.co_flags & _VARIADIC)
    if required or (count < 0 and not variadic):
        raise TypeError(f"`{name}`: {function!r} must take the host first, then its arguments by position")
    least = max(count - len(plain.__defaults__ or ()), 0)
    return least, None if variadic else count


def _fits(wanted: tuple[int, int | None], takes: tuple[int, int | None]) -> bool:
    low, high = wanted
    if low < takes[0] or (high is not None and high < low):
        return False
    return takes[1] is None or (high is not None and high <= takes[1])


def _guarded(name: str, lo: int, hi: int | None, function: Callable[..., object]) -> Any:
    """`function` behind a check of its arity, of what it raises and of what it returns."""
    most = hi if hi is not None else 2**31

    def call(host: object, *args: object) -> object:
        if not lo <= len(args) <= most:
            raise arity_mismatch(name, lo, hi, len(args))
        try:
            value = function(host, *args)
        except (TickError, RecursionError):
            raise
        except Exception as error:
            if _in_program(error.__traceback__):
                raise
            raise native_fault(name, f"{type(error).__name__}: {error}" if str(error) else repr(error)) from error
        return value if value.__class__ in _PLAIN else _accepted(name, value, args)

    return call


def _in_program(trace: TracebackType | None) -> bool:
    """Whether the error came out of a program's own function, whose module lists its functions."""
    while trace is not None:
        if "FUNCTIONS" in trace.tb_frame.f_globals:
            return True
        trace = trace.tb_next
    return False


def _accepted(name: str, value: object, args: tuple[object, ...]) -> object:
    """`value` as a Lisp value: JSON data, something the function was given, or a handle of the language."""
    if isinstance(value, _HANDLES) or any(value is arg for arg in args):
        return value
    try:
        return from_json(value)
    except TypeError as error:
        raise native_fault(name, f"its result is {error}") from error
