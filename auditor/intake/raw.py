"""A clean set as read, and the checks that hold whatever the model is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.core.errors import AuditorError
from auditor.core.spec import Kind

FEWEST = 20
FEWEST_PER_CLASS = 2
_CHANNELS = (1, 3, 4)


@dataclass(frozen=True)
class RawSet:
    """Inputs and labels before the model's units are known.

    Args:
        x: ``(n, c, h, w)`` for images, ``(n, d)`` for tables, float32.
        y: labels, ``(n,)``, int64.
        kind: ``image`` or ``tabular``.
        class_names: name of each label where the source has names.
        scaled: True if the source had 8-bit pixels, so that ``x`` is in [0, 1] already.
        notes: what was done to the data while reading.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    kind: Kind
    class_names: tuple[str, ...] = ()
    scaled: bool = False
    notes: tuple[str, ...] = ()


def from_arrays(x: NDArray[Any], y: NDArray[Any], name: str) -> RawSet:
    """A set from two arrays: layout to ``(n, c, h, w)``, 8-bit values to [0, 1].

    Raises:
        AuditorError: object arrays, other dimensions, or labels that are neither texts nor whole
            numbers.
    """
    class_names: tuple[str, ...] = ()
    if y.dtype.kind in "US" and y.ndim == 1:
        y, class_names = numbered(
            np.char.decode(y, "utf-8", "replace") if y.dtype.kind == "S" else y
        )
    for key, array in (("x", x), ("y", y)):
        if array.dtype.kind not in "buif":
            raise AuditorError(
                f"{key} of {name} has type {array.dtype}, not numbers.",
                "Save plain numeric arrays; names of classes belong into the card.",
            )
    images = _channels_first(x, name)
    scaled = images.ndim == 4 and images.dtype == np.uint8
    with np.errstate(over="ignore"):
        values = images.astype(np.float32) / np.float32(255 if scaled else 1)
    kind: Kind = "image" if images.ndim == 4 else "tabular"
    known = labels(y, name)
    return RawSet(np.ascontiguousarray(values), known, kind, class_names, scaled=scaled)


def numbered(texts: NDArray[Any]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels that are texts, numbered in sorted order, and their names.

    >>> numbered(np.array(["dog", "cat", "dog"]))[1]
    ('cat', 'dog')
    """
    class_names, numbers = np.unique(texts, return_inverse=True)
    return numbers.reshape(-1).astype(np.int64), tuple(str(name)[:200] for name in class_names)


def _channels_first(x: NDArray[Any], name: str) -> NDArray[Any]:
    if x.ndim == 3:
        return x[:, None]
    if x.ndim == 4 and x.shape[1] not in _CHANNELS and x.shape[3] in _CHANNELS:
        return x.transpose(0, 3, 1, 2)
    if x.ndim not in (2, 4):
        raise AuditorError(
            f"x of {name} has shape {x.shape}, which is neither images nor a table.",
            "Images are (n, channels, height, width), tables (n, features).",
        )
    return x


def labels(y: NDArray[Any], name: str) -> NDArray[np.int64]:
    """Labels as int64 ``(n,)``.

    Raises:
        AuditorError: one-hot rows, fractions, NaN or negative numbers.
    """
    flat = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if flat.ndim != 1:
        raise AuditorError(
            f"y of {name} has shape {y.shape}, not one label a sample.",
            "Give class numbers, not one-hot rows: y.argmax(1).",
        )
    numbers = flat.astype(np.float64)
    if not np.all(np.isfinite(numbers)) or np.any(numbers != np.round(numbers)):
        raise AuditorError(
            f"The labels of {name} are not whole numbers.", "Number the classes from 0."
        )
    if numbers.size and (numbers.min() < 0 or numbers.max() > 1e6):
        worst = numbers.min() if numbers.min() < 0 else numbers.max()
        raise AuditorError(
            f"The labels of {name} contain {worst:.0f}, which is no class number.",
            "Number the classes from 0.",
        )
    return flat.astype(np.int64)


def checked(raw: RawSet, path: Path) -> RawSet:
    """The set itself, if it can serve any audit at all.

    Raises:
        AuditorError: lengths differ, empty, too small, one class only, NaN or infinities.
    """
    if len(raw.x) != len(raw.y):
        raise AuditorError(
            f"{path.name} has {len(raw.x)} inputs but {len(raw.y)} labels.",
            "Give one label for each input.",
        )
    if not raw.x.size:
        raise AuditorError(f"The clean set {path.name} holds no samples.", "Add labelled samples.")
    if not np.all(np.isfinite(raw.x)):
        rows = np.flatnonzero(~np.isfinite(raw.x.reshape(len(raw.x), -1)).all(1))
        raise AuditorError(
            f"{len(rows)} samples of {path.name} contain NaN or infinite values, first {rows[0]}.",
            "Remove or repair them.",
        )
    _enough(raw.y, path.name)
    x = np.require(raw.x, np.float32, ["C", "W"])  # torch refuses read-only arrays
    return replace(raw, x=x, y=np.require(raw.y, np.int64, ["C", "W"]))


def _enough(y: NDArray[np.int64], name: str) -> None:
    present, count = np.unique(y, return_counts=True)
    if len(present) < 2:
        raise AuditorError(
            f"All {len(y)} samples of {name} have the same label, {present[0]}.",
            "Give samples of at least two classes.",
        )
    if len(y) < FEWEST:
        raise AuditorError(
            f"{name} has {len(y)} samples; at least {FEWEST} are needed.",
            "A few hundred give useful intervals.",
        )
    if count.min() < FEWEST_PER_CLASS:
        raise AuditorError(
            f"{name} has only {count.min()} sample of class {present[count.argmin()]}.",
            f"Give at least {FEWEST_PER_CLASS} of each class, or leave the class out.",
        )
