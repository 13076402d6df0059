"""Operators that move values about without changing them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from auditor.core.errors import DeliveryError
from auditor.intake.onnx.table import (
    Attributes,
    Inputs,
    bounded,
    need,
    op,
    optional,
    whole,
)  # fmt: skip


@op("Flatten")
def flatten(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Two dimensions, cut before ``axis``."""
    x, axis = need(inputs), attributes.get("axis", 1)
    axis = axis + x.ndim if axis < 0 else axis
    return x.flatten(axis) if axis == 1 and x.ndim > 1 else x.reshape(
        int(torch.tensor(x.shape[:axis]).prod()), -1)  # fmt: skip


@op("Reshape")
def reshape(inputs: Inputs, attributes: Attributes) -> Tensor:
    """New sizes; 0 keeps a size, -1 takes what is left.

    A graph exported for one batch size has it in its constants; ``batch`` (the exported size)
    and ``actual`` (the present one) tell which first size to replace, if the sizes are
    ``stored`` and not computed.
    """
    x = need(inputs)
    sizes = whole(inputs, 1, attributes, "shape") or []
    if not attributes.get("allowzero", 0):
        sizes = [x.shape[i] if size == 0 else size for i, size in enumerate(sizes)]
    return x.reshape(_rebatched(sizes, x, attributes))


def _rebatched(sizes: list[int], x: Tensor, attributes: Attributes) -> list[int]:
    batch, actual = attributes.get("batch"), attributes["actual"]
    if batch is None or not sizes or not x.ndim or x.shape[0] % actual:
        return sizes
    multiple, rest = divmod(sizes[0], batch)
    if multiple < 1 or rest:
        return sizes
    stored = -1 in sizes and attributes.get("stored", False)
    scales = stored or _volume(sizes) * actual == x.numel() * batch
    return [multiple * actual, *sizes[1:]] if scales else sizes


def _volume(sizes: list[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


@op("Expand")
def expand(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Broadcast to given sizes in both directions."""
    x, sizes = need(inputs), whole(inputs, 1, attributes, "shape") or []
    batch = attributes.get("batch")
    if batch is not None and sizes and sizes[0] == batch and len(sizes) == x.ndim:
        sizes = [attributes["actual"], *sizes[1:]]
    sizes = [1] * (x.ndim - len(sizes)) + sizes
    own = [1] * (len(sizes) - x.ndim) + list(x.shape)
    pairs = zip(own, sizes, strict=True)
    return x.expand(bounded([size if mine == 1 else mine for mine, size in pairs]))


@op("Concat")
def concat(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Join along an axis; a folded constant of the exported batch size is repeated."""
    parts = [need(inputs, i) for i in range(len(inputs))]
    axis, batch = attributes["axis"], attributes.get("batch")
    if batch is not None and parts[0].ndim > 1 and axis % parts[0].ndim:
        actual = attributes["actual"]
        parts = [p[:1].expand(actual, *p.shape[1:]) if len(p) == batch != actual else p
                 for p in parts]  # fmt: skip
    return torch.cat(parts, axis)


@op("Transpose")
def transpose(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Dimensions in another order, reversed without ``perm``."""
    x = need(inputs)
    return x.permute(attributes.get("perm") or list(reversed(range(x.ndim))))


@op("Squeeze")
def squeeze(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Drop dimensions of size 1."""
    x, axes = need(inputs), whole(inputs, 1, attributes, "axes")
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))


@op("Unsqueeze")
def unsqueeze(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Insert dimensions of size 1 at positions of the result."""
    x, axes = need(inputs), whole(inputs, 1, attributes, "axes") or []
    for axis in sorted(axis % (x.ndim + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


@op("Split")
def split(inputs: Inputs, attributes: Attributes) -> tuple[Tensor, ...]:
    """Pieces along an axis, equal ones if no sizes are given."""
    x, axis = need(inputs), attributes.get("axis", 0)
    sizes = whole(inputs, 1, attributes, "split")
    return torch.split(x, sizes or -(-x.shape[axis] // attributes["outputs"]), axis)


@op("Slice")
def slice_(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Ranges with steps along some axes."""
    x = need(inputs)
    starts = whole(inputs, 1, attributes, "starts") or []
    ends = whole(inputs, 2, attributes, "ends") or []
    axes = whole(inputs, 3, attributes, "axes") or list(range(len(starts)))
    steps = whole(inputs, 4, {}, "") or [1] * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        chosen = range(x.shape[axis])[start:end:step]
        x = x.index_select(axis, torch.tensor(list(chosen), dtype=torch.int64))
    return x


@op("Gather")
def gather(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Entries along an axis; negative indices count from the end."""
    x, index, axis = need(inputs, 0), need(inputs, 1).long(), attributes.get("axis", 0)
    axis %= x.ndim
    index = torch.where(index < 0, index + x.shape[axis], index)
    found = x.index_select(axis, index.reshape(-1))
    return found.reshape([*x.shape[:axis], *index.shape, *x.shape[axis + 1 :]])


@op("Shape")
def shape(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Sizes as whole numbers."""
    sizes = list(need(inputs).shape)[attributes.get("start", 0) : attributes.get("end")]
    return torch.tensor(sizes, dtype=torch.int64)


@op("ConstantOfShape")
def constant_of_shape(inputs: Inputs, attributes: Attributes) -> Tensor:
    """One value everywhere; the value comes as a one-element tensor."""
    value = attributes.get("value", torch.zeros(1))
    filled: Tensor = value.reshape(()).expand(bounded(need(inputs).tolist()))
    return filled


@op("Range")
def range_(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Values from start to limit."""
    start, limit, step = (need(inputs, i).item() for i in range(3))
    bounded([int(abs((limit - start) / step)) + 1])
    return torch.arange(start, limit, step, dtype=need(inputs).dtype)


@op("Tile")
def tile(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Repeat along every axis."""
    x, repeats = need(inputs), need(inputs, 1).tolist()
    bounded([size * times for size, times in zip(x.shape, repeats, strict=True)])
    return x.repeat(repeats)


@op("Pad")
def pad(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Constant, reflected or edge padding."""
    x, pads = need(inputs), whole(inputs, 1, attributes, "pads") or []
    axes = whole(inputs, 3, {}, "") or list(range(len(pads) // 2))
    ends = [(0, 0)] * x.ndim
    for i, axis in enumerate(axes):
        ends[axis] = (pads[i], pads[i + len(axes)])
    value = optional(inputs, 2)
    amount = 0.0 if value is None else float(value)
    flat = [end for pair in reversed(ends) for end in pair]
    bounded([size + sum(pair) for size, pair in zip(x.shape, ends, strict=True)])
    mode = attributes.get("mode", "constant")
    if mode == "constant":
        return F.pad(x, flat, value=attributes.get("value", amount))
    if mode not in ("reflect", "edge") or any(flat[2 * (x.ndim - 2) :]):
        raise DeliveryError(f"ONNX padding of mode {mode} is not supported.", kind="unsupported")
    return F.pad(x, flat[: 2 * (x.ndim - 2)], mode="replicate" if mode == "edge" else mode)
