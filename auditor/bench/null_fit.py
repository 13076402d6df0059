"""From the scans of clean models to the null that an audit reads.

The scatter of each statistic is fitted as a plane over the disagreement of students and model and
the scatter of the students among themselves; the standardised contrasts of all classes are what
`auditor.methods.calibration` reads.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from scipy.optimize import nnls

from auditor.methods.calibration import (
    AWAY,
    CROWD,
    FEW_CLASSES,
    MANY_CLASSES,
    PAIRED,
    ROWS,
    away_sums_of,
    fused,
    joined,
    kind_of,
    of_several,
    restored,
    smallest_of,
    sums_of,
    weighted,
)
from auditor.methods.inversion.effort import Effort
from auditor.methods.scatter import SCALE, Accord, Statistic, fit

SHARE = 0.5
FLOOR = 0.05
DIGITS = 4
UNIT = (1.0, 0.0, 0.0, 0.0)
"""Of `SCALE`: what is judged as it is."""
Scores = dict[str, list[float]]


@dataclass(frozen=True)
class Scanned:
    """The raw class contrasts of one clean model, and how far its students agree."""

    model: str
    data: str
    scores: Scores
    agreement: float
    student_scatter: dict[str, float] = field(default_factory=dict)
    tabular: bool = False

    @property
    def kind(self) -> str:
        """Which null it is a part of."""
        return kind_of(self.scores, self.tabular)

    @property
    def accord(self) -> Accord:
        """How far its students agree."""
        return Accord(self.agreement, self.student_scatter, self.classes)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return max(map(len, self.scores.values()))

    @property
    def views(self) -> list[Scanned]:
        """This model and, if the rows of its last layer are known, the same without them."""
        bare = {name: scores for name, scores in self.scores.items() if name != ROWS}
        return [self] if bare == self.scores else [self, replace(self, scores=bare)]

    def scatter(self, name: str) -> float:
        """Root mean square of one statistic's contrasts."""
        return float(np.sqrt(np.mean(np.square(self.scores[name]))))


def null_document(scanned: Sequence[Scanned], effort: Effort) -> dict[str, Any]:
    """The content of ``null.json``: the fitted scatter and the standardised contrasts."""
    origin = {
        "what": "class contrasts of clean models by auditor.methods.inversion.scan; the clean set "
        f"split {SHARE}, students taught on all of it",
        "effort": asdict(effort),
        "models": len(scanned),
        "classes": sum(one.classes for one in scanned),
        "models_by_data": dict(sorted(Counter(one.data for one in scanned).items())),
    }
    return {
        "origin": origin,
        "models": {kind: left_out(kind, models) for kind, models in by_kind(scanned).items()},
        "statistics": {kind: calibrated(kind, models) for kind, models in by_kind(scanned).items()},
    }


def by_kind(scanned: Sequence[Scanned]) -> dict[str, list[Scanned]]:
    """The models that each kind's null is made of.

    Few classes and crowds borrow from many; models whose rows can be read count without them, too.
    """
    kinds: dict[str, list[Scanned]] = defaultdict(list)
    for one in (view for whole in scanned for view in whole.views):
        kind = one.kind
        kinds[kind].append(one)
        if kind.startswith(MANY_CLASSES):
            kinds[kind.replace(MANY_CLASSES, FEW_CLASSES)].append(one)
            kinds[kind.replace(MANY_CLASSES, CROWD)].append(one)
    return dict(sorted(kinds.items()))


def left_out(kind: str, scanned: Sequence[Scanned]) -> list[float]:
    """The fused score of each model against the calibration by all others, ascending.

    Few models of a kind have none: there is nothing to hold a single one against.
    """
    scores = []
    for number, one in enumerate(scanned):
        others = [*scanned[:number], *scanned[number + 1 :]]
        if not others:
            continue
        statistics = restored({"statistics": {kind: calibrated(kind, others)}})[kind]
        gaps = {name: np.array(values) for name, values in one.scores.items()}
        over = joined(gaps, one.accord, statistics, kind)
        plain = {name: z.tolist() for name, z in over.items()}
        classes = of_several(min(smallest_of(tuple(sums_of(kind)), plain, statistics)), one.classes)
        away = smallest_of(tuple(away_sums_of(kind)), plain, statistics)[0]
        scores.append(fused(classes, away, one.classes))
    return sorted(round(score, DIGITS) for score in scores)


def calibrated(kind: str, scanned: Sequence[Scanned]) -> dict[str, Any]:
    """Scatter and standardised contrasts by statistic."""
    single = {name: statistic(scanned, name) for name in scanned[0].scores}
    sums = sums_of(kind) | away_sums_of(kind)
    return single | {name: summed(scanned, single, parts) for name, parts in sums.items()}


def summed(
    scanned: Sequence[Scanned], single: Mapping[str, Any], parts: Mapping[str, float]
) -> dict[str, Any]:
    """The weighted sum of standardised statistics, which needs no scatter of its own."""

    def over(one: Scanned) -> dict[str, Any]:
        return {n: np.array(one.scores[n]) / scale(single[n], one, n) for n in parts}

    sums = np.concatenate([weighted(over(one), parts) for one in scanned])
    scores = sorted(round(float(value), DIGITS) for value in sums)
    unit = dict(zip(SCALE, UNIT, strict=True))
    return {**unit, "models": len(scanned), "scores": scores}


def statistic(scanned: Sequence[Scanned], name: str) -> dict[str, Any]:
    """Scatter of one statistic and its standardised contrasts in models that all have it."""
    plain = name == AWAY + PAIRED  # the largest of many probabilities has no scatter about zero
    fitted = dict(zip(SCALE, UNIT if plain else fit_scatter(scanned, name), strict=True))
    scores = sorted(
        round(value / scale(fitted, one, name), DIGITS)
        for one in scanned
        for value in one.scores[name]
    )
    where = {part: round(value, DIGITS) for part, value in fitted.items()}
    return {**where, "models": len(scanned), "scores": scores}


def scale(fitted: Mapping[str, Any], one: Scanned, name: str) -> float:
    """Scatter that a fit gives to one model."""
    known = Statistic(**{part: fitted[part] for part in SCALE}, null=fit([0.0]))
    return known.scale(name, one.accord)


def fit_scatter(scanned: Sequence[Scanned], name: str) -> tuple[float, float, float, float]:
    """What the scatter is made of, in the order of `SCALE`.

    Least squares with all shares held positive; each model counts once.
    """
    usual = float(np.sqrt(np.mean([one.student_scatter.get(name, 0.0) ** 2 for one in scanned])))
    own = np.array([one.accord.tempered(name, usual) for one in scanned])
    disagreement = np.array([1.0 - one.agreement for one in scanned])
    rows = np.stack([np.ones(len(own)), disagreement, own], 1)
    shares, _ = nnls(rows, np.array([one.scatter(name) for one in scanned]))
    at_agreement, slope, share = map(float, shares)
    return max(at_agreement, FLOOR), slope, share, usual
