"""Was this set trained on? Membership by relative confidence, for contamination and for privacy.

Purpose: a model is surer of a sample it was trained on than reference models that were not, by
more than it is surer of other samples of the population: the pairwise ratio of RMIA (Zarifzadeh et
al. 2024). A set is tested by comparing its scores with those of known non-members (rank sum test).
Limits: reference models here are students or the vendor's early checkpoints; with none, the mean
confidence of the class stands in and the test is weaker. Sets from another distribution than the
population look like members or non-members for that reason alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score, roc_curve
from torch import Tensor

FALSE_POSITIVES = 0.01


@dataclass(frozen=True)
class SetTest:
    """One set against known non-members.

    Args:
        auc: chance that a sample of the set scores above a non-member.
        p_value: of "no more like members than the non-members", one-sided.
        tpr: share of the set recognised where one in a hundred non-members is.
    """

    auc: float
    p_value: float
    tpr: float


def rmia(
    target: Tensor,
    y: Tensor,
    references: Sequence[Tensor],
    population: Tensor,
    y_population: Tensor,
    population_references: Sequence[Tensor],
) -> Tensor:
    """Share of the population that each sample beats, ``(n,)`` in [0, 1].

    Args:
        target: the audited model's logits of the samples, ``(n, classes)``.
        y: their labels ``(n,)``.
        references: logits of reference models for the samples.
        population: the audited model's logits of samples known not to be members ``(m, classes)``.
        y_population: their labels.
        population_references: logits of the reference models for them.
    """
    own = _relative(target, y, references)
    others = _relative(population, y_population, population_references)
    ordered = others.sort().values
    return torch.searchsorted(ordered, own) / len(ordered)


def _relative(logits: Tensor, y: Tensor, references: Sequence[Tensor]) -> Tensor:
    """Log confidence in the label less that of the reference models' mean, ``(n,)``."""
    own = _confidence(logits, y)
    if references:
        return own - torch.stack([_confidence(r, y).exp() for r in references]).mean(0).log()
    means = torch.zeros(logits.shape[1], dtype=own.dtype)
    for k in sorted(set(y.tolist())):
        means[k] = own[y == k].mean()
    return own - means[y]


def _confidence(logits: Tensor, y: Tensor) -> Tensor:
    return torch.log_softmax(logits.double(), 1).gather(1, y[:, None])[:, 0]


def set_test(members: Tensor, others: Tensor) -> SetTest:
    """Compare scores of a set ``(n,)`` with those of known non-members ``(m,)``."""
    truth = np.r_[np.ones(len(members)), np.zeros(len(others))]
    scores = torch.cat([members, others]).numpy()
    false, true, _ = roc_curve(truth, scores)
    p_value = mannwhitneyu(members.numpy(), others.numpy(), alternative="greater").pvalue
    reached = true[false <= FALSE_POSITIVES]
    return SetTest(float(roc_auc_score(truth, scores)), float(p_value), float(reached.max()))


def benjamini_hochberg(p_values: Sequence[float], rate: float = 0.05) -> list[int]:
    """Indices rejected at a false discovery rate (Benjamini & Hochberg 1995).

    >>> benjamini_hochberg([0.6, 0.001, 0.03, 0.04])
    [1]
    """
    order = np.argsort(p_values, kind="stable")
    limits = rate * np.arange(1, len(order) + 1) / len(order)
    passed = np.flatnonzero(np.asarray(p_values)[order] <= limits)
    return sorted(order[: int(passed[-1]) + 1].tolist()) if len(passed) else []
