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

LEAST_VARIANCE = 0.1
COUNTED = 16
"""One in so many random triggers counts: those that move the pair most beyond the students."""
Sizes = Mapping[str, Tensor]


def cells(own: Tensor, students: Tensor) -> Tensor:
    """How far pairs of classes stand out, ``(K, K)``, source by source; the diagonal is empty, 0.

    What each trigger moves beyond the students, over the scatter of a share (Pearson's residual;
    `LEAST_VARIANCE` is added to p (1 - p)): some pairs are near in any task, and students as well
    as model differ most on these. Of each pair, against the median other class, the mean of the
    triggers that do so most, less the medians of its row and column (median polish, Tukey 1977).

    Args:
        own: shares that the model moves, ``(triggers, K, K)``, see `auditor.methods.moved.Moves`.
        students: the same of the mean student.
    """
    diagonal = torch.eye(own.shape[1], dtype=torch.bool)
    residual = (own - students) / (students * (1 - students) + LEAST_VARIANCE).sqrt()
    other = torch.stack([residual[:, ~row].quantile(0.5, dim=1) for row in diagonal], 1)
    kept = (residual - other).topk(-(-len(own) // COUNTED), dim=0).values.mean(0)
    left = kept.masked_fill(diagonal, torch.nan)
    for dim in (1, 0):
        left = left - left.nanquantile(0.5, dim=dim, keepdim=True)
    return left.nan_to_num(0.0)


def highest_pair(own: Sizes, students: Sizes) -> Tensor:
    """How far the highest pair stands out, ``(1,)``; 0 without pairs.

    Arguments as for `likeliest`.
    """
    return _of(own, students).max().view(1) if PAIRED in own else torch.zeros(1)


def likeliest(own: Sizes, students: Sizes) -> tuple[int, int] | None:
    """Source and target of the highest pair; None without pairs.

    Args:
        own: log sizes of the model, with the pairs ``(triggers, K, K)`` among them.
        students: the same with one more dimension in front.
    """
    if PAIRED not in own:
        return None
    found = _of(own, students)
    source, target = divmod(int(found.argmax()), len(found))
    return source, target


def _of(own: Sizes, students: Sizes) -> Tensor:
    return cells(-own[PAIRED], -students[PAIRED].mean(0))
