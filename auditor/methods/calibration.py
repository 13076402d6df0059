"""From a suspicion score to a p-value: how often a clean model's class scores as high.

The null are the class scores of the clean models in the development bank, kept in ``null.json``
with their origin. Within them the share is counted; beyond their upper tenth an exponential tail is
fitted (peaks over threshold, Pickands 1975), because a handful of models cannot show a share of
one in a thousand. Limits: it holds for models like those of the bank; an audit's own clean
controls say more about its own model.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TAIL = 0.1


@dataclass(frozen=True)
class Null:
    """Sorted class scores of clean models, and the tail beyond ``threshold``."""

    scores: tuple[float, ...]
    threshold: float
    excess: float

    def exceedance(self, score: float) -> float:
        """Share of clean classes that score at least ``score``, in (0, 1]."""
        if score > self.threshold:
            return TAIL * math.exp(-(score - self.threshold) / self.excess)
        above = len(self.scores) - bisect_left(self.scores, score)
        return (above + 1) / (len(self.scores) + 1)


def fit(scores: list[float]) -> Null:
    """The null of some clean class scores; the tail is the mean excess over the upper tenth.

    >>> round(fit([i / 100 for i in range(100)]).exceedance(0.5), 2)
    0.5
    """
    ordered = sorted(scores)
    threshold = ordered[int((1 - TAIL) * len(ordered))]
    over = [score - threshold for score in ordered if score > threshold]
    return Null(tuple(ordered), threshold, max(sum(over) / max(1, len(over)), 1e-3))


@cache
def bank_null() -> Null:
    """The null measured on the development bank."""
    text = files("auditor.methods").joinpath("null.json").read_text("utf-8")
    return fit(json.loads(text)["scores"])


def p_value(score: float, classes: int) -> float:
    """Chance that the highest of ``classes`` clean class scores is at least ``score``.

    The classes are taken as independent (Šidák 1967).
    """
    one = bank_null().exceedance(score)
    return max(-math.expm1(classes * math.log1p(-min(one, 1 - 1e-12))), 1e-12)
