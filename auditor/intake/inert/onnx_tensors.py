"""Tensors of an ONNX file: their bytes inside the file or beside it, and how many there have to be.

Purpose: every tensor has one kind of data, as many numbers as its shape says, and external data
lie inside the delivery.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha1
from math import prod
from posixpath import normpath

import numpy as np

from auditor.intake.inert import steep
from auditor.intake.inert.log import Damaged, Log, shown
from auditor.intake.inert.onnx_messages import Message, is_outside
from auditor.intake.inert.protobuf import fields, varint
from auditor.intake.inert.statistics import examine

External = Callable[[str], memoryview | None]
_TYPES = {1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
          9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64",
          15: "complex128", 16: "bfloat16"}  # fmt: skip
_SIZES = {"float32": 4, "uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "int32": 4, "int64": 8,
          "bool": 1, "float16": 2, "float64": 8, "uint32": 4, "uint64": 8, "complex64": 8,
          "complex128": 16, "bfloat16": 2}  # fmt: skip
_LISTS = (4, 5, 6, 7, 10, 11)
"""Fields of a tensor that list its numbers: float, int32, text, int64, double, uint64."""
_WIDTHS = {4: 4, 10: 8}
_PER_VALUE = {14: 2, 15: 2}
_EXTERNAL = ("location", "offset", "length", "checksum")


@dataclass
class Walk:
    """What a walk through a file has seen so far."""

    log: Log
    external: External
    operators: Counter[str] = field(default_factory=Counter)
    read: set[str] = field(default_factory=set)
    stored: dict[str, int] = field(default_factory=dict)
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    functions: frozenset[tuple[str, str]] = frozenset()
    """Domain and name of functions whose bodies are in the file."""
    count: int = 0
    nodes: int = 0


def _dims(tensor: Message) -> tuple[int, ...]:
    sizes: list[int] = []
    for value in tensor.values.get(1, []):
        if isinstance(value, int):
            sizes.append(value)
            continue
        at = 0
        while at < len(value) and len(sizes) <= 64:
            number, at = varint(value, at)
            sizes.append(number)
    if len(sizes) > 64 or any(size >= 1 << 40 for size in sizes):
        raise Damaged(f"a tensor at byte {tensor.at} has absurd sizes")
    return tuple(sizes)


def read_tensor(walk: Walk, tensor: Message) -> None:
    """One tensor: its bytes are looked at.

    Raises:
        Damaged: it has not the data that its shape needs.
    """
    name, shape = tensor.text(8), _dims(tensor)
    dtype = _TYPES.get(tensor.number(2))
    if name:
        walk.stored.setdefault(name, tensor.at)
    if dtype is None:
        what = f"the tensor {shown(name)} has the type {tensor.number(2)}"
        walk.log.add("not_audited", "onnx.type", what, tensor.at, name)
        return
    data = _data(walk, tensor, name)
    if data is None:
        return
    needed = prod(shape) * _SIZES[dtype]
    if len(data) != needed:
        raise Damaged(
            f"the tensor {shown(name, 80)} at byte {tensor.at} has {len(data)} bytes, not {needed}"
        )
    examine(name or "constant", dtype, shape, data, walk.log)
    steep.look(name or "constant", dtype, shape, data, walk.log)


def _data(walk: Walk, tensor: Message, name: str) -> memoryview | None:
    """Bytes of a tensor, or None if they are listed as numbers or cannot be had."""
    outside = tensor.number(14) == 1 or 13 in tensor.values
    kinds = [number for number in (9, *_LISTS) if tensor.values.get(number)]
    if len(kinds) + outside > 1 or (outside and tensor.number(14) != 1):
        what = f"the tensor {shown(name)} has two kinds of data"
        walk.log.add("not_audited", "onnx.twice", what, tensor.at, name)
    if outside:
        return _outside(walk, tensor, name)
    raw = tensor.values.get(9)
    if raw:
        return raw[-1] if isinstance(raw[-1], memoryview) else None
    listed = sum(_listed(tensor, number) for number in _LISTS)
    if listed != prod(_dims(tensor)) * _PER_VALUE.get(tensor.number(2), 1):
        where = f"the tensor {shown(name, 80)} at byte {tensor.at}"
        raise Damaged(f"{where} lists {listed} numbers" if listed else f"{where} has no data")
    return None


def _listed(tensor: Message, number: int) -> int:
    """How many numbers a field lists, packed or one by one."""
    found = 0
    for value in tensor.values.get(number, []):
        if isinstance(value, int) or number == 6:
            found += 1
        elif number in _WIDTHS:
            found += len(value) // _WIDTHS[number]
        else:  # every whole number ends with the byte whose highest bit is not set
            found += int((np.frombuffer(value, np.uint8) < 0x80).sum())
    return found


def _stay(walk: Walk, tensor: Message, name: str, location: str) -> None:
    if is_outside(location):
        what = (
            f"the tensor {shown(name)} is to be read from {shown(location)!r}, outside the delivery"
        )
        walk.log.add("danger", "onnx.external", what, tensor.at, location)


def _outside(walk: Walk, tensor: Message, name: str) -> memoryview | None:
    pairs: dict[str, str] = {}
    for entry in tensor.values.get(13, []):
        pair = {n: bytes(v).decode("utf-8", "replace") for n, _, v, _ in fields(memoryview(entry))
                if isinstance(v, memoryview)} if isinstance(entry, memoryview) else {}  # fmt: skip
        key, value = pair.get(1, ""), pair.get(2, "")
        if key in pairs or key not in _EXTERNAL:
            what = f"external data of {shown(name)} with the key {shown(key)!r}"
            walk.log.add("suspicious", "onnx.external", what, tensor.at, key)
        if key == "location":
            _stay(walk, tensor, name, value)
        pairs[key] = value
    location = pairs.get("location", "")
    if is_outside(location):
        return None
    data = walk.external(location)
    if data is None:
        what = f"the tensor {shown(name)} is in {shown(location)!r}, no plain file of the delivery"
        walk.log.add("not_audited", "onnx.external", what, tensor.at, location)
        return None
    given = [pairs.get(key) or "" for key in ("offset", "length")]
    if not all(number.isascii() and (number.isdigit() or not number) for number in given):
        raise Damaged(f"the external data of {shown(name, 80)} have no whole offset")
    offset, length = int(given[0] or 0), int(given[1] or -1)
    found = data[offset : offset + length] if length >= 0 else data[offset:]
    if offset < 0 or (length >= 0 and len(found) != length):
        raise Damaged(f"the external data of {shown(name, 80)} are shorter than announced")
    if pairs.get("checksum") and pairs["checksum"].lower() != sha1(found).hexdigest():
        what = f"the external data of {shown(name)} have another checksum"
        walk.log.add("suspicious", "onnx.external", what, tensor.at, "checksum")
    walk.spans.setdefault(location, []).append((offset, offset + len(found)))
    return found


def gaps(walk: Walk) -> None:
    """Bytes of the external files that belong to no tensor; padding with zeros is usual."""
    for location, spans in walk.spans.items():
        data, position = walk.external(location), 0
        assert data is not None
        walk.log.shared.claims.add(normpath(location))
        for start, end in [*sorted(spans), (len(data), len(data))]:
            if start < position:
                what = f"two tensors share bytes of {shown(location)!r}"
                walk.log.add("suspicious", "onnx.external_overlap", what, start, location)
            if start > position and any(bytes(data[position:start]).lstrip(b"\0")[:1]):
                what = f"{start - position} bytes of {shown(location)!r} belong to no tensor"
                walk.log.add("suspicious", "onnx.external_gap", what, position, location)
            position = max(position, end)
