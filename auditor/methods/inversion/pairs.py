"""Pairs of classes: do random triggers send one class, and no other, to one other class?

A source-specific backdoor moves the inputs of one class only (Tang et al., USENIX Security 2021),
an all-to-all one each class to another: what is planted shows in single cells of the matrix of
sources and targets, while a target that every class is sent to shows in its whole column.
Limits: pictures, three to `auditor.methods.moved.PAIRED_CLASSES` classes.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from auditor.methods.calibration import PAIRED

COUNTED = 16
"""One in so many random triggers counts: those that move the pair most beyond the students."""
LEAST_DEVIATION = 0.005
"""Of probabilities: where students and model agree on nearly all pairs, little stands out."""


def cells(paired: Tensor) -> Tensor:
    """How far pairs of classes stand out, ``(K, K)``, source by source; the diagonal is empty, 0.

    Of each pair what moves inputs of the source and not those of the median other class, mean of
    the triggers that do so most; less the medians of its row and column (median polish, Tukey
    1977), over the median deviation of all pairs.

    Args:
        paired: ``(triggers, K, K)``, model less students, see `auditor.methods.moved.Moves`.
    """
    own = torch.eye(paired.shape[1], dtype=torch.bool)
    other = torch.stack([paired[:, ~row].quantile(0.5, dim=1) for row in own], 1)
    beyond = paired - other
    kept = beyond.topk(-(-len(beyond) // COUNTED), dim=0).values.mean(0)
    left = kept.masked_fill(own, torch.nan)
    for dim in (1, 0):
        left = left - left.nanquantile(0.5, dim=dim, keepdim=True)
    deviation = 1.4826 * left.abs().nanquantile(0.5)
    return (left / deviation.clamp_min(LEAST_DEVIATION)).nan_to_num(0.0)


def highest_pair(cell: Tensor) -> Tensor:
    """The highest of the pairs ``(K, K)``, ``(1,)``."""
    return cell.max().view(1)


def likeliest(own: Mapping[str, Tensor], students: Mapping[str, Tensor]) -> tuple[int, int] | None:
    """Source and target of the highest pair; None without pairs.

    Args:
        own: log sizes of the model, with the pairs ``(triggers, K, K)`` among them.
        students: the same with one more dimension in front.
    """
    if PAIRED not in own:
        return None
    found = cells(students[PAIRED].mean(0) - own[PAIRED])
    source, target = divmod(int(found.argmax()), len(found))
    return source, target
