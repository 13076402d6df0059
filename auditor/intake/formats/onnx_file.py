"""ONNX, through our own converter to torch modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from auditor.core.spec import SpecHints
from auditor.intake.batching import FixedBatch, hidden_batch, takes_any_batch
from auditor.intake.card import sourced
from auditor.intake.formats import Loaded, model_format
from auditor.intake.graphs import of_onnx
from auditor.intake.layouts import ChannelsLast
from auditor.intake.onnx.convert import convert, input_sizes, read_model, scores


@model_format("onnx")
class Onnx:
    """Reads the graph's input shape; converts node by node."""

    def describe(self, path: Path) -> SpecHints:
        """Shape of one input as ``(c, h, w)`` or ``(d,)``, if the graph fixes it."""
        shape = _shape(input_sizes(read_model(path).graph))
        if shape and _channels_last(shape):
            shape = (shape[2], shape[0], shape[1])
        return sourced("file", shape=shape)

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The graph as torch modules that take any batch size."""
        model = read_model(path)
        sizes = input_sizes(model.graph)
        shape = _shape(sizes) or hints.shape
        network, notes = _any_batch(model, sizes[0] if sizes else None, shape)
        if len(model.graph.output) > 1:
            notes = (*notes, f"Of the graph's outputs, {scores(model.graph):.60} was audited.")
        if shape and _channels_last(shape):
            network = ChannelsLast(network)
        producer = str(model.producer_name)[:40] or "unknown producer"
        graph = of_onnx(model.graph)
        return Loaded(network.eval(), f"ONNX graph ({producer})", notes, graph)


def _any_batch(
    model: Any, declared: int | None, shape: tuple[int, ...] | None
) -> tuple[nn.Module, tuple[str, ...]]:
    """The converted graph, made to take any batch size, and a note if that costs time."""
    network = convert(model)
    if shape is None:
        return network, ()
    batch = hidden_batch(network, shape) if declared is None else declared
    if batch is None:
        return network, ()
    network = convert(model, batch)
    if takes_any_batch(network, shape, batch):
        return network, ()
    note = f"The ONNX graph takes batches of {batch} only, which makes the audit slow: export it "
    return FixedBatch(network, batch), (f"{note}again with a dynamic batch dimension.",)


def _shape(sizes: list[int | None]) -> tuple[int, ...] | None:
    whole = tuple(size for size in sizes[1:] if size is not None)
    return whole if len(whole) == len(sizes) - 1 and len(whole) in (1, 3) else None


def _channels_last(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and shape[2] in (1, 3) and shape[0] not in (1, 3, 4)
