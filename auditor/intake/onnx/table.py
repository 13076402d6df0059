"""The table of operators that a converted graph may hold.

An operator is a function ``f(inputs, attributes) -> Tensor | tuple of Tensors``; ``inputs`` holds
None where an optional input is left out. ``attributes`` has the node's attributes and the keys
``opset`` and ``outputs`` (how many).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from auditor.core.errors import DeliveryError
from auditor.core.registry import Registry

Inputs = Sequence[Tensor | None]
Attributes = dict[str, Any]
Operator = Callable[[Inputs, Attributes], Tensor | tuple[Tensor, ...]]
OPS: Registry[Operator] = Registry("ONNX operator")
MOST_VALUES = 1 << 28


def op(*names: str) -> Callable[[Operator], Operator]:
    """Register one function under the ONNX names that it implements."""

    def register(function: Operator) -> Operator:
        for name in names:
            OPS.add(name, function)
        return function

    return register


def need(inputs: Inputs, index: int = 0) -> Tensor:
    """A required input.

    Raises:
        DeliveryError: the node does not have it.
    """
    value = optional(inputs, index)
    if value is None:
        raise DeliveryError("A node of the ONNX graph lacks a required input.")
    return value


def optional(inputs: Inputs, index: int) -> Tensor | None:
    """An input that may be left out."""
    return inputs[index] if index < len(inputs) else None


def whole(inputs: Inputs, index: int, attributes: Attributes, name: str) -> list[int] | None:
    """Whole numbers from an input (newer opsets) or an attribute (older ones), or None."""
    value = optional(inputs, index)
    if value is not None:
        return [int(number) for number in value.reshape(-1).tolist()]
    given = attributes.get(name)
    return None if given is None else [int(number) for number in given]


def bounded(sizes: Sequence[int]) -> list[int]:
    """Sizes of a tensor to be made, if it is not absurdly large.

    Raises:
        DeliveryError: more than 2^28 values.
    """
    total = 1
    for size in sizes:
        total *= max(1, int(size))
    if total > MOST_VALUES:
        raise DeliveryError(f"The ONNX graph makes a tensor of {total} values.")
    return [int(size) for size in sizes]


def dtype_of(code: int) -> torch.dtype:
    """torch's name of an ONNX element type; half and double are computed in single precision.

    Raises:
        DeliveryError: a type that classifiers do not need.
    """
    kinds = {
        1: torch.float32, 2: torch.uint8, 3: torch.int8, 5: torch.int16, 6: torch.int32,
        7: torch.int64, 9: torch.bool, 10: torch.float32, 11: torch.float32, 16: torch.float32,
    }  # fmt: skip
    if code not in kinds:
        raise DeliveryError(f"The ONNX element type {code} is not supported.", kind="unsupported")
    return kinds[code]
