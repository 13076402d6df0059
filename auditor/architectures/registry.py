"""Name to constructor.

Purpose: one place that knows every architecture. A new one is a new file with
`@architecture("name")`.
Limits: constructors take the input shape and the number of classes and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from auditor.core.errors import AuditorError
from auditor.core.registry import Registry

Constructor = Callable[[tuple[int, ...], int], nn.Module]

_CONSTRUCTORS: Registry[Constructor] = Registry("architecture")


def architecture(name: str) -> Callable[[Constructor], Constructor]:
    """Register a constructor `f(input_shape, classes)` under `name`.

    Raises:
        ValueError: if the name is already taken.
    """
    return lambda constructor: _CONSTRUCTORS.add(name, constructor)


def names() -> tuple[str, ...]:
    """All registered names, sorted."""
    return tuple(sorted(_CONSTRUCTORS))


def build(name: str, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Construct a network with fresh weights.

    Args:
        name: one of `names()`.
        input_shape: shape of one input, `(c, h, w)` or, for `mlp`, also `(d,)`.
        classes: number of output logits, at least 2.

    Raises:
        AuditorError: for an unknown name or a shape the architecture cannot take.
    """
    constructor = _CONSTRUCTORS[name]
    if classes < 2:
        raise AuditorError(f"A classifier needs at least 2 classes, not {classes}.")
    if not input_shape or min(input_shape) < 1:
        raise AuditorError(f"The input shape {input_shape} has an empty dimension.")
    return constructor(input_shape, classes)


def infer_classes(state: Mapping[str, Tensor]) -> int | None:
    """Number of classes: the output features of the last 2-D weight, or None if there is none."""
    matrices = [
        tensor for key, tensor in state.items() if key.endswith("weight") and tensor.ndim == 2
    ]
    return int(matrices[-1].shape[0]) if matrices else None
