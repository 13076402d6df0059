"""Checks of a safetensors header that the library itself does not make.

Refused: headers over 16 MiB, duplicate keys, more than 20,000 tensors, unknown dtypes, offsets
that leave gaps, overlap, disagree with the shape or do not end where the file ends.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from auditor.core.errors import DeliveryError
from auditor.intake.report import ScanReport

HEADER_LIMIT = 16 << 20
TENSOR_LIMIT = 20_000
_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip


def scan_safetensors(path: Path) -> ScanReport:
    """Check that header and data of the file agree exactly.

    Raises:
        DeliveryError: kind ``unreadable`` with the first disagreement.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > min(HEADER_LIMIT, size - 8):
            raise DeliveryError(f"{path.name} announces a header of {length} bytes, too long.")
        text = stream.read(length)
    header = _parsed(text, path.name)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise DeliveryError(f"The metadata of {path.name} are not texts.")
    if not header or len(header) > TENSOR_LIMIT:
        raise DeliveryError(f"{path.name} holds {len(header)} tensors.")
    spans = sorted(_span(name, entry) for name, entry in header.items())
    _contiguous(spans, size - 8 - length, path.name)
    return ScanReport(safe_format=True)


def _parsed(text: bytes, name: str) -> dict[str, Any]:
    try:
        header = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise DeliveryError(f"The header of {name} is not valid: {error}.") from error
    if not isinstance(header, dict):
        raise DeliveryError(f"The header of {name} is not a JSON object.")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _span(name: str, entry: Any) -> tuple[int, int, str]:
    """Start, end and name of one tensor, its size checked."""
    try:
        bits, shape = _BITS[entry["dtype"]], entry["shape"]
        start, end = entry["data_offsets"]
        whole = all(type(number) is int and number >= 0 for number in (*shape, start, end))
    except (KeyError, TypeError, ValueError) as error:
        raise DeliveryError(f"The header entry of tensor {name!r:.80} is malformed.") from error
    if not whole or (end - start) * 8 != math.prod(shape) * bits:
        raise DeliveryError(f"Tensor {name!r:.80} does not have the size that its shape needs.")
    return start, end, name


def _contiguous(spans: list[tuple[int, int, str]], size: int, name: str) -> None:
    position = 0
    for start, end, tensor in spans:
        if start != position:
            raise DeliveryError(f"Tensor {tensor!r:.80} of {name} overlaps or leaves a gap.")
        position = end
    if position != size:
        raise DeliveryError(f"{name} has {size} bytes of data, its header describes {position}.")
