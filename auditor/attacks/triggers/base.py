"""What a trigger is, and the registry of trigger families."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from random import Random
from typing import Any, ClassVar, Protocol, Self, TypeVar

import torch
from torch import Tensor

from auditor.core.registry import Registry


class Trigger(Protocol):
    """A deterministic change of inputs: `(n, ...)` in [0, 1] to the same shape and range."""

    def __call__(self, x: Tensor) -> Tensor:
        """Apply the trigger to a batch."""
        ...


class DrawnTrigger(Trigger, Protocol):
    """A trigger family whose parameters can be drawn at random and written as JSON."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """Draw parameters that suit inputs of one `shape`, without the batch dimension."""
        ...


Family = TypeVar("Family", bound=DrawnTrigger)

_FAMILIES: Registry[type[DrawnTrigger]] = Registry("trigger family")


def family(name: str) -> Callable[[type[Family]], type[Family]]:
    """Register a trigger class under the family's `name`."""

    def register(cls: type[Family]) -> type[Family]:
        _FAMILIES.add(name, cls)
        return cls

    return register


def families() -> tuple[str, ...]:
    """Names of all registered families, sorted."""
    return tuple(sorted(_FAMILIES))


def random_trigger(name: str, shape: tuple[int, ...], seed: int) -> DrawnTrigger:
    """Draw one trigger of a family.

    Args:
        name: one of `FAMILIES`.
        shape: shape of one input, `(c, h, w)` or `(d,)`.
        seed: the same seed gives the same trigger.

    Raises:
        AuditorError: for an unknown family.
    """
    return _FAMILIES[name].draw(shape, Random(f"{name}/{seed}"))


def restore_trigger(name: str, parameters: Mapping[str, Any]) -> DrawnTrigger:
    """The trigger whose `trigger_parameters` were `parameters` (also after a way through JSON).

    Raises:
        AuditorError: for an unknown family.
    """
    return _FAMILIES[name](**{key: _frozen(value) for key, value in parameters.items()})


def trigger_parameters(trigger: DrawnTrigger) -> dict[str, Any]:
    """The parameters of a trigger as plain values, ready for JSON."""
    return asdict(trigger)


def seeded(seed: int) -> torch.Generator:
    """A generator of its own, so that triggers neither use nor move the global random state."""
    return torch.Generator().manual_seed(seed)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
