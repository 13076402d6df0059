"""Is there poison behind a query at all, and which samples? A cut with a stated error rate.

Purpose: scores of poison stand apart from the rest, so the upper tail falls steeply somewhere; the
tail of honest data falls evenly. Whether it is steep is judged against null queries, whose triggers
are not what the model was taught: for each share of the data the score there is divided by the
score at five times that share, the ratios are standardised over all queries alike, and the largest
counts. By exchangeability a null query beats all ``K`` others with probability 1 / (K + 1).
Sources: upper-tail heaviness as in FIT (Hammoudeh & Lowd 2022); conformal p-value (Vovk et al.
2005); the cut by an empirical false discovery rate (Efron et al. 2001).
Limits: made for poisoned shares of .5% to 10%; valid as far as null queries are like the query.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SHARES = (0.005, 0.01, 0.02, 0.05)
WIDER = 5
FEWEST = 8


@dataclass(frozen=True)
class Cut:
    """The samples accused by one query.

    Args:
        p_value: of "the training data were not poisoned with this trigger", at least 1 / (K + 1).
        accused: indices, strongest first; empty unless ``p_value`` is at most ``alpha``.
        false_share: expected share of honest samples among the accused, from the null queries.
        scores: robust standard scores of all samples, ``(n,)``.
    """

    p_value: float
    accused: Tensor
    false_share: float
    scores: Tensor


def cut(query: Tensor, null: Tensor, alpha: float = 0.05, false_share: float = 0.1) -> Cut:
    """Judge one query's scores.

    Args:
        query: scores ``(n,)`` of the training samples.
        null: the same for null queries, ``(n, K)``; with ``alpha`` .05 at least 19.
        alpha: largest p-value that accuses anybody.
        false_share: largest expected share of honest samples among the accused.

    >>> scores = torch.randn(500, 20, generator=torch.Generator().manual_seed(0))
    >>> scores[:10, 0] += 8
    >>> sorted(cut(scores[:, 0], scores[:, 1:]).accused.tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    >>> len(cut(scores[:, 1], scores[:, 2:]).accused)
    0
    """
    standard = standardised(torch.cat([query[:, None], null], 1))
    ordered = standard.sort(0, descending=True).values
    ratios = torch.stack([_ratio(ordered, k) for k in _counts(len(query))])
    # Ratios are heavy-tailed: median and quartiles, over query and null alike.
    quartiles = ratios.quantile(torch.tensor([0.25, 0.5, 0.75]), 1)
    spread = (quartiles[2] - quartiles[0]).clamp_min(0.02)
    steepness, steepest = ((ratios - quartiles[1][:, None]) / spread[:, None]).max(0)
    p_value = int((steepness >= steepness[0]).sum()) / len(steepness)
    empty = torch.empty(0, dtype=torch.int64)
    if p_value > alpha:
        return Cut(p_value, empty, 0.0, standard[:, 0])
    wide = WIDER * _counts(len(query))[int(steepest[0])]
    many, false = _accusable(ordered / ordered[min(wide, len(query)) - 1], false_share)
    return Cut(p_value, standard[:, 0].argsort(descending=True)[:many], false, standard[:, 0])


def standardised(scores: Tensor) -> Tensor:
    """Each column less its median, over its scaled median absolute deviation."""
    centred = scores - scores.median(0).values
    return centred / (1.4826 * centred.abs().median(0).values).clamp_min(1e-12)


def _counts(n: int) -> list[int]:
    wanted = [round(share * n) for share in SHARES]
    return sorted({k for k in wanted if k >= FEWEST} or {FEWEST})


def _ratio(ordered: Tensor, k: int) -> Tensor:
    wider = ordered[min(WIDER * k, len(ordered)) - 1].clamp_min(0.1)
    return ordered[k - 1] / wider


def _accusable(relative: Tensor, false_share: float) -> tuple[int, float]:
    """How many of the highest scores the null tails explain too rarely; the share that they do."""
    query, null = relative[:, 0], relative[:, 1:]
    candidates = query[: max(FEWEST, len(query) // 3)]
    ascending = null.flatten().sort().values
    below = torch.searchsorted(ascending, candidates.contiguous())
    explained = (len(ascending) - below) / null.shape[1]
    shares = explained / torch.arange(1, len(candidates) + 1)
    allowed = (shares <= false_share).nonzero()
    if not len(allowed):
        return 0, 0.0
    many = int(allowed[-1]) + 1
    return many, float(shares[many - 1])
