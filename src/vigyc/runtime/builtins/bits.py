"""From ints to ints, bit by bit: 64-bit two's complement.

Only the low six bits of a shift count matter. Left shifts drop what leaves 64 bits; right shifts keep the sign.
"""

from __future__ import annotations

from vigyc.runtime.faults import type_mismatch
from vigyc.runtime.native import native


def _int(x: object) -> int:
    if x.__class__ is int:
        return x
    raise type_mismatch("integer", x)


@native("bit-and", 0, None)
def bit_and(*args: object) -> int:
    """The bits set in all; -1 of nothing."""
    bits = -1
    for x in args:
        bits &= _int(x)
    return bits


@native("bit-or", 0, None)
def bit_or(*args: object) -> int:
    """The bits set in any; 0 of nothing."""
    bits = 0
    for x in args:
        bits |= _int(x)
    return bits


@native("bit-xor", 0, None)
def bit_xor(*args: object) -> int:
    """The bits set in an odd number of arguments; 0 of nothing."""
    bits = 0
    for x in args:
        bits ^= _int(x)
    return bits


@native("bit-not", 1)
def bit_not(x: object, /) -> int:
    """The complement."""
    return ~_int(x)


@native("bit-shift-left", 2)
def bit_shift_left(x: object, count: object, /) -> int:
    """`x` shifted towards the sign; bits that leave 64 are lost."""
    shifted = _int(x) << (_int(count) & 63)
    return ((shifted + 2**63) & (2**64 - 1)) - 2**63


@native("bit-shift-right", 2)
def bit_shift_right(x: object, count: object, /) -> int:
    """`x` shifted away from the sign, which stays."""
    return _int(x) >> (_int(count) & 63)
