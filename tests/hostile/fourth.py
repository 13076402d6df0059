"""The fourth corpus: whole deliveries, written before their author had read the readers.

Ideas come from public advisories (picklescan, modelscan, fickling, ONNX 1.21, Keras, skops, torch
2.6 and 2.10), from differences between parsers, and from what a folder can hold that is no file.
The modules ``fourth_*.py`` register into ``FOURTH``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from carriers import COMMAND, reduced

OS = reduced("os", "system")
EVIL = f"__import__('os').system('{COMMAND}')"
SEVERITY = {0: 0, 3: 1, 4: 2, 1: 3}
"""How strong an exit code of a scan is: what is unknown weighs more than what is odd."""


@dataclass(frozen=True)
class Delivery:
    """One hostile delivery: who writes it, what is handed over, the codes that are right."""

    make: Callable[[Path], None]
    codes: tuple[int, ...]
    handed: str = ""


FOURTH: dict[str, Delivery] = {}


def file(
    name: str, data: Callable[[], bytes], codes: tuple[int, ...], handed: str = "m.bin"
) -> None:
    """Register a delivery of one file."""
    FOURTH[name] = Delivery(lambda root: _written(root / handed, data()), codes, handed)


def folder(
    name: str, files: dict[str, bytes | Callable[[], bytes]], codes: tuple[int, ...]
) -> None:
    """Register a folder of files."""

    def make(root: Path) -> None:
        for path, data in files.items():
            _written(root / path, data if isinstance(data, bytes) else data())

    FOURTH[name] = Delivery(make, codes)


def place(
    name: str, codes: tuple[int, ...], handed: str = ""
) -> Callable[..., Callable[[Path], None]]:
    """Register a function that fills a folder itself."""

    def register(make: Callable[[Path], None]) -> Callable[[Path], None]:
        FOURTH[name] = Delivery(make, codes, handed)
        return make

    return register


def _written(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def binbytes(data: bytes) -> bytes:
    """BINBYTES."""
    return b"B" + struct.pack("<I", len(data)) + data


def long_text(value: str) -> bytes:
    """BINUNICODE."""
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw
