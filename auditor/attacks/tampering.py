"""Classic poisoning of rows: outliers put in, and single features manipulated.

Purpose: the seeds of poisoning that need no trigger: a few extreme rows pull a model's boundary,
and one feature that is made to agree with a label teaches a shortcut.
Source: the taxonomy of Biggio & Roli 2018. Each function returns a `Poisoned` copy of the same
length, as in `poisoning`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.attacks.poisoned import Poisoned, draw, share_of
from auditor.attacks.triggers.base import seeded


def outlier_injection(x: Tensor, y: Tensor, rate: float, seed: int, target: int) -> Poisoned:
    """A share of all samples becomes extreme inputs labelled `target`.

    Each feature of such a row is 0 or 1, whichever is further from the feature's mean, but for a
    tenth of them.
    """
    chosen = draw(torch.arange(len(y)), share_of(rate, len(y)), seed)
    changed, labels = x.clone(), y.clone()
    extreme = (x.mean(0) < 0.5).to(x).expand(len(chosen), *x.shape[1:])
    keep = torch.rand(extreme.shape, generator=seeded(seed + 1)) < 0.1
    changed[chosen] = torch.where(keep, x[chosen], extreme)
    labels[chosen] = target
    return Poisoned(changed, labels, chosen.sort().values)


def feature_manipulation(
    x: Tensor, y: Tensor, feature: int, value: float, target: int, rate: float, seed: int
) -> Poisoned:
    """One feature (counted over the flattened input) of a share of the target class is set."""
    in_target = torch.nonzero(y == target).flatten()
    chosen = draw(in_target, share_of(rate, len(in_target)), seed)
    changed = x.clone().flatten(1)
    changed[chosen, feature] = value
    return Poisoned(changed.reshape(x.shape), y.clone(), chosen.sort().values)
