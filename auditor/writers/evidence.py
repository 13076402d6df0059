"""Exhibits become files: each named by its content, so that a report can prove what it shows.

An exhibit comes from the worker, which may have been taken over by the model it opened; shape,
size and finiteness are checked before anything is encoded. The same array gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from PIL import Image

from auditor.core.canonical import digest
from auditor.core.errors import AuditorError
from auditor.core.finding import Evidence, Exhibit
from auditor.writers.atomic import write_atomic

FOLDER = "evidence"
SIDE = 256
SIDE_LIMIT = 2048
ARRAY_LIMIT = 64 << 20
NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class ExhibitError(AuditorError):
    """Evidence that cannot be kept: the finding that names it cannot be relied on."""


Encoded = tuple[bytes, str, str]


def store(out: Path, exhibit: Exhibit) -> Evidence:
    """Write an exhibit to ``<out>/evidence/<sha256>.<suffix>``.

    Args:
        out: the audit folder.
        exhibit: ``image`` ``(h, w)`` or ``(h, w, 3)`` in [0, 1] (clipped), ``heatmap`` ``(h, w)``
            of any finite values, or ``array`` of any shape.

    Returns:
        Where it is, its digest, and a caption; a heat map's caption ends with its scale.

    Raises:
        ExhibitError: unknown kind, a bad name, a wrong shape, too large, or not finite.
    """
    encode = ENCODERS.get(exhibit.kind)
    if encode is None:
        raise _refused(exhibit, f"of unknown kind {exhibit.kind[:40]!r}")
    if not NAME.fullmatch(exhibit.name):
        raise ExhibitError("An exhibit has a name that is not a plain identifier.", HINT)
    _check(exhibit)
    data, suffix, media_type = encode(exhibit)
    sha256 = digest(data)
    file = f"{FOLDER}/{sha256}.{suffix}"
    write_atomic(out / file, data)
    caption = " ".join(f"{exhibit.caption} {_scale_note(exhibit)}".split())
    return Evidence(
        name=exhibit.name,
        file=file,
        sha256=sha256,
        media_type=media_type,
        bytes=len(data),
        caption=caption,
    )


HINT = "The probe that made it is at fault; its finding cannot be relied on."


def _refused(exhibit: Exhibit, why: str) -> ExhibitError:
    return ExhibitError(f"Exhibit {exhibit.name[:80]!r} is {why}.", HINT)


def _check(exhibit: Exhibit) -> None:
    array = exhibit.array
    if array.dtype.kind not in "biuf":
        raise _refused(exhibit, f"of type {array.dtype}, not numbers")
    if array.nbytes > ARRAY_LIMIT:
        raise _refused(exhibit, f"larger than {ARRAY_LIMIT >> 20} MB")
    if array.size == 0:
        raise _refused(exhibit, "empty")
    if exhibit.kind != "array":
        _check_picture(exhibit)
    if not np.isfinite(array).all():
        raise _refused(exhibit, "not finite everywhere")


def _check_picture(exhibit: Exhibit) -> None:
    shape = exhibit.array.shape
    colour = exhibit.kind == "image" and len(shape) == 3 and shape[2] == 3
    if len(shape) != 2 and not colour:
        raise _refused(exhibit, f"of shape {shape}, not a picture")
    if max(shape[:2]) > SIDE_LIMIT:
        raise _refused(exhibit, f"larger than {SIDE_LIMIT} pixels a side")


def _image(exhibit: Exhibit) -> Encoded:
    values = np.clip(exhibit.array.astype(np.float64), 0.0, 1.0)
    return _png(np.round(values * 255).astype(np.uint8)), "png", "image/png"


def _heatmap(exhibit: Exhibit) -> Encoded:
    low, high = limits(exhibit.array)
    share = (exhibit.array.astype(np.float64) - low) / (high - low)
    return _png(_palette()[np.round(share * 255).astype(np.uint8)]), "png", "image/png"


def _array(exhibit: Exhibit) -> Encoded:
    array = np.ascontiguousarray(exhibit.array)
    data = safetensors.numpy.save({exhibit.name: array})
    return data, "safetensors", "application/vnd.safetensors"


ENCODERS: dict[str, Callable[[Exhibit], Encoded]] = {
    "image": _image,
    "heatmap": _heatmap,
    "array": _array,
}


def limits(array: NDArray[Any]) -> tuple[float, float]:
    """Ends of a heat map's scale: from zero, or symmetric about zero where signs differ.

    >>> limits(np.array([[0.0, 3.0]])), limits(np.array([[-1.0, 3.0]]))
    ((0.0, 3.0), (-3.0, 3.0))
    """
    top = float(np.abs(array.astype(np.float64)).max()) or 1.0
    if array.min() >= 0:
        return 0.0, top
    return (-top, 0.0) if array.max() <= 0 else (-top, top)


def _scale_note(exhibit: Exhibit) -> str:
    if exhibit.kind != "heatmap":
        return ""
    low, high = limits(exhibit.array)
    return f"Scale: dark {low:.3g}, bright {high:.3g}."


def _palette() -> NDArray[np.uint8]:
    """Cividis (Nuñez et al. 2018): even in lightness, so it reads the same in greyscale."""
    from matplotlib import colormaps

    colours: NDArray[np.uint8] = colormaps["cividis"](np.arange(256), bytes=True)[:, :3]
    return colours


def _png(pixels: NDArray[np.uint8]) -> bytes:
    factor = max(1, round(SIDE / max(pixels.shape[:2])))
    enlarged = pixels.repeat(factor, axis=0).repeat(factor, axis=1)
    buffer = io.BytesIO()
    Image.fromarray(enlarged).save(buffer, "PNG", optimize=False, compress_level=9)
    return buffer.getvalue()
