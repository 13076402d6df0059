"""Drawing a stratified part of a clean set when all of it would take too long.

Purpose: probes with a cost per input work on about ``limit`` inputs, the same ones for the same
seed, with about the clean set's own class balance and at least one sample a class.
"""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.core.subject import CleanSet


def subset(clean: CleanSet, limit: int, seed: int) -> CleanSet:
    """All of ``clean``, or a stratified part of about ``limit`` samples."""
    return clean.take(subset_index(clean, limit, seed))


def subset_index(clean: CleanSet, limit: int, seed: int) -> Tensor:
    """Positions of that part in ``clean``, ascending, ``(m,)`` int64."""
    everything = torch.arange(len(clean))
    if len(clean) <= limit:
        return everything
    return CleanSet(everything, clean.y).split(limit / len(clean), seed)[0].x
