"""Functions of single values, arithmetic with broadcasting, and reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from auditor.intake.onnx.table import (
    OPS,
    Attributes,
    Inputs,
    Operator,
    dtype_of,
    need,
    op,
    optional,
    whole,
)  # fmt: skip

_UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "Relu": torch.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "Erf": torch.erf,
    "Sqrt": torch.sqrt, "Exp": torch.exp, "Log": torch.log, "Neg": torch.neg, "Abs": torch.abs,
    "Reciprocal": torch.reciprocal, "Softplus": F.softplus, "Softsign": F.softsign,
    "HardSwish": F.hardswish, "Mish": F.mish, "Floor": torch.floor, "Ceil": torch.ceil,
    "Not": torch.logical_not, "Sign": torch.sign,
}  # fmt: skip
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Pow": torch.pow, "Equal": torch.eq,
    "Less": torch.lt, "Greater": torch.gt, "LessOrEqual": torch.le, "GreaterOrEqual": torch.ge,
    "And": torch.logical_and, "Or": torch.logical_or,
}  # fmt: skip
_MANY: dict[str, Callable[[Any, Any], Any]] = {
    "Max": torch.maximum, "Min": torch.minimum, "Sum": torch.add,
}  # fmt: skip


def _unary(function: Callable[[Tensor], Tensor]) -> Operator:
    return lambda inputs, attributes: function(need(inputs))


def _binary(function: Callable[[Any, Any], Any]) -> Operator:
    def applied(inputs: Inputs, attributes: Attributes) -> Tensor:
        result: Tensor = function(need(inputs, 0), need(inputs, 1))
        return result

    return applied


def _many(function: Callable[[Any, Any], Any]) -> Operator:
    def folded(inputs: Inputs, attributes: Attributes) -> Tensor:
        result = need(inputs)
        for index in range(1, len(inputs)):
            result = function(result, need(inputs, index))
        return result

    return folded


for _name, _single in _UNARY.items():
    OPS.add(_name, _unary(_single))
for _name, _double in _BINARY.items():
    OPS.add(_name, _binary(_double))
for _name, _double in _MANY.items():
    OPS.add(_name, _many(_double))


@op("Div")
def divide(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Quotient; of whole numbers rounded towards zero."""
    a, b = need(inputs, 0), need(inputs, 1)
    if a.is_floating_point() or b.is_floating_point():
        return a / b
    return torch.div(a, b, rounding_mode="trunc")


@op("LeakyRelu")
def leaky_relu(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Slope ``alpha`` below zero."""
    return F.leaky_relu(need(inputs), attributes.get("alpha", 0.01))


@op("PRelu")
def prelu(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Learned slope below zero, broadcast."""
    x = need(inputs)
    return torch.where(x < 0, x * need(inputs, 1), x)


@op("Elu")
def elu(inputs: Inputs, attributes: Attributes) -> Tensor:
    """``alpha (exp(x) - 1)`` below zero."""
    return F.elu(need(inputs), attributes.get("alpha", 1.0))


@op("Selu")
def selu(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Scaled exponential linear unit with the standard constants."""
    return F.selu(need(inputs))


@op("HardSigmoid")
def hard_sigmoid(inputs: Inputs, attributes: Attributes) -> Tensor:
    """``alpha x + beta``, cut to [0, 1]."""
    line = need(inputs) * attributes.get("alpha", 0.2) + attributes.get("beta", 0.5)
    return torch.clamp(line, 0, 1)


@op("Gelu")
def gelu(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Exact or with the hyperbolic tangent, as the attribute says."""
    return F.gelu(need(inputs), approximate=attributes.get("approximate", "none"))


@op("Clip")
def clip(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Cut to bounds from inputs (opset 11) or attributes (before)."""
    low, high = optional(inputs, 1), optional(inputs, 2)
    x = need(inputs)
    x = torch.clamp(x, min=attributes.get("min") if low is None else low) if (
        low is not None or "min" in attributes) else x  # fmt: skip
    return torch.clamp(x, max=attributes.get("max") if high is None else high) if (
        high is not None or "max" in attributes) else x  # fmt: skip


@op("Softmax")
def softmax(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Softmax over one axis; before opset 13 over all axes from it on."""
    return _over_axis(torch.softmax, need(inputs), attributes)


@op("LogSoftmax")
def log_softmax(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Logarithm of softmax, with the same axes."""
    return _over_axis(torch.log_softmax, need(inputs), attributes)


def _over_axis(function: Callable[..., Tensor], x: Tensor, attributes: Attributes) -> Tensor:
    if attributes["opset"] >= 13:
        return function(x, dim=attributes.get("axis", -1))
    axis = attributes.get("axis", 1) % x.ndim
    return function(x.flatten(axis), dim=axis).reshape(x.shape)


@op("Where")
def where(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Second input where the first is true, third elsewhere."""
    return torch.where(need(inputs, 0).bool(), need(inputs, 1), need(inputs, 2))


@op("Cast")
def cast(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Another element type."""
    return need(inputs).to(dtype_of(attributes["to"]))


@op("CastLike")
def cast_like(inputs: Inputs, attributes: Attributes) -> Tensor:
    """The element type of the second input."""
    return need(inputs, 0).to(need(inputs, 1).dtype)


@op("Mod")
def mod(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Remainder with the divisor's sign, or with the dividend's (``fmod``)."""
    function = torch.fmod if attributes.get("fmod", 0) else torch.remainder
    return function(need(inputs, 0), need(inputs, 1))


@op("ArgMax")
def arg_max(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Where the largest value along one axis is: the labels that many graphs give beside scores."""
    axis, keep = attributes.get("axis", 0), bool(attributes.get("keepdims", 1))
    return need(inputs).argmax(axis, keepdim=keep)


def _reduced(function: Callable[..., Tensor]) -> Operator:
    def reduction(inputs: Inputs, attributes: Attributes) -> Tensor:
        x, axes = need(inputs), whole(inputs, 1, attributes, "axes")
        if not axes and attributes.get("noop_with_empty_axes", 0):
            return x
        return function(x, axes or list(range(x.ndim)), bool(attributes.get("keepdims", 1)))

    return reduction


OPS.add("ReduceMean", _reduced(lambda x, axes, keep: x.mean(axes, keepdim=keep)))
OPS.add("ReduceSum", _reduced(lambda x, axes, keep: x.sum(axes, keepdim=keep)))
OPS.add("ReduceMax", _reduced(lambda x, axes, keep: x.amax(axes, keepdim=keep)))
OPS.add("ReduceMin", _reduced(lambda x, axes, keep: x.amin(axes, keepdim=keep)))
OPS.add("ReduceL2", _reduced(lambda x, axes, keep: x.norm(2, axes, keepdim=keep)))
