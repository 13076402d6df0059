"""Is there poison behind a query? Judged against the auditor's own samples of the same label.

Purpose: some queries have no null queries like them: mistakes, and triggers of models with two
classes. But honest training samples and clean samples of one label come from one source, so
neither stands higher than the other among the scores of a query about that label. Samples that
taught it do, and push clean ones out of the highest scores. How few are left there is a
hypergeometric question, exact whatever the scores are.
Source: two-sample rank tests, as in ``battery``; conformal testing against a calibration set (Bates
et al. 2023).
Limits: as for the battery. Training samples were taught, clean ones were not: where that shows
(accuracies far apart), p-values of honest data are somewhat too small. With few clean samples of
the label little can be shown: at a share s of clean ones, k poisons alone at the top have
p = (1 - s)^k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.core.subject import CleanSet
from auditor.methods.influence.battery import tail_test
from auditor.methods.influence.residual import Group, residual_gas
from auditor.methods.influence.store import Gradients

DEPTHS = (0.05, 0.1, 0.2)
FEWEST = 10
"""Samples of the label, on either side, below which nothing can be tested."""


@dataclass(frozen=True)
class Standing:
    """Who stands higher than clean samples of the label do.

    Args:
        p_value: of "training samples of the label score like clean ones".
        accused: indices into the training set, strongest first; empty unless ``p_value`` is at
            most the limit.
        false_share: expected share of honest samples among the accused, from the clean ones that
            are as high; one more is counted than there are.
    """

    p_value: float
    accused: Tensor
    false_share: float = 0.0


def clean_scores(sources: Sequence[Gradients], clean: CleanSet, group: Group) -> Tensor:
    """What clean samples of the label that ``group`` asks about would score, ``(m,)``."""
    own = clean.take((clean.y == group.about).nonzero()[:, 0])
    if not len(own):
        return torch.empty(0)
    return residual_gas([Gradients(s.network, own.x, own.y) for s in sources], [group])[:, 0]


def standing(
    scores: Tensor, labelled: Tensor, clean: Tensor, alpha: float, asked: int = 1
) -> Standing | None:
    """Judge one query; None where there are too few samples of its label.

    Args:
        scores: of all training samples, ``(n,)``.
        labelled: indices of those that carry the label asked about.
        clean: scores of clean samples of the label, ``(m,)``.
        alpha: largest p-value that accuses anybody.
        asked: how many queries are judged, the clearest of which will be believed (Bonferroni).

    >>> generator = torch.Generator().manual_seed(0)
    >>> scores, clean = torch.randn(150, generator=generator), torch.randn(60, generator=generator)
    >>> standing(scores, torch.arange(150), clean, 0.01).accused.tolist()
    []
    >>> scores[:30] += 6
    >>> found = standing(scores, torch.arange(150), clean, 0.01)
    >>> found.p_value < 1e-3, set(found.accused[:30].tolist()) == set(range(30))
    (True, True)
    """
    if min(len(labelled), len(clean)) < FEWEST:
        return None
    own, size = scores[labelled], len(labelled) + len(clean)
    p_value, many = tail_test(own, clean, sorted({max(5, round(d * size)) for d in DEPTHS}))
    p_value = min(1.0, asked * p_value)
    if p_value > alpha:
        return Standing(p_value, torch.empty(0, dtype=torch.int64))
    highest = own.argsort(descending=True, stable=True)[:many]
    above = int((clean >= own[highest[-1]]).sum())
    expected = (1 + above) * len(labelled) / len(clean) / many
    return Standing(p_value, labelled[highest], min(1.0, expected))
