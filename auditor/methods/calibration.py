"""From a class's contrast to a p-value: how often a clean model's class contrasts as much.

Contrasts scatter more the less the students know of the task and the less they agree among
themselves, so they are divided by the scatter that clean development models show when their
students agree as much. The null are the standardised class contrasts of those models, kept in
``null.json`` with their origin (see `auditor.methods.scatter`). There are five: for images that a
displacement can bend, with up to 7, up to 32 and more classes ("few", "many", "crowd"; few and
crowd borrow the models of many), for smaller images ("tiny") and for tables ("table"), where
contrasts scatter several times as much for the same disagreement; those of images with the rows of
the last layer ("many+rows") and, for models where these cannot be read, without.
Limits: it holds for models like those of the bank; an audit's own clean controls say more about its
model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence, Sized
from functools import cache, reduce
from importlib.resources import files
from operator import add
from typing import Any, Protocol, TypeVar

from auditor.methods.scatter import SCALE, Accord, Null, Statistic, fit


class Scalable(Sized, Protocol):
    """An array or a tensor."""

    def __truediv__(self, other: float, /) -> Any: ...
    def __mul__(self, other: float, /) -> Any: ...
    def __add__(self, other: Any, /) -> Any: ...


T = TypeVar("T", bound=Scalable)
TOTAL = "total"
SUMMED = ("mask", "additive")
"""Forms whose contrasts are added up: most triggers show in both."""
BENT = "flow"
"""The displacement's statistic; inputs that it suits have nulls of their own."""
FEW_CLASSES, MANY_CLASSES, CROWD, TINY, TABLE = "few", "many", "crowd", "tiny", "table"
MANY, TOO_MANY = 8, 32
"""Classes that were searched, from which on they are many; from which on there may be more."""
DRIVEN = "margin"
"""How far clean inputs can be driven (maximum margin)."""
RANDOM = "random"
"""How many inputs random triggers send to the class (see `auditor.methods.moved`)."""
TURNED = "turned"
"""How many inputs random triggers send the same number of classes further on."""
PAIRED, PAIRS = "paired", "pairs"
"""How many inputs of one class alone random triggers send to one other; judged by itself."""
ROWS = "rows"
"""How much the class's row of the last layer listens to features that clean inputs do not fire."""
JOINT, BOWED = "joint", "bowed"
"""Standardised statistics together, because planted targets show in all of them: total, driven
margin, random triggers and rows; the displacement, random triggers and rows."""
WITH_ROWS = "+rows"
"""Behind the name of a kind: models whose last layer can be read."""
AWAY = "away_"
"""Before a statistic's name: that of the move from every class to any other."""
SHARES = (0.75, 0.25)
"""Parts of the error level that single classes and the move away are given."""
SHARED = 0.05
"""Chance up to which the move away is put down to all classes, whatever a single pair does."""
LEAST = 1e-12
Statistics = Mapping[str, Mapping[str, Statistic]]
"""By kind of input, then by name."""


def restored(document: Mapping[str, Any]) -> Statistics:
    """The statistics of a null's JSON document."""
    return {
        kind: {
            name: Statistic(**{part: one[part] for part in SCALE}, null=fit(one["scores"]))
            for name, one in statistics.items()
        }
        for kind, statistics in document["statistics"].items()
    }


@cache
def shipped() -> dict[str, Any]:
    """The content of ``null.json``."""
    held: dict[str, Any] = json.loads(
        files("auditor.methods").joinpath("null.json").read_text("utf-8")
    )
    return held


@cache
def bank() -> Statistics:
    """The calibration measured on the development bank."""
    return restored(shipped())


@cache
def models(kind: str) -> Null:
    """The fused scores of clean models of one kind, each against a null without it."""
    return fit(shipped()["models"][kind])


def kind_of(contrasts: Mapping[str, Sized], tabular: bool) -> str:
    """Which null holds for a model with these contrasts, statistic -> one for each class."""
    return _input_of(contrasts, tabular) + (WITH_ROWS if ROWS in contrasts else "")


def _input_of(contrasts: Mapping[str, Sized], tabular: bool) -> str:
    if BENT not in contrasts:
        return TABLE if tabular else TINY
    searched = len(contrasts[TOTAL])
    if searched >= TOO_MANY:
        return CROWD
    return MANY_CLASSES if searched >= MANY else FEW_CLASSES


def sums_of(kind: str) -> dict[str, dict[str, float]]:
    """What classes of models of a kind are judged by: weighted sums of standardised statistics.

    Rows, which tell planted targets best, count half as much again as searches and random triggers;
    sizes and margins, which come from searches by gradients and err together, share their part.
    Margins of honest models scatter too far where there are more classes, a dozen clean inputs
    each; on tables margins say little, rows cannot be read, and no random triggers are drawn.

    >>> sums_of("tiny+rows"), sums_of("table")
    ({'joint': {'total': 0.5, 'margin': 0.5, 'random': 1, 'rows': 1.5}}, {'joint': {'total': 1}})
    >>> sums_of("crowd")
    {'joint': {'total': 1, 'random': 1}, 'bowed': {'flow': 1, 'random': 1}}
    """
    plain = kind.removesuffix(WITH_ROWS)
    beside: dict[str, float] = {} if plain == TABLE else {RANDOM: 1}
    beside |= {ROWS: 1.5} if kind.endswith(WITH_ROWS) else {}
    driven = plain in (FEW_CLASSES, MANY_CLASSES, TINY)
    sought = {TOTAL: 0.5, DRIVEN: 0.5} if driven else {TOTAL: 1}
    bowed = {} if plain in (TINY, TABLE) else {BOWED: {BENT: 1, **beside}}
    return {JOINT: sought | beside, **bowed}


