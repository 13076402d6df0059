"""How contrasts of clean models scatter: a null of one statistic, and the scale it is counted in.

The null is counted; beyond its upper tenth an exponential tail is fitted (peaks over threshold,
Pickands 1975), because a handful of models cannot show a share of one in a thousand. The scale of a
model follows from how far its students agree, with the model and among themselves.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

TAIL = 0.1
FEWEST = 8
"""Scores from which a tail is fitted at least."""
PRIOR = 10
"""Classes that the usual scatter of students counts for."""
SCALE = ("at_agreement", "slope", "share", "usual")
"""What a statistic's scatter follows from, see `Statistic`."""


@dataclass(frozen=True)
class Null:
    """Sorted class scores of clean models, and the tail beyond ``threshold``."""

    scores: tuple[float, ...]
    threshold: float
    excess: float
    tail: float = TAIL

    def exceedance(self, score: float) -> float:
        """Share of clean classes that score at least ``score``, in (0, 1]."""
        if score > self.threshold:
            return self.tail * math.exp(-(score - self.threshold) / self.excess)
        above = len(self.scores) - bisect_left(self.scores, score)
        return (above + 1) / (len(self.scores) + 1)


def fit(scores: list[float]) -> Null:
    """The null of some clean scores; the tail is the mean excess over the upper tenth.

    Of few scores at least `FEWEST` make the tail, but never more than half.

    >>> round(fit([i / 100 for i in range(100)]).exceedance(0.5), 2)
    0.5
    """
    ordered = sorted(scores)
    tail = min(max(TAIL, FEWEST / len(ordered)), 0.5)
    threshold = ordered[int((1 - tail) * len(ordered))]
    over = [score - threshold for score in ordered if score > threshold]
    return Null(tuple(ordered), threshold, max(sum(over) / max(1, len(over)), 1e-3), tail)


@dataclass(frozen=True)
class Accord:
    """How far students agree: with the model, and among themselves.

    Args:
        agreement: share of inputs to which students and model give the same class, in [0, 1].
        scatter: statistic -> root mean square contrast of each student against the others; without
            those that students have no part in, and empty for a single student.
        classes: number of classes that the scatter was measured over.
    """

    agreement: float
    scatter: Mapping[str, float]
    classes: int

    def tempered(self, name: str, usual: float) -> float:
        """The students' scatter in one statistic, drawn towards the ``usual`` one.

        As much as if that had been seen on `PRIOR` classes: two students may agree on two classes
        by chance.
        """
        if name not in self.scatter:
            return usual
        seen = self.classes * self.scatter[name] ** 2
        return math.sqrt((seen + PRIOR * usual**2) / (self.classes + PRIOR))


@dataclass(frozen=True)
class Statistic:
    """One way to contrast classes: its scatter in clean models, and its null.

    The scatter is ``at_agreement + slope * (1 - agreement) + share * scatter of the students``, the
    last tempered by the ``usual`` one.
    """

    at_agreement: float
    slope: float
    share: float
    usual: float
    null: Null

    def scale(self, name: str, accord: Accord) -> float:
        """Scatter of clean contrasts of a model with such students."""
        apart = self.share * accord.tempered(name, self.usual)
        return self.at_agreement + self.slope * (1 - accord.agreement) + apart
