"""Is there poison behind a query at all, and which samples? A verdict with a stated error rate.

Purpose: scores of poison stand apart from the rest, so their upper tail falls steeply somewhere.
But samples near a boundary answer to every trigger, and give honest tails steps of their own. So
each query's scores are first regressed on those of the queries about other classes; what remains
answers to this query alone. For shares of the data the score there is divided by the score at
``WIDER`` times that share; null queries, whose triggers are not what the model was taught, say how
such ratios are spread, and Student's predictive distribution how unlikely the query's is.
Sources: upper-tail heaviness as in FIT (Hammoudeh & Lowd 2022); the cut by an empirical false
discovery rate (Efron et al. 2001).
Limits: made for poisoned shares of .5% to 10%, eight samples at least; valid as far as null queries
are like the query and logarithms of ratios are about normal, which was checked on clean digits
models only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.stats import t as student
from torch import Tensor

SHARES = (0.005, 0.01, 0.02, 0.05)
WIDER = 5
FEWEST = 8
LOWEST = 0.5
"""Standard score below which a tail is not followed."""
RIDGE = 0.01
NARROWEST = 0.05
"""Least spread of logarithms of ratios that few null queries are believed."""


@dataclass(frozen=True)
class Cut:
    """The samples accused by one query.

    Args:
        p_value: of "the training data were not poisoned with this trigger".
        accused: indices, strongest first; empty unless ``p_value`` is at most ``alpha``.
        false_share: expected share of honest samples among the accused, from the null queries.
        scores: robust standard scores of all samples, ``(n,)``.
    """

    p_value: float
    accused: Tensor
    false_share: float
    scores: Tensor


def cut(
    scores: Tensor, about: Sequence[int], alpha: float = 0.001, false_share: float = 0.1
) -> Cut:
    """Judge one query's scores.

    Args:
        scores: of the training samples, ``(n, 1 + k)``: the query, then ``k`` null queries, at
            least three about other classes.
        about: the class that each asks about, ``(1 + k,)``; as many a class, so that the query is
            treated as every null query is.
        alpha: largest p-value that accuses anybody.
        false_share: largest expected share of honest samples among the accused.

    >>> scores = torch.randn(500, 20, generator=torch.Generator().manual_seed(0))
    >>> scores[:10, 0] += 8
    >>> accused = set(cut(scores, range(20)).accused.tolist())
    >>> set(range(10)) <= accused, len(accused) <= 11
    (True, True)
    >>> len(cut(scores[:, 1:], range(19)).accused)
    0
    """
    asked = torch.tensor(list(about))
    standard = standardised(remainders(scores, asked))
    others = asked != asked[0]
    ordered = standard.sort(0, descending=True).values
    counts = _counts(len(scores))
    steepness = torch.stack([_ratio(ordered, k) for k in counts]).log()
    p_values = _beyond(steepness[:, 0], steepness[:, others])
    p_value = min(1.0, len(counts) * min(p_values))
    if p_value > alpha:
        return Cut(p_value, torch.empty(0, dtype=torch.int64), 0.0, standard[:, 0])
    wide = min(WIDER * counts[p_values.index(min(p_values))], len(scores))
    relative = ordered / ordered[wide - 1].clamp_min(LOWEST)
    many, false = _accusable(relative[:, 0], relative[:, others], false_share)
    return Cut(p_value, standard[:, 0].argsort(descending=True)[:many], false, standard[:, 0])


def remainders(scores: Tensor, about: Tensor) -> Tensor:
    """Each column ``(n, q)`` less its ridge regression on the columns about other classes."""
    centred = (scores - scores.median(0).values).double()
    products = centred.T @ centred
    products += RIDGE * torch.diag(products.diag()) + 1e-12 * torch.eye(len(products))
    found = centred.clone()
    for k in sorted(set(about.tolist())):
        own, others = about == k, about != k
        if others.any():
            weights = torch.linalg.solve(products[others][:, others], products[others][:, own])
            found[:, own] -= centred[:, others] @ weights
    return found.to(scores.dtype)


def standardised(scores: Tensor) -> Tensor:
    """Each column less its median, over its scaled median absolute deviation."""
    centred = scores - scores.median(0).values
    return centred / (1.4826 * centred.abs().median(0).values).clamp_min(1e-12)


def _counts(n: int) -> list[int]:
    wanted = [round(share * n) for share in SHARES]
    return sorted({k for k in wanted if k >= FEWEST} or {FEWEST})


def _ratio(ordered: Tensor, k: int) -> Tensor:
    wider = ordered[min(WIDER * k, len(ordered)) - 1].clamp_min(LOWEST)
    return ordered[min(k, len(ordered)) - 1].clamp_min(LOWEST) / wider


def _beyond(query: Tensor, null: Tensor) -> list[float]:
    """Chance of a further null query as steep, by share: Student's predictive distribution."""
    many = null.shape[1]
    spread = null.std(1).clamp_min(NARROWEST) * (1 + 1 / many) ** 0.5
    away = (query - null.mean(1)) / spread
    return [float(student.sf(value, many - 1)) for value in away.tolist()]


def _accusable(query: Tensor, null: Tensor, false_share: float) -> tuple[int, float]:
    """How many of the highest scores the null tails explain too rarely; the share that they do."""
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
