"""Figures of merit of a detector, each with a 95% interval.

Shares have exact intervals (Clopper and Pearson 1934); the area under the ROC curve has Newcombe's
method 5 (Statistics in Medicine 2006), which stays honest at an area of 1 and in small banks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.optimize import brentq
from scipy.stats import norm

from auditor.core.finding import Measure
from auditor.methods.intervals import share

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
