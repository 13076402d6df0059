"""The auditor's clean set, read from whatever form it has: one function, one value.

Purpose: ``.npz`` and safetensors with ``x`` and ``y``, an image folder with one folder a class,
CSV and Parquet tables. Images come out as ``(n, c, h, w)``, tables as ``(n, d)``, float32;
8-bit images are scaled to [0, 1], other values stay as they are (``load.py`` decides on units).
Limits: the whole set is held in memory; 20 samples, 2 classes and 2 samples a class at least.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auditor.core.errors import AuditorError
from auditor.intake.arrays import read_npz, read_safetensors
from auditor.intake.pictures import read_folder
from auditor.intake.raw import RawSet, checked
from auditor.intake.tables import read_csv, read_parquet

Reader = Callable[[Path], RawSet]


def load_clean(
    path: Path, label_column: str | None = None, shape: tuple[int, ...] | None = None
) -> RawSet:
    """Read and check a clean set.

    Args:
        path: file or image folder.
        label_column: column of a table that holds the labels; without it ``label``, ``y``,
            ``target`` or ``class``, else the last column.
        shape: input shape of the model where known; pictures of a folder are brought to it.

    Raises:
        AuditorError: one sentence for each way in which a set can be unusable.
    """
    if not path.exists():
        raise AuditorError(f"There is no clean set at {path}.", "Check the path after --clean.")
    if path.is_dir():
        return checked(read_folder(path, shape), path)
    if path.stat().st_size == 0:
        raise AuditorError(f"The clean set {path.name} is empty.", "Write the file again.")
    return checked(_reader(path, label_column)(path), path)


def _reader(path: Path, label_column: str | None) -> Reader:
    """By content where content tells, otherwise (CSV) by its being text."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PK"):
        return read_npz
    if head.startswith(b"PAR1"):
        return lambda file: read_parquet(file, label_column)
    if len(head) > 8 and head[8:9] == b"{" and b"\0" in head[:8]:
        return read_safetensors
    if b"\0" not in head and path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return lambda file: read_csv(file, label_column)
    raise AuditorError(
        f"{path.name} is not a clean set that can be read.",
        "Give a .npz or safetensors file with x and y, a CSV or Parquet table, or an image folder.",
    )


def counts(y: NDArray[np.int64], classes: int) -> tuple[int, ...]:
    """Samples of each class."""
    return tuple(int(count) for count in np.bincount(y, minlength=classes))
