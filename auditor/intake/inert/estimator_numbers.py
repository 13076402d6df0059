"""Numbers of a described estimator: arrays of the plain types, read for comparison only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.intake.inert.values import Array
from auditor.intake.words import words

_PLAIN = words("f4 f8 i1 i2 i4 i8 u1 u2 u4 u8")
Numbers = NDArray[np.float64]


def numbers(value: object) -> Numbers | None:
    """An array in double precision, of its own shape; None for what is no array of numbers."""
    if not isinstance(value, Array) or value.dtype is None or value.dtype.code not in _PLAIN:
        return None
    order = ">" if value.dtype.order == ">" else "<"
    found = np.frombuffer(value.data, f"{order}{value.dtype.code}").astype(np.float64)
    return found.reshape(value.shape, order="F" if value.fortran else "C")


def whole(value: object) -> int | None:
    """A whole number, also one of numpy's."""
    if isinstance(value, Array) and value.dtype is not None and not value.shape:
        return int.from_bytes(bytes(value.data), "little", signed=True)
    return value if type(value) is int else None


def column(nodes: Array, name: str) -> NDArray[Any] | None:
    """One field of an array of records; None where it is not there or no number.

    Returns:
        ``(nodes,)``.
    """
    assert nodes.dtype is not None
    found = next((f for f in nodes.dtype.fields if f[0] == name), None)
    if found is None or len(nodes.shape) != 1 or found[1].code not in _PLAIN:
        return None
    _, kind, offset = found
    if offset + kind.size > nodes.dtype.size or kind.order == ">":
        return None
    raw = np.frombuffer(nodes.data, np.uint8).reshape(nodes.shape[0], nodes.dtype.size)
    cells = np.ascontiguousarray(raw[:, offset : offset + kind.size])
    return cells.view(f"<{kind.code}").reshape(-1)
