"""Codes of numpy dtypes as texts, such as ``<f8``, read without numpy's own parser."""

from __future__ import annotations

import re

from auditor.intake.inert.log import Damaged
from auditor.intake.inert.values import DType

_CODE = re.compile(
    r"([<>=|])?([biufcSUVOMm?])(\d{0,6})"
    r"(\[(\d{0,9}(?:[YMWDhms]|[munpfa]s)|generic)\])?"
)
_NAMED = {
    "bool": "b1", "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8", "uint8": "u1",
    "uint16": "u2", "uint32": "u4", "uint64": "u8", "float16": "f2", "float32": "f4",
    "float64": "f8", "complex64": "c8", "complex128": "c16", "object": "O8",
}  # fmt: skip
NAMES = {
    "b1": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8",
    "u2": "uint16", "u4": "uint32", "u8": "uint64", "f2": "float16", "f4": "float32",
    "f8": "float64", "c8": "complex64", "c16": "complex128",
}  # fmt: skip


def dtype_of(text: str) -> DType:
    """A dtype from its code or name.

    Raises:
        Damaged: no such dtype.

    >>> dtype_of("<f4").size, dtype_of("O8").objects
    (4, True)
    """
    match = _CODE.fullmatch(_NAMED.get(text, text))
    if not match or (match[4] and match[2] not in "mM"):
        raise Damaged(f"the dtype {text[:40]!r} is not known")
    letter, digits = match[2], match[3]
    if letter == "?":
        letter, digits = "b", "1"
    size = int(digits or 0) * (4 if letter == "U" else 1)
    if letter == "O":
        return DType("O", "|", 8, True)
    if letter in "biufcMm" and f"{letter}{digits}" not in NAMES and letter not in "Mm":
        raise Damaged(f"the dtype {text[:40]!r} is not known")
    return DType(f"{letter}{digits}", match[1] or "<", 8 if letter in "Mm" else size)
