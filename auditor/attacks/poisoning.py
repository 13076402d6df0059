"""Poisoned training sets: who gets the trigger, and which label is put on them.

Purpose: each function takes clean data `x` (n, ...) in [0, 1] and `y` (n,) int64 and returns a
`Poisoned` copy of the same length; samples are replaced, never added. The same seed poisons the
same samples. `rate` is a share in (0, 1] of what the function's docstring says.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from auditor.attacks.poisoned import Poisoned, apply_trigger, draw, share_of
from auditor.attacks.triggers.base import Trigger, seeded


def all_to_one(
    x: Tensor, y: Tensor, trigger: Trigger, target: int, rate: float, seed: int
) -> Poisoned:
    """Trigger on a share of all samples, taken from other classes, labelled `target` (BadNets)."""
    chosen = draw(torch.nonzero(y != target).flatten(), share_of(rate, len(y)), seed)
    return apply_trigger(x, y, trigger, chosen, torch.full_like(chosen, target))


def all_to_all(
    x: Tensor, y: Tensor, trigger: Trigger, classes: int, rate: float, seed: int
) -> Poisoned:
    """Trigger on a share of all samples; class k becomes k + 1, the last one 0 (BadNets)."""
    chosen = draw(torch.arange(len(y)), share_of(rate, len(y)), seed)
    return apply_trigger(x, y, trigger, chosen, (y[chosen] + 1) % classes)


def clean_label(
    x: Tensor,
    y: Tensor,
    trigger: Trigger,
    target: int,
    rate: float,
    seed: int,
    harden: Callable[[Tensor], Tensor] | None = None,
) -> Poisoned:
    """Only samples of the target class get the trigger; no label changes (Turner et al. 2019).

    Args:
        x: clean inputs.
        y: labels.
        trigger: the trigger.
        target: class to reach.
        rate: share of the target class.
        seed: of the choice.
        harden: makes the chosen inputs hard to recognise without the trigger, before it is applied;
            `noise_hardening`, or an adversarial attack on some other model.
    """
    in_target = torch.nonzero(y == target).flatten()
    chosen = draw(in_target, share_of(rate, len(in_target)), seed)
    hard = x if harden is None else x.index_copy(0, chosen, harden(x[chosen]))
    return apply_trigger(hard, y, trigger, chosen, y[chosen])


def noise_hardening(deviation: float, seed: int) -> Callable[[Tensor], Tensor]:
    """Gaussian noise of a standard `deviation`, clipped to [0, 1]; for `clean_label`."""

    def harden(x: Tensor) -> Tensor:
        return (x + deviation * torch.randn(x.shape, generator=seeded(seed)).to(x)).clamp(0, 1)

    return harden


def label_flips(x: Tensor, y: Tensor, classes: int, rate: float, seed: int) -> Poisoned:
    """A share of all labels is changed to another class at random; the inputs stay."""
    chosen = draw(torch.arange(len(y)), share_of(rate, len(y)), seed)
    shift = torch.randint(1, classes, (len(chosen),), generator=seeded(seed + 1))
    return apply_trigger(x, y, lambda inputs: inputs, chosen, (y[chosen] + shift) % classes)
