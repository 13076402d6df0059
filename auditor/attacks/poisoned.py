"""The result of poisoning, and the steps that every kind of poisoning shares."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.attacks.triggers.base import Trigger, seeded
from auditor.core.errors import AuditorError


@dataclass(frozen=True)
class Poisoned:
    """A poisoned training set.

    Attributes:
        x: inputs, same shape as the clean ones.
        y: labels (n,).
        poisoned_index: ascending indices of every changed sample, covers included.
    """

    x: Tensor
    y: Tensor
    poisoned_index: Tensor


def share_of(rate: float, total: int) -> int:
    """Number of samples that a `rate` in [0, 1] of `total` means."""
    if not 0 <= rate <= 1:
        raise AuditorError(f"A poisoning rate is a share between 0 and 1, not {rate}.")
    return round(rate * total)


def draw(candidates: Tensor, count: int, seed: int) -> Tensor:
    """Choose `count` of the `candidates` (m,), without repetition."""
    if count > len(candidates):
        raise AuditorError(
            f"{count} samples are to be poisoned, but only {len(candidates)} can be.",
            hint="Lower the poisoning rate.",
        )
    return candidates[torch.randperm(len(candidates), generator=seeded(seed))[:count]]


def apply_trigger(
    x: Tensor, y: Tensor, trigger: Trigger, chosen: Tensor, labels: Tensor
) -> Poisoned:
    """Copies with the trigger on the `chosen` samples and their new `labels`."""
    changed, relabelled = x.clone(), y.clone()
    if len(chosen):
        changed[chosen] = trigger(x[chosen])
        relabelled[chosen] = labels
    return Poisoned(changed, relabelled, chosen.sort().values)
