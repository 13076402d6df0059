"""The sixth corpus: deliveries written before their author had read the readers.

Ideas come from what public scanners missed from 2024 to 2026 (call chains through allowed objects,
two readers that disagree about one file, editors' and tools' own settings, templates' filters that
take the name of an attribute, programs that ask on which device they run), less what the five
corpora before this one hold. ``sixth_*.py`` register into ``SIXTH``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fifth import Data, _writer
from fourth import Delivery

SIXTH: dict[str, Delivery] = {}
DANGER, UNKNOWN, ODD = (1,), (1, 4), (1, 3, 4)


def file(name: str, data: Data, codes: tuple[int, ...], handed: str = "m.bin") -> None:
    """Register a delivery of one file."""
    SIXTH[name] = Delivery(_writer({handed: data}), codes, handed)


def folder(name: str, files: dict[str, Data], codes: tuple[int, ...]) -> None:
    """Register a folder of files."""
    SIXTH[name] = Delivery(_writer(files), codes)


def place(
    name: str, codes: tuple[int, ...], handed: str = ""
) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Register a function that fills a folder itself."""

    def register(make: Callable[[Path], None]) -> Callable[[Path], None]:
        SIXTH[name] = Delivery(make, codes, handed)
        return make

    return register
