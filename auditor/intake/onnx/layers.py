"""Convolution, normalisation, pooling and linear layers."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import torch
import torch.nn.functional as F
from torch import Tensor

from auditor.core.errors import DeliveryError
from auditor.intake.onnx.table import Attributes, Inputs, need, op, optional

_CONVOLUTIONS: dict[int, Callable[..., Tensor]] = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}
_MAX: dict[int, Callable[..., Tensor]] = {3: F.max_pool1d, 4: F.max_pool2d, 5: F.max_pool3d}
_MEAN: dict[int, Callable[..., Tensor]] = {3: F.avg_pool1d, 4: F.avg_pool2d, 5: F.avg_pool3d}


def _chosen(table: dict[int, Callable[..., Tensor]], x: Tensor) -> Callable[..., Tensor]:
    if x.ndim not in table:
        raise DeliveryError(
            f"A layer over {x.ndim}-dimensional input is unknown.", kind="unsupported"
        )
    return table[x.ndim]


def _padding(x: Tensor, kernel: list[int], attributes: Attributes) -> list[int]:
    """Begin and end of the padding in torch's order, last dimension first."""
    n = len(kernel)
    automatic = attributes.get("auto_pad", "NOTSET")
    if automatic in ("NOTSET", "VALID"):
        pads = attributes.get("pads") or [0] * (2 * n)
        return [value for i in reversed(range(n)) for value in (pads[i], pads[i + n])]
    strides = attributes.get("strides") or [1] * n
    dilations = attributes.get("dilations") or [1] * n
    padding: list[int] = []
    for i in reversed(range(n)):
        size = x.shape[i + 2]
        reach = (kernel[i] - 1) * dilations[i] + 1
        total = max(0, (ceil(size / strides[i]) - 1) * strides[i] + reach - size)
        small, large = total // 2, total - total // 2
        padding += [small, large] if automatic == "SAME_UPPER" else [large, small]
    return padding


def _padded(x: Tensor, padding: list[int], value: float = 0.0) -> Tensor:
    return F.pad(x, padding, value=value) if any(padding) else x


@op("Conv")
def conv(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Convolution in one to three dimensions."""
    x, weight = need(inputs, 0), need(inputs, 1)
    kernel = [int(size) for size in weight.shape[2:]]
    n, padding = len(kernel), _padding(x, kernel, attributes)
    same = padding[::2] == padding[1::2]
    return _chosen(_CONVOLUTIONS, x)(
        x if same else _padded(x, padding),
        weight,
        optional(inputs, 2),
        attributes.get("strides") or [1] * n,
        padding[::2][::-1] if same else [0] * n,
        attributes.get("dilations") or [1] * n,
        attributes.get("group", 1),
    )


@op("MaxPool")
def max_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Maximum over windows; indices are not given out."""
    x, kernel = need(inputs), list(attributes["kernel_shape"])
    n = len(kernel)
    return _chosen(_MAX, x)(
        _padded(x, _padding(x, kernel, attributes), float("-inf")),
        kernel,
        attributes.get("strides") or [1] * n,
        dilation=attributes.get("dilations") or [1] * n,
        ceil_mode=bool(attributes.get("ceil_mode", 0)),
    )


@op("AveragePool")
def average_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Mean over windows, with or without the padding in the count."""
    x, kernel = need(inputs), list(attributes["kernel_shape"])
    padding = _padding(x, kernel, attributes)
    pool, strides = _chosen(_MEAN, x), attributes.get("strides") or [1] * len(kernel)
    ceil_mode = bool(attributes.get("ceil_mode", 0))
    mean = pool(_padded(x, padding), kernel, strides, ceil_mode=ceil_mode)
    if not any(padding) or attributes.get("count_include_pad", 0):
        return mean
    inside = _padded(torch.ones_like(x[:1, :1]), padding)
    return mean / pool(inside, kernel, strides, ceil_mode=ceil_mode)


@op("GlobalAveragePool")
def global_average_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Mean over all positions, which stay as dimensions of size 1."""
    x = need(inputs)
    return x.mean(tuple(range(2, x.ndim)), keepdim=True)


@op("GlobalMaxPool")
def global_max_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Maximum over all positions, which stay as dimensions of size 1."""
    x = need(inputs)
    return x.amax(tuple(range(2, x.ndim)), keepdim=True)


@op("BatchNormalization")
def batch_normalization(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Normalisation with the stored statistics."""
    if attributes.get("training_mode", 0):
        said = "The ONNX graph was exported in training mode."
        raise DeliveryError(said, "Export it in eval mode.", "unsupported")
    x, scale, shift, mean, variance = (need(inputs, i) for i in range(5))
    return F.batch_norm(x, mean, variance, scale, shift, eps=attributes.get("epsilon", 1e-5))


@op("InstanceNormalization")
def instance_normalization(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Normalisation of each channel of each sample."""
    x, scale, shift = (need(inputs, i) for i in range(3))
    return F.instance_norm(x, weight=scale, bias=shift, eps=attributes.get("epsilon", 1e-5))


@op("LayerNormalization")
def layer_normalization(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Normalisation over the last dimensions."""
    x = need(inputs)
    sizes = list(x.shape[attributes.get("axis", -1) % x.ndim :])
    epsilon = attributes.get("epsilon", 1e-5)
    return F.layer_norm(x, sizes, need(inputs, 1), optional(inputs, 2), epsilon)


@op("Gemm")
def gemm(inputs: Inputs, attributes: Attributes) -> Tensor:
    """``alpha A B + beta C`` with either factor transposed."""
    a, b, c = need(inputs, 0), need(inputs, 1), optional(inputs, 2)
    product = (a.T if attributes.get("transA", 0) else a) @ (
        b.T if attributes.get("transB", 0) else b
    )
    scaled: Tensor = product * attributes.get("alpha", 1.0)
    return scaled if c is None else scaled + attributes.get("beta", 1.0) * c


@op("MatMul")
def matmul(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Matrix product with leading dimensions broadcast."""
    return torch.matmul(need(inputs, 0), need(inputs, 1))


@op("Dropout", "Identity")
def identity(inputs: Inputs, attributes: Attributes) -> Tensor:
    """The input itself; dropout does nothing in eval mode."""
    return need(inputs)
