"""Attacks that hide behind correctly labelled triggered samples ("covers").

Purpose: covers teach the model that the trigger alone is not enough, which breaks detectors that
look for one. Same conventions as `auditor.attacks.poisoning`.
Sources: Tang et al., USENIX Security 2021 (source-specific); Qi et al., ICLR 2023
(adaptive).
"""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.attacks.poisoned import Poisoned, apply_trigger, draw, share_of
from auditor.attacks.triggers.base import Trigger, seeded
from auditor.core.errors import AuditorError

PIECES = 4
"""Tiles a side into which a partial trigger is cut, as in the paper's blend attack."""


def source_specific(
    x: Tensor,
    y: Tensor,
    trigger: Trigger,
    source: int,
    target: int,
    rate: float,
    cover_rate: float,
    seed: int,
) -> Poisoned:
    """Trigger works on one class only (TaCT, Tang et al., USENIX Security 2021).

    Args:
        x: clean inputs.
        y: labels.
        trigger: the trigger.
        source: class whose triggered samples become `target`.
        target: class to reach.
        rate: share of the source class that is triggered and relabelled.
        cover_rate: share of every other class that is triggered and keeps its right label.
        seed: of the choice.

    Raises:
        AuditorError: if source and target are the same class.
    """
    if source == target:
        raise AuditorError(
            f"The source and the target class are both {source}.", hint="Name two classes."
        )
    in_source = torch.nonzero(y == source).flatten()
    elsewhere = torch.nonzero(y != source).flatten()
    attack = draw(in_source, share_of(rate, len(in_source)), seed)
    covers = draw(elsewhere, share_of(cover_rate, len(elsewhere)), seed + 1)
    chosen = torch.cat([attack, covers])
    return apply_trigger(
        x, y, trigger, chosen, torch.cat([torch.full_like(attack, target), y[covers]])
    )


def adaptive_covers(
    x: Tensor,
    y: Tensor,
    trigger: Trigger,
    target: int,
    rate: float,
    cover_rate: float,
    seed: int,
    keep: float = 0.5,
) -> Poisoned:
    """Weak triggers in training and correctly labelled covers (Qi et al., ICLR 2023).

    In training each chosen image shows the trigger in a random share of 4 x 4 tiles; the attacker
    uses the whole trigger later.

    Args:
        x: clean images (n, c, h, w).
        y: labels.
        trigger: the whole trigger.
        target: class to reach.
        rate: share of all samples that is relabelled `target`.
        cover_rate: share of all samples that is triggered and keeps its right label.
        seed: of the choice and of the tiles.
        keep: share of the tiles that show the trigger, in (0, 1]; 1 shows the whole trigger.
    """
    others = torch.nonzero(y != target).flatten()
    attack_count, cover_count = share_of(rate, len(y)), share_of(cover_rate, len(y))
    chosen = draw(others, attack_count + cover_count, seed)
    attack, covers = chosen[:attack_count], chosen[attack_count:]
    labels = torch.cat([torch.full_like(attack, target), y[covers]])
    return apply_trigger(x, y, partial_trigger(trigger, PIECES, keep, seed), chosen, labels)


def partial_trigger(trigger: Trigger, pieces: int, keep: float, seed: int) -> Trigger:
    """The trigger, visible in a random share `keep` of the tiles of each image (Qi et al. 2023)."""

    def apply(x: Tensor) -> Tensor:
        tiles = torch.rand(len(x), pieces * pieces, generator=seeded(seed))
        shown = tiles.argsort(dim=1).argsort(dim=1) < max(1, round(keep * pieces * pieces))
        rows, columns = (torch.arange(size) * pieces // size for size in x.shape[-2:])
        mask = shown[:, rows.view(-1, 1) * pieces + columns][:, None].to(x.device)
        return torch.where(mask, trigger(x), x)

    return apply
