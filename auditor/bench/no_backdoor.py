"""Training that was tampered with without planting a backdoor: what a scan must not confuse.

One honest change of the data is here, too: a class that is more frequent than the others. Wrong
labels, outliers, a mislabelled subpopulation and sponge training do harm, but no input makes
such a model obey: a scan that calls it backdoored raises a false alarm.
"""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.attacks.poisoned import Poisoned, draw, share_of
from auditor.attacks.poisoning import label_flips
from auditor.attacks.subpopulation import clusters, subpopulation
from auditor.attacks.tampering import outlier_injection
from auditor.bench.hard import (
    IMBALANCED,
    LABEL_FLIPS,
    OUTLIERS,
    SHORTCUT,
    SUBPOPULATION,
    Hard,
    marked,
)

CLUSTERS = 40
CLUSTERED = 3_000
"""Images that the clusters are learned from."""


def prepared(x: Tensor, y: Tensor, hard: Hard, classes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Training images ``(n, c, h, w)`` and labels ``(n,)`` of a model without a backdoor."""
    if hard.kind == SHORTCUT:
        return marked(x, y, hard, seed), y
    label = -1 if hard.label is None else hard.label
    if hard.kind == IMBALANCED:
        return imbalanced(x, y, label, hard.amount, seed)
    if hard.kind == LABEL_FLIPS:
        return _both(label_flips(x, y, classes, hard.amount, seed))
    if hard.kind == OUTLIERS:
        return _both(outlier_injection(x, y, hard.amount, seed, label))
    if hard.kind == SUBPOPULATION:
        return _both(subpopulation(x, y, _cluster(x, y, label, seed), label, hard.amount, seed))
    return x, y


def imbalanced(x: Tensor, y: Tensor, label: int, times: float, seed: int) -> tuple[Tensor, Tensor]:
    """All images of ``label``, and of each other class one in ``times``, drawn at random."""
    others = torch.nonzero(y != label).flatten()
    kept = draw(others, share_of(1 / times, len(others)), seed)
    chosen = torch.cat([torch.nonzero(y == label).flatten(), kept])
    return x[chosen], y[chosen]


def _cluster(x: Tensor, y: Tensor, label: int, seed: int) -> Tensor:
    """Which samples lie in the largest cluster that the label's own class hardly has."""
    flat = x.flatten(1)
    inside = clusters(flat[:CLUSTERED], CLUSTERS, seed).of(flat)
    others = torch.bincount(inside[y != label], minlength=CLUSTERS)
    own = torch.bincount(inside[y == label], minlength=CLUSTERS)
    return inside == int((others - 10 * own).argmax())


def _both(poisoned: Poisoned) -> tuple[Tensor, Tensor]:
    return poisoned.x, poisoned.y
