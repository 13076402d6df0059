"""Safetensors: header and data have to agree exactly; the library's own reader is more lenient.

Refused: headers over 8 MiB, duplicate keys, more than 20,000 tensors, unknown dtypes, offsets
that leave gaps, overlap, disagree with the shape or do not end where the file ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from auditor.core import hygiene
from auditor.intake.inert import metadata_words
from auditor.intake.inert.log import Damaged, Log, shown
from auditor.intake.inert.safetensors_headers import TENSOR_LIMIT, read_header
from auditor.intake.inert.texts import tell

BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "I16": 16, "U16": 16,
    "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
    "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip
DTYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "U16": "uint16",
    "F16": "float16", "BF16": "bfloat16", "I32": "int32", "U32": "uint32", "F32": "float32",
    "F64": "float64", "I64": "int64", "U64": "uint64", "C64": "complex64",
}  # fmt: skip


_FORMATS = ("pt", "tf", "flax", "mlx", "np", "numpy", "jax", "paddle", "pytorch", "torch")
"""Libraries that write safetensors."""
_UNREAD = frozenset(("F4", "F6_E2M3", "F6_E3M2"))
"""Types of parts of a byte, which no library here makes numbers of."""


@dataclass(frozen=True)
class Entry:
    """One tensor of the header; ``start`` and ``end`` count from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def read_safetensors(view: memoryview, log: Log) -> tuple[list[Entry], memoryview]:
    """Entries in the order of their data, and the data.

    Raises:
        Damaged: the first disagreement.
    """
    header, length = read_header(view)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise Damaged("the metadata are not texts")
    for key, value in metadata.items():
        tell(key, value, log)
        metadata_words.look(key, value, log)
    if metadata.get("format", "pt") not in _FORMATS:
        what = f"its metadata say the format {shown(metadata['format'], 40)!r}"
        log.add("suspicious", "text.metadata", what, None, "format")
    if not header or len(header) > TENSOR_LIMIT:
        raise Damaged(f"it holds {len(header)} tensors")
    _named(header, log)
    kinds = {str(entry.get("dtype")) for entry in header.values() if isinstance(entry, dict)}
    for kind in sorted(kinds & _UNREAD):
        what = f"numbers of the type {kind} are not read here"
        log.add("not_audited", "tensor.type", what, None, kind)
    entries = sorted((_entry(n, e) for n, e in header.items()), key=lambda e: (e.start, e.end))
    _contiguous(entries, len(view) - 8 - length)
    return entries, view[8 + length :]


def _named(header: dict[str, Any], log: Log) -> None:
    """Names that are empty, or that become the same name."""
    same = hygiene.alike(header, letters_of_one_case=False)
    if same:
        what = f"another tensor has the name {shown(same)!r} in another form"
        log.add("suspicious", "tensor.name", what, None, same)
    for name in filter(metadata_words.is_hook, header):
        what = f"the tensor {shown(name, 80)!r} has the name of a table of hooks"
        log.add("suspicious", "tensor.name", what, None, name)
    if "" in header:
        log.add("suspicious", "tensor.name", "a tensor without a name", None, "empty name")


def _entry(name: str, entry: Any) -> Entry:
    """One tensor, its size checked."""
    try:
        bits, shape = BITS[entry["dtype"]], entry["shape"]
        start, end = entry["data_offsets"]
        whole = all(type(n) is int and 0 <= n < 1 << 62 for n in (*shape, start, end))
        known = len(shape) <= 64 and set(entry) == {"dtype", "shape", "data_offsets"}
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(f"the header entry of tensor {shown(name, 80)!r} is malformed") from error
    if not known:
        raise Damaged(f"the header entry of tensor {shown(name, 80)!r} is malformed")
    if not whole or (end - start) * 8 != math.prod(shape) * bits:
        raise Damaged(f"tensor {shown(name, 80)!r} does not have the size that its shape needs")
    return Entry(name, str(entry["dtype"]), tuple(shape), start, end)


def _contiguous(entries: list[Entry], size: int) -> None:
    position = 0
    for entry in entries:
        if entry.start != position:
            raise Damaged(f"tensor {shown(entry.name, 80)!r} overlaps or leaves a gap")
        position = entry.end
    if position != size:
        raise Damaged(f"it has {size} bytes of data, its header describes {position}")
