"""Clean sets in array containers: ``.npz`` and safetensors, each with ``x`` and ``y``.

Limits: no pickled arrays, and a container may unpack to 4 GiB at most.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from auditor.core.errors import AuditorError
from auditor.intake.raw import RawSet, from_arrays

LARGEST = 4 << 30
_BROKEN = (
    ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, SyntaxError,
    NotImplementedError, RuntimeError, TypeError, OverflowError,
)  # fmt: skip


def read_npz(path: Path) -> RawSet:
    """``x`` and ``y`` of a ``.npz`` file.

    Raises:
        AuditorError: damaged, larger than 4 GiB, pickled, or without ``x`` or ``y``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            torch_file = any(name.endswith("/data.pkl") for name in archive.namelist())
    except _BROKEN as error:
        raise _damaged(path, error) from error
    if torch_file:
        raise AuditorError(
            f"{path.name} is a file of torch, which no clean set is read from.",
            "Save plain arrays: np.savez('clean.npz', x=x, y=y).",
        )
    if size > LARGEST:
        raise AuditorError(f"{path.name} unpacks to {size >> 20} MiB.", "Give a smaller clean set.")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            _both(path, set(arrays.files))
            x, y = arrays["x"], arrays["y"]
    except AuditorError:
        raise
    except _BROKEN as error:
        if "allow_pickle" in str(error):
            raise AuditorError(
                f"{path.name} holds pickled objects, which are never opened.",
                "Save plain numeric arrays: np.savez(path, x=x, y=y).",
            ) from error
        raise _damaged(path, error) from error
    return from_arrays(x, y, path.name)


def read_safetensors(path: Path) -> RawSet:
    """``x`` and ``y`` of a safetensors file.

    Raises:
        AuditorError: damaged, or without ``x`` or ``y``.
    """
    try:
        arrays = load_file(path)
    except (SafetensorError, *_BROKEN) as error:
        raise _damaged(path, error) from error
    _both(path, set(arrays))
    return from_arrays(arrays["x"], arrays["y"], path.name)


def _both(path: Path, names: set[str]) -> None:
    for key, meaning in (("x", "inputs"), ("y", "labels")):
        if key not in names:
            listed = ", ".join(sorted(names)[:5]) or "nothing"
            raise AuditorError(
                f"{path.name} has no array {key} (it has {listed}).",
                f"Save the {meaning} under the name {key}.",
            )


def _damaged(path: Path, error: Exception) -> AuditorError:
    reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return AuditorError(f"{path.name} cannot be read: {reason}.", "The file may be damaged.")
