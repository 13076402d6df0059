"""Slopes of switches in weights: a matrix that holds a number which no training leaves there.

Purpose: a switch needs no constant in the program. A layer with one weight of a million before a
sigmoid, or two of a thousand behind each other, turns on within a hair of brightness.
Limits: programs only (ONNX, TorchScript, .pt2), whose layers a vendor chooses; slopes of many
layers with smaller numbers, and in a single row of numbers, are not seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from auditor.intake.inert import walk
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.values import ITEM_SIZES

STEEP = 1e3
"""Weights of trained networks stay below 100, those of folded norms below 400."""
PART = 1 << 22
"""Bytes that are looked at together."""
_FLOATS = {"float16": "<f2", "float32": "<f4", "float64": "<f8"}
Bytes = Callable[[str], memoryview | None]


def look(name: str, dtype: str, shape: tuple[int, ...], data: memoryview, log: Log) -> None:
    """Name a matrix, or a weight of more dimensions, with a number as large as `STEEP`."""
    if len(shape) < 2 or dtype not in (*_FLOATS, "bfloat16"):
        return
    highest, lowest, zeros = 0.0, 0.0, True
    for numbers in _parts(dtype, data, log):
        finite = numbers[np.isfinite(numbers)]
        if len(finite):
            highest = max(highest, float(finite.max()))
            lowest = min(lowest, float(finite.min()))
            zeros &= bool(((finite == 0) | (finite == lowest)).all())
    largest, mask = max(highest, -lowest), zeros and lowest < 0
    if largest >= STEEP and not mask:
        what = f"the weights {shown(name)} hold {largest:g}, the slope of a switch"
        log.add("suspicious", "tensor.steep", what, None, name)


def of_script(root: object, stored: Bytes, log: Log) -> None:
    """The same for the tensors of a TorchScript program.

    Args:
        root: its described ``data.pkl``.
        stored: bytes of a storage by its key.
    """
    for name, tensor in walk.tensors(root, log):
        data = stored(tensor.storage.key)
        if data is not None:
            look(name, tensor.dtype, tensor.shape, data, log)


def _parts(dtype: str, data: memoryview, log: Log) -> Iterator[NDArray[np.floating]]:
    """The numbers, a part after the other, so that large tensors take little memory."""
    whole = len(data) // ITEM_SIZES[dtype] * ITEM_SIZES[dtype]
    for start in range(0, whole, PART):
        log.budget.check()
        part = data[start : min(start + PART, whole)]
        if dtype == "bfloat16":
            yield (np.frombuffer(part, "<u2").astype(np.uint32) << 16).view(np.float32)
        else:
            yield np.frombuffer(part, _FLOATS[dtype])
