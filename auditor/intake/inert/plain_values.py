"""What counts as a plain value in a pickle: constructors whose arguments cost nothing to make.

Purpose: a loader calls ``datetime``, ``Decimal``, ``range`` and their like with what the file says;
only arguments that they take, and that stay small, are values here.
"""

from __future__ import annotations

import re

from auditor.intake.inert.values import DEVICE, Made

SCALARS = (int, float, str, bytes, bool, type(None), complex)
MOST = 100
"""So many tuples in a key are looked into, each once."""
_DAYS = 999_999_999
_ZONED = ("datetime.timezone", "datetime.datetime", "datetime.time")
"""What may be given a zone, or the distance that makes one, as its last argument."""
_NAMED = {
    "torch.device": DEVICE,
    "torch.serialization._get_layout": re.compile(r"torch\.(strided|jagged|_mkldnn|sparse_\w{3})"),
}
_FRACTION = re.compile(r"-?\d{1,1000}(/\d{1,1000})?")
_VALUES = re.compile(
    r"(datetime|uuid|decimal|pathlib)(\.\w+)+|torch\.(device|serialization\._get_layout)"
    r"|builtins\.(complex|slice|range|int|float|bool|str|object|NoneType)"
    r"|numpy\.(bool_?|u?int\d+|float\d+|complex\d+|longlong)"
)


def is_value(name: str, args: tuple[object, ...]) -> bool:
    """Whether a call makes a plain value.

    >>> is_value("builtins.range", (0, 5, 0)), is_value("datetime.timedelta", (1, 0, 0))
    (False, True)
    """
    if name == "builtins.str" and len(args) > 1:
        return False  # a codec, which may be slow
    if name == "fractions.Fraction":
        return all(type(v) is int or bool(_FRACTION.fullmatch(str(v))) for v in args)
    if name in _ZONED and args and isinstance(args[-1], Made):
        ends = {"datetime.timezone": "datetime.timedelta"}.get(name, "datetime.timezone")
        args_left = args[:-1]
        return args[-1].name == ends and all(map(_is_scalar, args_left)) and _takes(name, args_left)
    if name in _NAMED:
        return (
            isinstance(args[0], str)
            and bool(_NAMED[name].fullmatch(args[0]))
            and all(type(number) is int for number in args[1:])
        )
    if name in ("numpy.str_", "numpy.bytes_", "numpy.void"):
        return all(isinstance(value, str | bytes) for value in args)
    return bool(_VALUES.fullmatch(name)) and all(map(_is_scalar, args)) and _takes(name, args)


def hashable(value: object) -> bool:
    """False for what no dictionary takes as a key, and no set as an entry."""
    todo, seen = [value], set[int]()
    while todo and len(seen) < MOST:
        part = todo.pop()
        if _is_mutable(part):
            return False
        if isinstance(part, tuple) and id(part) not in seen:
            seen.add(id(part))
            todo.extend(part)
    return True


def _is_mutable(value: object) -> bool:
    return isinstance(value, list | bytearray) or type(value).__name__ == "Pairs"


def _is_scalar(value: object) -> bool:
    return isinstance(value, SCALARS)


def _takes(name: str, args: tuple[object, ...]) -> bool:
    """Arguments that the constructor does not refuse."""
    if name == "builtins.range":
        return 1 <= len(args) <= 3 and all(type(v) is int for v in args) and (*args, 1, 1)[2] != 0
    if name == "datetime.timedelta":
        return all(isinstance(v, int | float) and abs(v) <= _DAYS for v in args)
    raw = args[0] if args else None
    if name in ("datetime.datetime", "datetime.date") and isinstance(raw, bytes):
        clock = name != "datetime.datetime" or (
            len(raw) == 10 and raw[4] < 24 and raw[5] < 60 and raw[6] < 60
        )
        return len(raw) >= 4 and 1 <= raw[2] & 0x7F <= 12 and 1 <= raw[3] <= 31 and clock
    return True
