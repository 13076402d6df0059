"""Slopes of switches in weights: a matrix that holds a number which no training leaves there.

Purpose: a switch needs no constant in the program. A layer with one weight of a million before a
sigmoid, or two of a thousand behind each other, turns on within a hair of brightness.
Limits: programs only (ONNX, TorchScript, .pt2), whose layers a vendor chooses; slopes of many
layers with smaller numbers, and in a single row of numbers, are not seen here. A layer that has
the very numbers of a mask against looking ahead passes for one.
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
    largest, ahead = 0.0, _Ahead(shape)
    for numbers in _parts(dtype, data, log):
        finite = numbers[np.isfinite(numbers)]
        largest = max(largest, float(np.abs(finite).max(initial=0)))
        ahead.take(numbers)
    if largest >= STEEP and not ahead.holds:
        what = f"the weights {shown(name)} hold {largest:g}, the slope of a switch"
        log.add("suspicious", "tensor.steep", what, None, name)


class _Ahead:
    """Whether a tensor is the mask that keeps attention from looking ahead, and nothing else.

    That is one negative number above the diagonal of squares, and zeros on it and below.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.side, self.at = shape[-1], 0
        self.holds = 2 < self.side == shape[-2]
        self.lowest: float | None = None

    def take(self, numbers: NDArray[np.floating]) -> None:
        """The next numbers, in the order in which they are stored."""
        if not self.holds:
            return
        place = np.arange(self.at, self.at + len(numbers))
        above = place % self.side > place // self.side % self.side
        self.at += len(numbers)
        if above.any() and self.lowest is None:
            self.lowest = float(numbers[above][0])
        self.holds = (self.lowest or -1) < 0 and not (numbers[~above] != 0).any()
        self.holds &= bool((numbers[above] == self.lowest).all())


def of_script(root: object, stored: Bytes, log: Log) -> None:
    """The same for the tensors of a TorchScript program.

    Args:
        root: its described ``data.pkl``.
        stored: bytes of a storage by its key.
    """
    done: set[str] = set()
    for name, tensor in walk.tensors(root, log):
        key = tensor.storage.key
        if len(tensor.shape) < 2 or key in done:
            continue
        done.add(key)
        if (data := stored(key)) is not None:
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