def away_sums_of(kind: str) -> dict[str, dict[str, float]]:
    """What the move away is judged by, as `sums_of`: sizes, how far classes are turned, pairs.

    >>> away_sums_of("tiny")
    {'away_joint': {'away_total': 1, 'away_turned': 2}, 'away_pairs': {'away_paired': 1}}
    """
    plain = kind.removesuffix(WITH_ROWS)
    beside: dict[str, float] = {} if plain == TABLE else {AWAY + TURNED: 2}
    bowed = {} if plain in (TINY, TABLE) else {AWAY + BOWED: {AWAY + BENT: 1, **beside}}
    sums = {AWAY + JOINT: {AWAY + TOTAL: 1, **beside}, **bowed}
    return sums if plain in (TABLE, CROWD) else sums | {AWAY + PAIRS: {AWAY + PAIRED: 1}}


def standardised(gaps: Mapping[str, T], accord: Accord, kind: str) -> dict[str, T]:
    """Each statistic over its scatter in clean models, and the sum of those judged together.

    Args:
        gaps: statistic -> contrasts, an array or a tensor.
        accord: how far the students agree.
        kind: of model, see `kind_of`.
    """
    return joined(gaps, accord, bank()[kind], kind)


def joined(
    gaps: Mapping[str, T], accord: Accord, known: Mapping[str, Statistic], kind: str
) -> dict[str, T]:
    """As `standardised`, by statistics that are given."""
    over = {name: gap / known[name].scale(name, accord) for name, gap in gaps.items()}
    sums = sums_of(kind) | away_sums_of(kind)
    return over | {name: weighted(over, parts) for name, parts in sums.items()}


def weighted(over: Mapping[str, T], parts: Mapping[str, float]) -> T:
    """The sum of some statistics, each times its weight."""
    total: T = reduce(add, (over[name] * weight for name, weight in parts.items()))
    return total


def away_name(statistic: str) -> str:
    """The statistic's name for the move away."""
    return AWAY + statistic


def class_p_values(contrasts: Mapping[str, Sequence[float]], kind: str) -> list[float]:
    """Chance that one given class of a clean model contrasts as much in any tested statistic.

    Args:
        contrasts: statistic -> one standardised contrast for each class.
        kind: of model.

    Returns:
        For each class the smallest p-value of its statistics, corrected for their number.
    """
    return smallest_of(tuple(sums_of(kind)), contrasts, bank()[kind])


def away_p_value(contrasts: Mapping[str, Sequence[float]], kind: str) -> float:
    """Chance that the move away contrasts as much in a clean model in any tested statistic."""
    return smallest_of(tuple(away_sums_of(kind)), contrasts, bank()[kind])[0]


def led_by_pair(contrasts: Mapping[str, Sequence[float]], kind: str) -> bool:
    """Whether a pair of classes alone makes the move away odd, and nothing that many share."""
    known = bank()[kind]
    chances = {n: known[n].null.exceedance(contrasts[n][0]) for n in away_sums_of(kind)}
    own, shared = chances.pop(AWAY + PAIRS, 1.0), min(chances.values())
    return own < shared and shared > SHARED


def smallest_of(
    names: tuple[str, ...],
    contrasts: Mapping[str, Sequence[float]],
    statistics: Mapping[str, Statistic],
) -> list[float]:
    """The smallest p-value of some statistics for each class, corrected for their number."""
    nulls = [statistics[name].null for name in names]
    columns = zip(*(contrasts[name] for name in names), strict=True)
    return [
        of_several(min(null.exceedance(z) for null, z in zip(nulls, zs, strict=True)), len(names))
        for zs in columns
    ]


def of_several(smallest: float, count: int) -> float:
    """Chance that the smallest of ``count`` independent p-values is as small (Šidák 1967).

    >>> round(of_several(0.05, 10), 3)
    0.401
    """
    one = min(smallest, 1 - LEAST)
    return max(-math.expm1(count * math.log1p(-one)), LEAST)


def fused(classes: float, away: float, count: int) -> float:
    """The smaller of two p-values, weighted by `SHARES`, as a score: higher is more suspicious.

    Args:
        classes: p-value of the most suspicious class, corrected for their number.
        away: p-value of the move away.
        count: number of classes; of two, the move away says nothing that they do not say.
    """
    if count == 2:
        return -math.log10(classes)
    return -math.log10(min(classes / SHARES[0], away / SHARES[1]))


def p_value_of(score: float, kind: str) -> float:
    """Chance that a clean model's fused score is as high, from the bank's models of its kind."""
    return min(1.0, models(kind).exceedance(score))


def suspicion(p_value: float) -> float:
    """The p-value as a score that compares between models: ``-log10(p)``, 0 or more.

    >>> suspicion(0.01), suspicion(1.0)
    (2.0, 0.0)
    """
    return max(0.0, -math.log10(p_value))
