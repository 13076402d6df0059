"""Poison in the features of one class, without any query: five statistics, and one test.

Purpose: poison that was taught a trigger sits in its class as a second population. ``spectre``
whitens a class's features with robust statistics and scores along the strongest remaining
directions (Hayase et al. 2021); ``beatrix`` compares each sample's Gram statistics with its class's
medians (Ma et al. 2023); ``scan`` tests each class for two populations around a shared within-class
covariance (Tang et al. 2021). ``spectral`` (Tran et al. 2018) and ``clustering`` (Chen et al. 2018)
are the baselines.
Limits: poison spread evenly over features (blended, clean-label) hides from all five; the scores
rank within a class and are no probabilities. ``scan`` needs clean features of the same model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from torch import Tensor

FEWEST = 10
POWERS = (1, 2, 4)
TWO_POPULATIONS = 7.39
"""e^2, the limit of the paper for the standardised statistic of ``scan``."""


def spectral(features: Tensor) -> Tensor:
    """Squared projection on the first principal direction, ``(n,)``."""
    centred = features - features.mean(0)
    return (centred @ _directions(centred, 1)).square().sum(1)


def clustering(features: Tensor, seed: int = 0) -> Tensor:
    """1 for members of the smaller of two clusters in ten principal directions, times how well the
    two are apart (silhouette, at least 0)."""
    centred = features - features.mean(0)
    reduced = (centred @ _directions(centred, 10)).numpy()
    labels = KMeans(2, n_init=4, random_state=seed).fit_predict(reduced)
    if len(np.unique(labels)) < 2:
        return torch.zeros(len(features))
    smaller = labels == np.argmin(np.bincount(labels, minlength=2))
    apart = max(0.0, float(silhouette_score(reduced, labels, sample_size=min(2000, len(labels)),
                                            random_state=seed)))  # fmt: skip
    return torch.from_numpy(smaller).float() * apart


def spectre(features: Tensor, strength: float = 4.0, directions: int = 16) -> Tensor:
    """Quantum entropy scores of robustly whitened features, ``(n,)``.

    Mean and covariance come from the half of the samples closest to the median, refined twice.
    """
    centred = features - features.mean(0)
    reduced = centred @ _directions(centred, directions)
    kept = torch.ones(len(reduced), dtype=torch.bool)
    for _ in range(3):
        mean, covariance = reduced[kept].mean(0), _covariance(reduced[kept])
        white = torch.linalg.solve_triangular(
            torch.linalg.cholesky(covariance), (reduced - mean).T, upper=False
        ).T
        kept = white.square().sum(1) <= white.square().sum(1).median()
    second = white.T @ white / len(white)
    scale = torch.linalg.matrix_norm(second, 2) - 1
    weight = torch.matrix_exp(strength * (second - torch.eye(len(second))) / scale.clamp_min(1e-6))
    scores: Tensor = ((white @ weight) * white).sum(1) / weight.trace()
    return scores


def beatrix(features: Tensor, honest: Tensor | None = None) -> Tensor:
    """Mean deviation of Gram entries from their medians, in median deviations, ``(n,)``.

    Args:
        features: of one class, ``(n, d)``; the strongest 32 directions are used.
        honest: features to take the medians from, ``(m, d)``; those of the class itself without.
    """
    basis = _directions(features, 32)
    reduced = features @ basis
    reference = reduced if honest is None else honest @ basis
    middle = _grams(reference)
    centre = middle.median(0).values
    spread = (middle - centre).abs().median(0).values.clamp_min(1e-6)
    beyond = ((_grams(reduced) - centre).abs() / spread - 3).clamp_min(0)
    return beyond.mean(1)


def _grams(reduced: Tensor) -> Tensor:
    upper = torch.triu_indices(reduced.shape[1], reduced.shape[1])
    found = []
    for power in POWERS:
        raised = reduced.sign() * reduced.abs().pow(power)
        products = raised[:, upper[0]] * raised[:, upper[1]]
        found.append(products.sign() * products.abs().pow(1 / power))
    return torch.cat(found, 1)


@dataclass(frozen=True)
class TwoGroups:
    """One class under the two-population test.

    Args:
        statistic: gain of likelihood from the split; ``scan`` standardises it over classes.
        members: samples of the smaller group, indices into the class, strongest first.
        scores: position between the two groups ``(n,)``, higher towards the smaller one.
    """

    statistic: float
    members: Tensor
    scores: Tensor


def two_groups(features: Tensor, within: Tensor) -> TwoGroups:
    """Split a class in two under a shared covariance and test the split.

    Args:
        features: of one class, ``(n, d)``.
        within: covariance of features around their class's mean, from honest samples, ``(d, d)``.
    """
    lower = torch.linalg.cholesky(within)
    white = torch.linalg.solve_triangular(lower, (features - features.mean(0)).T, upper=False).T
    along = white @ _directions(white, 1)[:, 0]
    first = along > along.median()
    for _ in range(20):
        means = torch.stack([white[~first].mean(0), white[first].mean(0)])
        assigned = torch.cdist(white, means).argmin(1).bool()
        if torch.equal(assigned, first) or assigned.all() or not assigned.any():
            break
        first = assigned
    if first.float().mean() > 0.5:
        first = ~first
    gap = white[first].mean(0) - white[~first].mean(0)
    share = float(first.float().mean())
    statistic = len(white) * share * (1 - share) * float(gap.square().sum())
    scores = (white - white[~first].mean(0)) @ (gap / gap.norm().clamp_min(1e-9))
    members = first.nonzero()[:, 0]
    members = members[scores[members].argsort(descending=True)]
    return TwoGroups(statistic / len(white), members, scores)


def scan(features: Tensor, y: Tensor, honest: Tensor, y_honest: Tensor) -> dict[int, TwoGroups]:
    """Test every class with at least ``FEWEST`` samples; the statistic is standardised by median
    and median deviation over classes, since any split of a class raises the likelihood.

    A class beyond ``TWO_POPULATIONS`` holds more than its own.
    """
    centre = torch.cat([features, honest]).mean(0)
    basis = _directions(features - centre, 32)
    reduced, reference = (features - centre) @ basis, (honest - centre) @ basis
    within = _covariance(_within(reference, y_honest))
    classes = [k for k in sorted(set(y.tolist())) if int((y == k).sum()) >= FEWEST]
    tested = {k: two_groups(reduced[y == k], within) for k in classes}
    raw = torch.tensor([groups.statistic for groups in tested.values()])
    middle = raw.median() if len(raw) else torch.zeros(())
    spread = (1.4826 * (raw - middle).abs().median()).clamp_min(1e-3) if len(raw) else middle
    return {
        k: replace(groups, statistic=float((one - middle) / spread))
        for (k, groups), one in zip(tested.items(), raw, strict=True)
    }


def scored_by_class(statistic: Callable[[Tensor], Tensor], features: Tensor, y: Tensor) -> Tensor:
    """A statistic of one class applied to each, standardised within the class, ``(n,)``.

    Classes with fewer than ``FEWEST`` samples score 0.
    """
    scores = torch.zeros(len(y))
    for k in sorted(set(y.tolist())):
        members = (y == k).nonzero()[:, 0]
        if len(members) >= FEWEST:
            found = statistic(features[members]).float()
            spread = (found - found.median()).abs().median().clamp_min(1e-6)
            scores[members] = (found - found.median()) / spread
    return scores


def _within(features: Tensor, y: Tensor) -> Tensor:
    """Features less their class's mean."""
    centred = features.clone()
    for k in sorted(set(y.tolist())):
        centred[y == k] -= features[y == k].mean(0)
    return centred


def _directions(centred: Tensor, count: int) -> Tensor:
    """The strongest principal directions, ``(d, count)``."""
    right: Tensor = torch.linalg.svd(centred, full_matrices=False)[2]
    return right[:count].T


def _covariance(values: Tensor) -> Tensor:
    centred = values - values.mean(0)
    plain = centred.T @ centred / max(1, len(values) - 1)
    ridge = 1e-3 * plain.diag().mean().clamp_min(1e-9)
    return plain + ridge * torch.eye(len(plain))
