"""A clean set as a folder of pictures: one folder a class, any format that Pillow reads.

Folders named by whole numbers keep their numbers as labels; otherwise the sorted names are
numbered from 0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from auditor.core.errors import AuditorError
from auditor.intake.raw import RawSet
from auditor.intake.words import words

SUFFIXES = words(".png .jpg .jpeg .bmp .ppm .pgm .gif .webp .tif .tiff")
_GREY = frozenset(("1", "L", "LA"))
Size = tuple[int, int]


def read_folder(folder: Path, shape: tuple[int, ...] | None = None) -> RawSet:
    """All pictures of a folder, ``(n, 3, h, w)`` or, if all are grey, ``(n, 1, h, w)``.

    Args:
        folder: holds one folder a class.
        shape: ``(c, h, w)`` of the model where known; pictures of another size are resized.

    Raises:
        AuditorError: no class folders, no pictures, a damaged one, or sizes that differ while
            the model's shape is not known.
    """
    files, y, names = _listed(folder)
    wanted = shape if shape is not None and len(shape) == 3 else None
    pictures = [_opened(file) for file in files]
    grey = wanted[0] == 1 if wanted else all(picture.mode in _GREY for picture in pictures)
    size = _size(pictures, wanted, folder)
    resized = sum(picture.size != size for picture in pictures)
    x = np.stack([_pixels(picture, grey, size) for picture in pictures])
    note = f"{resized} of {len(files)} pictures were resized to {size[1]} x {size[0]}."
    return RawSet(x, y, "image", names, scaled=True, notes=(note,) if resized else ())


def _listed(folder: Path) -> tuple[list[Path], NDArray[np.int64], tuple[str, ...]]:
    classes = sorted(entry for entry in folder.iterdir() if entry.is_dir() and entry.name[0] != ".")
    if not classes:
        raise AuditorError(
            f"The folder {folder.name} has no folder for each class.",
            "Sort the pictures into one folder a class.",
        )
    numbered = all(entry.name.isascii() and entry.name.isdigit() for entry in classes)
    files: list[Path] = []
    labels: list[int] = []
    for index, entry in enumerate(classes):
        found = sorted(file for file in entry.rglob("*") if file.suffix.lower() in SUFFIXES)
        files += found
        labels += [int(entry.name) if numbered else index] * len(found)
    if not files:
        raise AuditorError(
            f"The class folders of {folder.name} hold no pictures.",
            f"Pictures end in {', '.join(sorted(SUFFIXES))}.",
        )
    names = () if numbered else tuple(entry.name for entry in classes)
    return files, np.array(labels, np.int64), names


def listed(folder: Path) -> list[Path]:
    """The pictures of a folder in the order of the rows that ``read_folder`` makes of them."""
    return _listed(folder)[0]


def _opened(file: Path) -> Image.Image:
    try:
        with Image.open(file) as picture:
            picture.load()
            return picture.convert("RGB") if picture.mode == "P" else picture.copy()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise AuditorError(
            f"The picture {file.parent.name}/{file.name} cannot be read.",
            "Remove it or save it again.",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise AuditorError(
            f"The picture {file.parent.name}/{file.name} is too large.", "Give smaller pictures."
        ) from error


def _size(pictures: list[Image.Image], wanted: tuple[int, ...] | None, folder: Path) -> Size:
    """Width and height that all pictures will have."""
    if wanted:
        return wanted[2], wanted[1]
    sizes = sorted({picture.size for picture in pictures})
    if len(sizes) > 1:
        listed = ", ".join(f"{height} x {width}" for width, height in sizes[:3])
        raise AuditorError(
            f"The pictures of {folder.name} have {len(sizes)} sizes ({listed}), and the model's "
            "input shape is not known.",
            "Give it with --shape, such as --shape 3,32,32; the pictures are then resized.",
        )
    return sizes[0]


def _pixels(picture: Image.Image, grey: bool, size: Size) -> NDArray[np.float32]:
    """``(c, h, w)`` in [0, 1]."""
    if picture.mode.startswith(("I", "F")):
        depth = 65535.0 if picture.mode.startswith("I") else 1.0
        values = np.asarray(picture, np.float32) / depth
        picture = Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))
    converted = picture.convert("L" if grey else "RGB")
    if converted.size != size:
        converted = converted.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(converted, np.float32) / np.float32(255)
    return pixels[None] if grey else np.ascontiguousarray(pixels.transpose(2, 0, 1))
