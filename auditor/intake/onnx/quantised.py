"""Quantised graphs in the form quantise-dequantise, with straight-through gradients.

Quantised values are kept as floats, so that gradients reach the input (Bengio et al. 2013).
"""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.intake.onnx.table import Attributes, Inputs, need, op, optional


@op("QuantizeLinear")
def quantize_linear(inputs: Inputs, attributes: Attributes) -> Tensor:
    """``round(x / scale) + zero`` cut to the range of the zero point's type."""
    x, scale, zero = need(inputs), need(inputs, 1), optional(inputs, 2)
    low, high = (-128, 127) if zero is not None and zero.dtype == torch.int8 else (0, 255)
    ratio = x / _along(scale, x, attributes)
    shifted = torch.round(ratio)
    if zero is not None:
        offset = _along(zero.float(), x, attributes)
        shifted, ratio = shifted + offset, ratio + offset
    inside = ratio.clamp(low, high)
    return inside + (shifted.clamp(low, high) - inside).detach()


@op("DequantizeLinear")
def dequantize_linear(inputs: Inputs, attributes: Attributes) -> Tensor:
    """``(q - zero) * scale``."""
    x, scale, zero = need(inputs).float(), need(inputs, 1), optional(inputs, 2)
    offset = 0 if zero is None else _along(zero.float(), x, attributes)
    return (x - offset) * _along(scale, x, attributes)


def _along(values: Tensor, x: Tensor, attributes: Attributes) -> Tensor:
    """Values of one axis, shaped to broadcast over ``x``."""
    if values.numel() == 1:
        return values.reshape(())
    sizes = [1] * x.ndim
    sizes[attributes.get("axis", 1)] = -1
    return values.reshape(sizes)
