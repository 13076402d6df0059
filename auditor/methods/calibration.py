"""From a class's contrast to a p-value: how often a clean model's class contrasts as much.

The null are the class contrasts of the clean models in the development bank, kept in ``null.json``
with their origin, apart for few, ten and many classes: with many classes each gets fewer clean
inputs and less search, and contrasts scatter more. Within them the share is counted; beyond their
upper tenth an exponential tail is fitted (peaks over threshold, Pickands 1975), because a handful
of models cannot show a share of one in a thousand. Limits: it holds for models like those of the
bank; an audit's own clean controls say more about its own model.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TAIL = 0.1
TOTAL = "total"
LEAST = 1e-12


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
def bank_nulls() -> dict[int, dict[str, Null]]:
    """Nulls measured on the development bank: lowest class count -> ``total`` or family -> null."""
    text = files("auditor.methods").joinpath("null.json").read_text("utf-8")
    return {
        group["from_classes"]: {name: fit(scores) for name, scores in group["scores"].items()}
        for group in json.loads(text)["groups"]
    }


def class_p_value(score: float, classes: int, family: str = TOTAL) -> float:
    """Chance that one given class of a clean model with ``classes`` classes contrasts as much."""
    nulls = bank_nulls()
    group = max((start for start in nulls if start <= classes), default=min(nulls))
    return nulls[group][family].exceedance(score)


def p_value(score: float, classes: int) -> float:
    """Chance that the highest of all class contrasts of a clean model is at least ``score``.

    The classes are taken as independent (Šidák 1967).
    """
    one = min(class_p_value(score, classes), 1 - LEAST)
    return max(-math.expm1(classes * math.log1p(-one)), LEAST)


def suspicion(score: float, classes: int) -> float:
    """The p-value as a score that compares between models: ``-log10(p)``, 0 or more.

    >>> suspicion(-10.0, 10)
    0.0
    """
    return max(0.0, -math.log10(p_value(score, classes)))
