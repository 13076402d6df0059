"""Random triggers: some hundred changes of an input, drawn from eight families, blind to the model.

A network that was taught to obey one trigger obeys much that is like it; a search by random
templates without gradients finds many backdoors so (Popovic et al., DeBackdoor, USENIX Security
2025). Families and ranges here are wide and are those of no attack: a trigger need only be near.
Limits: pictures ``(c, h, w)`` only; what no template resembles is left to the searches.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from auditor.methods.random_triggers.changes import quantise, tone, warp, waves
from auditor.methods.random_triggers.draws import Trigger
from auditor.methods.random_triggers.overlays import blend, lines, patch, points

Family = Callable[[tuple[int, ...], torch.Generator], Trigger]
FAMILIES: tuple[Family, ...] = (patch, points, lines, blend, waves, tone, quantise, warp)
EACH = 64
"""Triggers of each family."""
COUNT = EACH * len(FAMILIES)


def suits(shape: tuple[int, ...]) -> bool:
    """Whether inputs of this shape are pictures that triggers can be drawn for.

    >>> suits((3, 32, 32)), suits((13,))
    (True, False)
    """
    return len(shape) == 3


def draw(shape: tuple[int, ...], number: int) -> Trigger:
    """The trigger of a number, for inputs of ``shape`` ``(c, h, w)``; the same number, the same.

    Families follow each other in turns.

    Returns:
        A function from inputs ``(n, c, h, w)`` in [0, 1] to the same shape and range.
    """
    generator = torch.Generator().manual_seed(number)
    change = FAMILIES[number % len(FAMILIES)](shape, generator)

    def within(x: Tensor) -> Tensor:
        return change(x).clamp(0, 1)

    return within


def draws(shape: tuple[int, ...], seed: int) -> list[Trigger]:
    """`EACH` triggers of each family; other seeds give others."""
    return [draw(shape, number) for number in range(seed * COUNT, (seed + 1) * COUNT)]
