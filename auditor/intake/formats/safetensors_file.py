"""safetensors: bare weights, and what their metadata says about the model.

Metadata keys ``arch``, ``classes``, ``shape``, ``class_names``, ``low``, ``high``, ``mean`` and
``std`` are read, each a JSON text; other keys are ignored.
"""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from auditor.core.errors import AuditorError, DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.card import card_hints, check_tables, sourced
from auditor.intake.formats import Loaded, model_format
from auditor.intake.weights import fit

_TABLES = {
    "model": ("arch", "classes", "shape", "class_names"),
    "preprocessing": ("low", "high", "range", "mean", "std"),
}


@model_format("safetensors")
class Safetensors:
    """Reads tensors and metadata; runs no code."""

    def describe(self, path: Path) -> SpecHints:
        """The metadata as hints with the source ``file``.

        Raises:
            DeliveryError: metadata of a wrong type.
        """
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
        tables = {
            table: {key: _value(metadata[key]) for key in keys if key in metadata}
            for table, keys in _TABLES.items()
        }
        try:
            checked = card_hints(check_tables(tables))
        except AuditorError as error:
            raise DeliveryError(error.message.replace("card", "file's metadata")) from error
        return sourced("file", **checked.model_dump(exclude={"sources"}))

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The weights in the architecture of the hints, or in the only one that fits."""
        try:
            state = load_file(path)
        except SafetensorError as error:
            raise DeliveryError(f"The safetensors file cannot be read: {error}.") from error
        return fit(state, hints)


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value
