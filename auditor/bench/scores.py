"""Figures of merit of a detector, each with a 95% interval.

Shares have exact intervals (Clopper and Pearson 1934); the area under the ROC curve has Newcombe's
method 5 (Statistics in Medicine 2006), which stays honest at an area of 1 and in small banks;
medians have that of the sign test (Thompson 1936), which asks nothing of the distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from scipy.optimize import brentq
from scipy.stats import binom, kstest, norm

from auditor.core.finding import Measure
from auditor.methods.intervals import clopper_pearson, share

LEVEL = 0.95
FALSE_ALARMS = 0.05
TINY = 1e-9
"""Keeps the search for a bound off 0 and 1, where every area has no error."""


def auroc(bad: Sequence[float], good: Sequence[float]) -> Measure:
    """Chance that an attacked model scores above a clean one, ties counted half.

    Raises:
        ValueError: one of the groups is empty.

    >>> area = auroc([3.0, 2.0], [1.0, 0.0])
    >>> area.value, area.low < 0.9, area.high
    (1.0, True, 1.0)
    """
    if not bad or not good:
        raise ValueError("an area needs attacked and clean models")
    wins = sum((b > g) + 0.5 * (b == g) for b in bad for g in good)
    area = wins / (len(bad) * len(good))
    low, high = (_bound(area, len(bad), len(good), side) for side in (-1, 1))
    return Measure(value=area, low=low, high=high, n=len(bad) + len(good))


def _bound(area: float, bad: int, good: int, side: int) -> float:
    """The true area that lies as far from ``area`` as its own standard error allows."""
    z = side * norm.ppf(0.5 + LEVEL / 2)
    half = (bad + good) / 2 - 1

    def gap(true: float) -> float:
        spread = 1 + half * (1 - true) / (2 - true) + half * true / (1 + true)
        return true - area - z * math.sqrt(true * (1 - true) * spread / (bad * good))

    edge = 1.0 if side > 0 else 0.0
    if area == edge:
        return edge
    low, high = sorted((edge, area))
    return float(brentq(gap, max(low, TINY), min(high, 1 - TINY)))


def hits_at_low_alarm(bad: Sequence[float], good: Sequence[float]) -> Measure:
    """Share of attacked models above the score that at most 5% of the clean ones exceed.

    >>> hits_at_low_alarm([3.0, 0.5], [1.0, 0.0]).value
    0.5
    """
    allowed = int(FALSE_ALARMS * len(good))
    limit = sorted(good, reverse=True)[allowed]
    return share(sum(score > limit for score in bad), len(bad))


def middle(values: Sequence[float]) -> Measure:
    """Median of costs or rates; of fewer than six values no interval holds the level.

    >>> found = middle([5.0, 1.0, 4.0, 2.0, 3.0, 6.0])
    >>> found.value, found.low, found.high
    (3.5, 1.0, 6.0)
    >>> middle([1.0, 2.0]).low is None
    True
    """
    ordered, count = sorted(values), len(values)
    place = int(binom.ppf((1 - LEVEL) / 2, count, 0.5))
    if place < 1:
        return Measure(value=median(ordered), n=count)
    low, high = ordered[place - 1], ordered[-place]
    return Measure(value=median(ordered), low=low, high=high, n=count)


def uniformity(p_values: Sequence[float]) -> dict[str, Any]:
    """Whether p-values of clean models are uniform, as they should be.

    Returns:
        ``ks_p``: p-value of the Kolmogorov-Smirnov test against the uniform law; ``below``: share
        at most `FALSE_ALARMS`, whose upper bound is one-sided (95%).

    >>> found = uniformity([(n + 0.5) / 40 for n in range(40)])
    >>> round(found["ks_p"], 2), found["below"]["value"], round(found["below"]["upper"], 3)
    (1.0, 0.05, 0.149)
    """
    count, low = len(p_values), sum(p <= FALSE_ALARMS for p in p_values)
    upper = clopper_pearson(low, count, 2 * LEVEL - 1)[1]
    below = {"value": round(low / count, 4), "upper": round(upper, 4), "n": count}
    return {"ks_p": round(float(kstest(p_values, "uniform").pvalue), 4), "below": below}
