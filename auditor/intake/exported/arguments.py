"""Arguments of a node: JSON of the export schema as Python values, checked for their type.

Source: ``torch/_export/serde/schema.py`` of torch 2.13 (kinds of ``Argument``, numbers of types).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import torch

from auditor.core.errors import DeliveryError

DTYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64,
    6: torch.float16, 7: torch.float32, 8: torch.float64, 12: torch.bool, 13: torch.bfloat16,
}  # fmt: skip
_FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 3: torch.channels_last_3d,
            4: torch.preserve_format}  # fmt: skip
_MODE = re.compile(r"[A-Za-z_][A-Za-z0-9_,\-> .]{0,80}")
Values = Mapping[str, Any]


def argument(given: Any, values: Values) -> Any:
    """The value of one argument.

    Args:
        values: what the nodes before have computed, by name.

    Raises:
        DeliveryError: a kind that arithmetic does not need.
    """
    if not isinstance(given, dict) or len(given) != 1:
        raise DeliveryError("An argument in the graph is malformed.")
    kind, value = next(iter(given.items()))
    reader = _KINDS.get(kind)
    if reader is None:
        said = f"The graph passes {kind.removeprefix('as_')[:40]}, which cannot be audited."
        raise DeliveryError(said, kind="unsupported")
    return reader(value, values)


def _named(value: Any, values: Values) -> Any:
    return values[value["name"]]


def _whole(value: Any, values: Values) -> Any:
    if isinstance(value, dict):
        return values[value["as_name"]] if "as_name" in value else _whole(value["as_int"], values)
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise DeliveryError("A whole number in the graph is malformed.")
    return value


def _real(value: Any, values: Values) -> Any:
    if isinstance(value, dict):
        return values[value["as_name"]] if "as_name" in value else _real(value["as_float"], values)
    if isinstance(value, str) and value in ("Infinity", "-Infinity", "NaN"):
        return float(value)
    if not isinstance(value, int | float):
        raise DeliveryError("A number in the graph is malformed.")
    return float(value)


def _flag(value: Any, values: Values) -> Any:
    if isinstance(value, dict):
        return values[value["as_name"]] if "as_name" in value else bool(value["as_bool"])
    return bool(value)


def _optional(value: Any, values: Values) -> Any:
    return _named(value["as_tensor"], values) if value.get("as_tensor") else None


def _mode(value: Any, values: Values) -> str:
    if not isinstance(value, str) or not _MODE.fullmatch(value):
        raise DeliveryError(f"The graph passes the text {str(value)[:40]!r}.", kind="unsupported")
    return value


def _one_of(table: Mapping[int, Any], what: str) -> Callable[[Any, Values], Any]:
    def read(value: Any, values: Values) -> Any:
        if value not in table:
            said = f"The graph uses the {what} {str(value)[:20]}."
            raise DeliveryError(said, kind="unsupported")
        return table[value]

    return read


def _each(reader: Callable[[Any, Values], Any]) -> Callable[[Any, Values], list[Any]]:
    return lambda value, values: [reader(entry, values) for entry in value]


_KINDS: dict[str, Callable[[Any, Values], Any]] = {
    "as_none": lambda value, values: None,
    "as_tensor": _named, "as_tensors": _each(_named),
    "as_optional_tensor": _optional, "as_optional_tensors": _each(_optional),
    "as_int": _whole, "as_ints": _each(_whole), "as_sym_int": _whole, "as_sym_ints": _each(_whole),
    "as_float": _real, "as_floats": _each(_real), "as_sym_float": _real,
    "as_sym_floats": _each(_real),
    "as_bool": _flag, "as_bools": _each(_flag), "as_sym_bool": _flag, "as_string": _mode,
    "as_scalar_type": _one_of(DTYPES, "type"),
    "as_memory_format": _one_of(_FORMATS, "memory format"),
    "as_layout": _one_of({7: torch.strided}, "layout"),
    "as_device": lambda value, values: torch.device("cpu"),
}  # fmt: skip
