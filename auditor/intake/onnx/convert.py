"""From an ONNX file to an `OnnxNetwork`. The file has passed ``scan_onnx``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.intake.onnx.external import with_data
from auditor.intake.onnx.network import Node, OnnxNetwork

_FLOATS = tuple(
    getattr(onnx.TensorProto, name) for name in ("FLOAT", "FLOAT16", "DOUBLE", "BFLOAT16")
)
_STATISTICS = {"BatchNormalization": (3, 4), "DequantizeLinear": (1,), "QuantizeLinear": (1,)}


def read_model(path: Path) -> Any:
    """The file's ModelProto with external data filled in from beside it.

    Raises:
        DeliveryError: not an ONNX file, or data outside the delivery.
    """
    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf raises its own kinds
        raise DeliveryError(f"{path.name} cannot be read as ONNX: {error!s:.100}.") from error
    return with_data(model, path)


def input_sizes(graph: Any) -> list[int | None]:
    """Sizes of the graph's only input, None where free.

    Raises:
        DeliveryError: no input, or more than one.
    """
    stored = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in stored]
    if len(inputs) != 1:
        said = f"The ONNX graph takes {len(inputs)} inputs, not one."
        raise DeliveryError(said, kind="unsupported")
    sizes = inputs[0].type.tensor_type.shape.dim
    return [size.dim_value if size.HasField("dim_value") and size.dim_value > 0 else None
            for size in sizes]  # fmt: skip


def convert(model: Any, batch: int | None = None) -> OnnxNetwork:
    """A torch module that computes the graph's first output of scores.

    Args:
        model: as `read_model` gives it.
        batch: batch size at which the graph was exported, if its constants depend on it.

    Raises:
        DeliveryError: a damaged tensor, or a graph without output.
    """
    graph = model.graph
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 13)
    stored = {tensor.name: _tensor(tensor) for tensor in graph.initializer}
    common = {"opset": opset, "batch": batch}
    nodes: list[Node] = []
    for entry in graph.node:
        if not _folded(entry, stored):
            nodes.append(_node(entry, stored, common))
    source = next(value.name for value in graph.input if value.name not in stored)
    if not graph.output:
        raise DeliveryError("The ONNX graph has no output.")
    return OnnxNetwork(nodes, source, scores(graph)).eval()


def scores(graph: Any) -> str:
    """Name of the first output of floats; of the first output where none is declared so.

    Labels that the graph computed itself often stand before the scores.
    """
    floats = [one.name for one in graph.output if one.type.tensor_type.elem_type in _FLOATS]
    return str((floats or [graph.output[0].name])[0])


def _folded(entry: Any, stored: dict[str, Tensor]) -> bool:
    """Constants, and other names of stored values, need no node."""
    if entry.op_type == "Constant":
        stored[entry.output[0]] = _constant(entry)
        return True
    if entry.op_type == "Identity" and entry.input[0] in stored:
        stored[entry.output[0]] = stored[entry.input[0]]
        return True
    return False


def _node(entry: Any, stored: dict[str, Tensor], common: dict[str, Any]) -> Node:
    for position in _STATISTICS.get(entry.op_type, ()):
        if position < len(entry.input) and entry.input[position] in stored:
            stored[entry.input[position]] = stored[entry.input[position]].detach()
    constants = {i: stored[name] for i, name in enumerate(entry.input) if name in stored}
    attributes = {a.name: _attribute(a) for a in entry.attribute}
    attributes |= common | {"outputs": len(entry.output), "stored": 1 in constants}
    return Node(entry.op_type, entry.input, entry.output, constants, attributes)


def _attribute(attribute: Any) -> Any:
    value = helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return _plain(value) if isinstance(value, onnx.TensorProto) else value


def _constant(entry: Any) -> Tensor:
    for attribute in entry.attribute:
        value = helper.get_attribute_value(attribute)
        if isinstance(value, onnx.TensorProto):
            return _tensor(value)
        if attribute.name in ("value_float", "value_floats"):
            return torch.tensor(value, dtype=torch.float32)
        if attribute.name in ("value_int", "value_ints"):
            return torch.tensor(value, dtype=torch.int64)
    raise DeliveryError("A constant of the ONNX graph has no value.", kind="unsupported")


def _tensor(tensor: Any) -> Tensor:
    """A stored value: a parameter if it is a float tensor of more than one value."""
    value = _plain(tensor)
    trainable = value.is_floating_point() and value.numel() > 1
    return nn.Parameter(value, requires_grad=False) if trainable else value


def _plain(tensor: Any) -> Tensor:
    try:
        array = np.array(numpy_helper.to_array(tensor))
        if array.dtype.kind == "f" or array.dtype.name == "bfloat16":
            array = array.astype(np.float32)
        return torch.from_numpy(array)
    except (TypeError, ValueError, RuntimeError, KeyError) as error:
        raise DeliveryError(
            f"The ONNX tensor {tensor.name[:80]!r} is damaged: {error!s:.80}."
        ) from error
