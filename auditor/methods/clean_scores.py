"""P-values from what clean models of the development bank score in a statistic.

``clean_scores.json`` holds, for each statistic, the scores of every class (or layer) of clean
models, with their origin. A share is counted within them and an exponential tail fitted beyond, as
in `calibration`. Limits: holds for models like those of the bank.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from auditor.methods.calibration import of_several
from auditor.methods.scatter import Null, fit


@cache
def _statistics() -> dict[str, dict[str, Any]]:
    held = files("auditor.methods").joinpath("clean_scores.json").read_text("utf-8")
    found: dict[str, dict[str, Any]] = json.loads(held)["statistics"]
    return found


@cache
def nulls() -> dict[str, Null]:
    """The null of each statistic, by name."""
    return {name: fit(one["scores"]) for name, one in _statistics().items()}


def scale(name: str, agreement: float) -> float:
    """Scatter of clean models' contrasts at this agreement of students and model, in [0, 1]."""
    one = _statistics()[name]
    return float(one["at_agreement"] + one["slope"] * (1 - agreement))


def unit_p_values(scores: Mapping[str, Sequence[float]]) -> list[float]:
    """Chance that one given class (or layer) of a clean model scores as much in any statistic.

    Args:
        scores: statistic -> one score for each unit, all of one length.

    Returns:
        For each unit its smallest p-value times the number of statistics (Bonferroni).
    """
    measures = [[nulls()[name].exceedance(score) for score in row] for name, row in scores.items()]
    return [min(1.0, len(measures) * min(column)) for column in zip(*measures, strict=True)]


def largest_p_value(units: Sequence[float]) -> float:
    """Chance that the most striking unit of a clean model is as striking; 1 without units."""
    return of_several(min(units), len(units)) if units else 1.0
