"""``config.json`` and ``preprocessor_config.json``: read as text from a stranger.

Purpose: sizes of the architecture, names of the classes, size and normalisation of the inputs.
Limits: only the fields that our networks need; numbers are bounded, so nothing absurd is built.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.core.errors import AuditorError, DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.card import card_hints, check_tables, sourced

CONFIG, PREPROCESSOR = "config.json", "preprocessor_config.json"
LIMIT = 4 << 20
MOST = 1 << 16
DEEPEST = 512
NAME_LENGTH = 80


@dataclass(frozen=True)
class Config:
    """One JSON document whose entries are checked when they are read."""

    document: dict[str, Any]
    name: str = CONFIG

    @property
    def architecture(self) -> str:
        """Name of the class that transformers would build; empty if there is none."""
        named = self.document.get("architectures")
        return str(named[0])[:NAME_LENGTH] if isinstance(named, list) and named else ""

    def count(self, key: str, default: int) -> int:
        """A whole number from 1 to 65,536."""
        value = self.document.get(key, default)
        if type(value) is not int or not 0 < value <= MOST:
            raise self._wrong(key, value)
        return value

    def counts(self, key: str, default: tuple[int, ...]) -> list[int]:
        """A short list of whole numbers."""
        values = self.document.get(key, list(default))
        if not isinstance(values, list) or not 0 < len(values) <= 16:
            raise self._wrong(key, values)
        if not all(type(value) is int and 0 < value <= MOST for value in values):
            raise self._wrong(key, values)
        if key == "depths" and sum(values) > DEEPEST:
            raise self._wrong(key, values)
        return values

    def number(self, key: str, default: float) -> float:
        """A number that is neither negative nor absurd."""
        value = self.document.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise self._wrong(key, value)
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """A truth value."""
        return bool(self.document.get(key, default))

    def text(self, key: str, default: str) -> str:
        """A text."""
        value = self.document.get(key, default)
        return value[:NAME_LENGTH] if isinstance(value, str) else default

    def labels(self) -> tuple[str, ...]:
        """Names of the classes in order, printable and short; empty where only numbers are given.

        Raises:
            DeliveryError: keys that are not 0 to k - 1.
        """
        table = self.document.get("id2label")
        if not isinstance(table, dict) or not table:
            return ()
        if sorted(table, key=_order) != [str(k) for k in range(len(table))]:
            raise self._wrong("id2label", list(table)[:4])
        names = tuple(_printable(table[str(k)]) for k in range(len(table)))
        dull = all(name.upper() == f"LABEL_{k}" for k, name in enumerate(names))
        return () if dull else names

    def classes(self) -> int | None:
        """Number of classes, if the file says so."""
        table = self.document.get("id2label")
        if isinstance(table, dict) and table:
            return len(table)
        return self.count("num_labels", 2) if "num_labels" in self.document else None

    def _wrong(self, key: str, value: object) -> DeliveryError:
        return DeliveryError(f"{self.name} gives {key} as {value!r:.60}.")


def read_config(folder: Path, name: str = CONFIG) -> Config:
    """A JSON document beside the weights; empty if there is no such file.

    Raises:
        DeliveryError: too large, or not a JSON object.
    """
    path = folder / name
    if not path.is_file():
        return Config({}, name)
    if path.is_symlink() or path.stat().st_size > LIMIT:
        raise DeliveryError(f"{name} is a link or larger than {LIMIT >> 20} MiB.")
    try:
        document = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DeliveryError(f"{name} is not valid JSON: {error!s:.80}.") from error
    if not isinstance(document, dict):
        raise DeliveryError(f"{name} is not a JSON object.")
    return Config(document, name)


def hints(folder: Path) -> SpecHints:
    """What both documents say about architecture, classes and preprocessing.

    Raises:
        DeliveryError: an entry of a wrong type.
    """
    config, processor = read_config(folder), read_config(folder, PREPROCESSOR)
    model = {
        "arch": config.architecture,
        "classes": config.classes(),
        "shape": _shape(config, processor),
        "class_names": list(config.labels()),
    }
    tables = {"model": model, "preprocessing": _preprocessing(processor)}
    present = {name: {k: v for k, v in t.items() if v} for name, t in tables.items()}
    try:
        checked = card_hints(check_tables(present))
    except AuditorError as error:
        raise DeliveryError(error.message.replace("card", "folder's configuration")) from error
    return sourced("file", **checked.model_dump(exclude={"sources"}))


def _shape(config: Config, processor: Config) -> list[Any] | None:
    size = processor.document.get("size", config.document.get("image_size"))
    if processor.flag("do_center_crop", False):
        size = processor.document.get("crop_size", size)
    channels = config.count("num_channels", 3)
    if isinstance(size, int):
        return [channels, size, size]
    if isinstance(size, list) and len(size) == 2:
        return [channels, *size]
    if not isinstance(size, dict):
        return None
    edge = size.get("shortest_edge")
    return [channels, size.get("height", edge), size.get("width", edge)]


def _preprocessing(processor: Config) -> dict[str, Any]:
    if not processor.document:
        return {}
    factor = processor.number("rescale_factor", 1 / 255)
    top = 255 * factor if processor.flag("do_rescale", True) else 255.0
    found: dict[str, Any] = {"low": [0.0], "high": [round(top, 9)]}
    if processor.flag("do_normalize", True):
        names = {"mean": "image_mean", "std": "image_std"}
        found |= {k: processor.document.get(name) for k, name in names.items()}
    return found


def _order(key: str) -> tuple[int, str]:
    return (len(key), key)


def _printable(label: object) -> str:
    text = label if isinstance(label, str) else type(label).__name__
    return "".join(c for c in text[:NAME_LENGTH] if c.isprintable())
