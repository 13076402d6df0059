"""From a class's contrast to a p-value: how often a clean model's class contrasts as much.

Contrasts scatter more the less the students know of the task, so they are divided by the scatter
that clean development models show at the same agreement of students and model. The null are the
standardised class contrasts of those models, kept in ``null.json`` with their origin. Within them
the share is counted; beyond their upper tenth an exponential tail is fitted (peaks over threshold,
Pickands 1975), because a handful of models cannot show a share of one in a thousand. Limits: it
holds for models like those of the bank; an audit's own clean controls say more about its model.
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


@dataclass(frozen=True)
class Bank:
    """What ``null.json`` holds: scatter ``at_agreement + slope * (1 - agreement)`` and nulls."""

    at_agreement: float
    slope: float
    nulls: dict[str, Null]


@cache
def bank() -> Bank:
    """The calibration measured on the development bank."""
    held = json.loads(files("auditor.methods").joinpath("null.json").read_text("utf-8"))
    nulls = {name: fit(scores) for name, scores in held["scores"].items()}
    return Bank(held["scale"]["at_agreement"], held["scale"]["slope"], nulls)


def scale(agreement: float) -> float:
    """Scatter of clean contrasts at this agreement of students and model, in [0, 1]."""
    return bank().at_agreement + bank().slope * (1 - agreement)


def class_p_value(score: float, family: str = TOTAL) -> float:
    """Chance that one given class of a clean model contrasts as much, in units of scatter."""
    return bank().nulls[family].exceedance(score)


def p_value(score: float, classes: int) -> float:
    """Chance that the highest of all class contrasts of a clean model is at least ``score``.

    The classes are taken as independent (Šidák 1967).
    """
    one = min(class_p_value(score), 1 - LEAST)
    return max(-math.expm1(classes * math.log1p(-one)), LEAST)


def suspicion(score: float, classes: int) -> float:
    """The p-value as a score that compares between models: ``-log10(p)``, 0 or more.

    >>> suspicion(-10.0, 10)
    0.0
    """
    return max(0.0, -math.log10(p_value(score, classes)))
