"""The fifth corpus: deliveries written before their author had read the readers.

Where the fourth went wide, this one asks for tricks that a reader of formats does not expect: calls
that are made of allowed things, memory and time asked for by a few bytes, switches without a
comparison, programs of other worlds, and honest deliveries of every common training script.
``fifth_*.py`` register into ``FIFTH``; expectations were written beside each before a first run.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from fourth import Delivery

FIFTH: dict[str, Delivery] = {}
Data = bytes | Callable[[], bytes]


def file(name: str, data: Data, codes: tuple[int, ...], handed: str = "m.bin") -> None:
    """Register a delivery of one file."""
    FIFTH[name] = Delivery(_writer({handed: data}), codes, handed)


def folder(name: str, files: dict[str, Data], codes: tuple[int, ...]) -> None:
    """Register a folder of files."""
    FIFTH[name] = Delivery(_writer(files), codes)


def place(
    name: str, codes: tuple[int, ...], handed: str = ""
) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Register a function that fills a folder itself."""

    def register(make: Callable[[Path], None]) -> Callable[[Path], None]:
        FIFTH[name] = Delivery(make, codes, handed)
        return make

    return register


def _writer(files: dict[str, Data]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data if isinstance(data, bytes) else data())

    return make


def number(value: int) -> bytes:
    """BININT or LONG1."""
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw
