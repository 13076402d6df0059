"""A corpus of deliveries: how they are registered, and which of them the ordinary run reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from fourth import Delivery

Data = bytes | Callable[[], bytes]
Make = Callable[[Path], None]


class Corpus(dict[str, Delivery]):
    """Deliveries by name."""

    def file(self, name: str, data: Data, codes: tuple[int, ...], handed: str = "m.bin") -> None:
        """Register a delivery of one file."""
        self[name] = Delivery(writer({handed: data}), codes, handed)

    def folder(self, name: str, files: dict[str, Data], codes: tuple[int, ...]) -> None:
        """Register a folder of files."""
        self[name] = Delivery(writer(files), codes)

    def place(self, name: str, codes: tuple[int, ...], handed: str = "") -> Callable[[Make], Make]:
        """Register a function that fills a folder itself."""

        def register(make: Make) -> Make:
            self[name] = Delivery(make, codes, handed)
            return make

        return register


def writer(files: dict[str, Data]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data if isinstance(data, bytes) else data())

    return make


def part(names: Iterable[str], every: int, left_out: tuple[str, ...]) -> list[object]:
    """All names but those of other tests; those that the ordinary run leaves out are marked."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] if number % every else [])
        for number, name in enumerate(names)
        if not name.startswith(left_out)
    ]


def all_of(names: Iterable[str], slow: tuple[str, ...]) -> list[object]:
    """All names; those that are slow to make, told by how they begin, are marked."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] if name.startswith(slow) else [])
        for name in names
    ]
