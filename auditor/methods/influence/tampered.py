"""Rows and features of a training set that do not look like the auditor's own data.

Purpose: outliers by distance to the nearest clean samples, against how far clean samples lie from
each other; manipulated features by comparing each feature's distribution with the clean set's,
class by class. Both need no model.
Sources: k-nearest-neighbour outliers (Ramaswamy et al. 2000) with conformal p-values (Bates et al.
2023); Kolmogorov-Smirnov tests with Benjamini-Hochberg.
Limits: data from another source than the clean set look tampered with; clean-label poison within
the data's range does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import ks_2samp
from torch import Tensor

from auditor.methods.influence.membership import benjamini_hochberg

NEIGHBOURS = 5
REACH = 1.25
BLOCK = 1024


@dataclass(frozen=True)
class Outliers:
    """Distances ``(n,)`` to clean neighbours, conformal p-values, and who lies beyond all."""

    distance: Tensor
    p_values: Tensor
    beyond: list[int]


def outliers(x: Tensor, clean: Tensor) -> Outliers:
    """Samples ``(n, *shape)`` that lie further from clean ones than those from each other.

    Args:
        x: samples to judge.
        clean: honest samples; half serve as neighbours, half calibrate. Beyond is who exceeds the
            calibration's median by ``REACH`` times what its furthest sample does.
    """
    neighbours, calibration = clean[::2].flatten(1), clean[1::2].flatten(1)
    usual = _distance(calibration, neighbours).sort().values
    distance = _distance(x.flatten(1), neighbours)
    beyond = len(usual) - torch.searchsorted(usual, distance)
    p_values = (1 + beyond) / (1 + len(usual))
    limit = usual.median() + REACH * (usual.max() - usual.median())
    return Outliers(distance, p_values, (distance > limit).nonzero()[:, 0].tolist())


def _distance(x: Tensor, neighbours: Tensor) -> Tensor:
    k = min(NEIGHBOURS, len(neighbours))
    parts = [torch.cdist(part, neighbours).topk(k, 1, largest=False) for part in x.split(BLOCK)]  # type: ignore[no-untyped-call]
    return torch.cat([part.values.mean(1) for part in parts])


@dataclass(frozen=True)
class Shift:
    """A feature whose values differ between training and clean samples of one class."""

    label: int
    feature: int
    statistic: float
    p_value: float


def feature_shifts(
    x: Tensor, y: Tensor, clean: Tensor, y_clean: Tensor, rate: float = 0.01
) -> list[Shift]:
    """Features (of flattened inputs) with another distribution, strongest first."""
    found = []
    for k in sorted(set(y.tolist()) & set(y_clean.tolist())):
        one, other = (v.flatten(1).numpy() for v in (x[y == k], clean[y_clean == k]))
        if min(len(one), len(other)) < 2 * NEIGHBOURS:
            continue
        for j in np.flatnonzero((one.std(0) > 0) | (other.std(0) > 0)).tolist():
            tested = ks_2samp(one[:, j], other[:, j])
            found.append(Shift(k, j, float(tested.statistic), float(tested.pvalue)))
    kept = [found[i] for i in benjamini_hochberg([s.p_value for s in found], rate)]
    return sorted(kept, key=lambda shift: -shift.statistic)
