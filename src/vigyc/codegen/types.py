"""From what is known of a value to a `Type`: the lattice that inference computes in.

A type is a set of representations (a bit mask over `runtime.values`' table), an interval for integers and, for lists
and maps, the type of what they hold. `ANY` is the top. Joining loses nothing but precision; `widen` makes loops end.
"""

from __future__ import annotations

NIL = 1
FALSE = 2
TRUE = 4
INT = 8
FLOAT = 16
STR = 32
SYM = 64
KEYWORD = 128
EMPTY = 256  # [], the empty list that is not nil
ARRAY = 512  # a non-empty Python list
PAIR = 1024  # of a chain that is pairs to its end
VEC = 2048
DICT = 4096
SHARED_MAP = 8192
FUNCTION = 16384
OTHER = 32768
LOOSE = 65536  # a pair whose tail may be an array

BOOL = FALSE | TRUE
NUMBER = INT | FLOAT
CELL = PAIR | LOOSE
LIST = EMPTY | ARRAY | CELL | VEC
ANY_LIST = LIST | NIL
MAP = DICT | SHARED_MAP
ALL = (1 << 17) - 1
FALSY = NIL | FALSE
# Python holds every value of these true, as the language does.
ALWAYS_TRUE = TRUE | SYM | KEYWORD | ARRAY | CELL | VEC | FUNCTION | OTHER
# Map keys that stand for themselves.
PLAIN_KEY = NIL | INT | STR | SYM | KEYWORD

INT_MIN = -(2**63)
INT_MAX = 2**63 - 1


Fields = dict[object, "Type"]
MAX_FIELDS = 24
MAX_DEPTH = 3  # how deep types nest; what lies deeper may be anything


class Type:
    """A set of values; `lo` and `hi` bound the integers in it, `elem` types what lists and maps hold.

    `key` says of which kinds a map's keys are; `fields` types what it holds under constant keys it surely has.
    """

    __slots__ = ("depth", "elem", "fields", "hi", "key", "lo", "mask")

    def __init__(
        self,
        mask: int,
        lo: int = INT_MIN,
        hi: int = INT_MAX,
        elem: Type | None = None,
        key: int = ALL,
        fields: Fields | None = None,
    ) -> None:
        self.mask = mask
        self.lo = lo
        self.hi = hi
        self.key = key
        self.depth = 0
        if elem is not None:
            if elem.depth >= MAX_DEPTH:
                elem = None
            else:
                self.depth = elem.depth + 1
        if fields is not None:
            deepest = max([field.depth for field in fields.values()], default=-1)
            if deepest >= MAX_DEPTH:
                fields = None
            else:
                self.depth = max(self.depth, deepest + 1)
        self.elem = elem
        self.fields = fields

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Type)
            and self.mask == other.mask
            and (not self.mask & INT or (self.lo == other.lo and self.hi == other.hi))
            and self.key == other.key
            and self.elem == other.elem
            and self.fields == other.fields
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Type({self.mask:#x}, {self.lo}, {self.hi}, {self.elem})"

    def only(self, mask: int) -> bool:
        """Whether every value is of one of the kinds in `mask`."""
        return not self.mask & ~mask

    def may(self, mask: int) -> bool:
        """Whether some value can be of a kind in `mask`."""
        return bool(self.mask & mask)

    def narrow(self, mask: int) -> Type:
        """The part of it within `mask`."""
        if not self.mask & ~mask:
            return self
        return Type(self.mask & mask, self.lo, self.hi, self.elem, self.key, self.fields if mask & MAP else None)

    @property
    def held(self) -> Type:
        """The type of an element."""
        return self.elem if self.elem is not None else ANY


ANY = Type(ALL)
NEVER = Type(0)
NIL_TYPE = Type(NIL)
BOOL_TYPE = Type(BOOL)
INT_TYPE = Type(INT)
SIZE_TYPE = Type(INT, 0, 2**40)
FLOAT_TYPE = Type(FLOAT)
NUMBER_TYPE = Type(NUMBER)
STR_TYPE = Type(STR)
LIST_TYPE = Type(LIST)
ANY_LIST_TYPE = Type(ANY_LIST)
MAP_TYPE = Type(MAP)
FUNCTION_TYPE = Type(FUNCTION)

_HOLDERS = LIST | MAP


def join(a: Type, b: Type) -> Type:
    """The smallest type that holds both."""
    if a is b or not b.mask:
        return a
    if not a.mask:
        return b
    lo, hi = a.lo, a.hi
    if b.mask & INT:
        if a.mask & INT:
            lo = min(lo, b.lo)
            hi = max(hi, b.hi)
        else:
            lo, hi = b.lo, b.hi
    elem, key = a.elem, a.key
    fields = a.fields
    if b.mask & MAP:
        fields = _join_fields(a.fields, b.fields) if a.mask & MAP else b.fields
    if b.mask & _HOLDERS & ~EMPTY:
        if a.mask & _HOLDERS & ~EMPTY:
            elem = None if a.elem is None or b.elem is None else join(a.elem, b.elem)
            key = a.key | b.key
        else:
            elem, key = b.elem, b.key
    return Type(a.mask | b.mask, lo, hi, elem, key, fields)


def _join_fields(a: Fields | None, b: Fields | None) -> Fields | None:
    if a is None or b is None:
        return None
    return {key: join(a[key], b[key]) for key in a if key in b} or None


def widen(old: Type, new: Type) -> Type:
    """`join`, but an interval that still grows goes to its limit at once, and nesting is cut."""
    joined = join(old, new)
    if joined is old:
        return old
    lo, hi, elem, fields = joined.lo, joined.hi, joined.elem, joined.fields
    if old.mask & joined.mask & INT:
        if lo < old.lo:
            lo = 0 if lo >= 0 else INT_MIN
        if hi > old.hi:
            hi = INT_MAX
    if elem is not None and old.elem is not None:
        elem = widen(old.elem, elem)
    if fields is not None:
        former = old.fields or {}
        fields = {key: widen(former[key], field) if key in former else field for key, field in fields.items()}
    return Type(joined.mask, lo, hi, elem, joined.key, fields)


def of_constant(value: object) -> Type:
    """The type of a constant."""
    if value is None:
        return NIL_TYPE
    if value is True:
        return Type(TRUE)
    if value is False:
        return Type(FALSE)
    if value.__class__ is int:
        return Type(INT, value, value)
    if value.__class__ is float:
        return FLOAT_TYPE
    if value.__class__ is str:
        return STR_TYPE
    return Type(SYM if value.__class__.__name__ == "Symbol" else KEYWORD)


def list_of(elem: Type, *, or_nil: bool = False, empty: bool = True) -> Type:
    """A Python list of `elem`."""
    return Type(ARRAY | (EMPTY if empty else 0) | (NIL if or_nil else 0), elem=elem)
