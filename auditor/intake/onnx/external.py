"""External data of ONNX files, resolved by us: only a companion file inside the delivery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx

from auditor.core.errors import DeliveryError
from auditor.intake.delivery import companions


def with_data(model: Any, path: Path) -> Any:
    """The model with every external tensor filled in.

    Raises:
        DeliveryError: ``dangerous`` for a path outside, ``unreadable`` for missing bytes.
    """
    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            tensor.raw_data = _bytes(tensor, path)
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]
    return model


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t


def _bytes(tensor: Any, path: Path) -> bytes:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    allowed = {file.name: file for file in companions(path)}
    if location not in allowed:
        raise DeliveryError(
            f"The tensor {tensor.name[:80]!r} is to be read from {location[:80]!r}, which is not "
            f"part of the delivery.",
            f"External data belong into {path.name}.data beside the model.",
            "dangerous" if "/" in location or ".." in location else "unreadable",
        )
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
        with allowed[location].open("rb") as stream:
            stream.seek(offset)
            data = stream.read(length if length >= 0 else -1)
    except (OSError, ValueError, OverflowError) as error:
        raise DeliveryError(f"The external data {location[:80]!r} cannot be read.") from error
    if length >= 0 and len(data) != length:
        raise DeliveryError(f"The external data {location[:80]!r} are shorter than announced.")
    return data
