"""``influence.internals``: signs inside the model that need no training data.

Purpose: batch statistics that do not fit clean inputs, groups of a class that the model fails, and
how far a reconstructed trigger's gradient conflicts with the task, layer by layer.
Sources: see ``auditor.methods.influence.internals``.
Limits: informs; it never names poisoned samples and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Arrays, Context, Probe, probe
from auditor.methods.influence import Queries
from auditor.methods.influence.features import features
from auditor.methods.influence.internals import (
    batchnorm_drift,
    gradient_conflict,
    subpopulation_gaps,
)
from auditor.methods.sampling import subset

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject

SOURCE = "trigger.reconstruction"
ASKED = 32


@probe
@dataclass(frozen=True)
class Internals(Probe):
    """Looks at statistics, groups and gradients.

    Args:
        inputs: most clean samples used.
    """

    id = "influence.internals"
    title = "Signs inside the model"
    needs = ("gradients", "labels")
    uses = (SOURCE,)
    measures: ClassVar[Mapping[str, str]] = {
        "batchnorm_layers": "batch normalisations whose statistics were compared",
        "largest_drift": "largest distance of stored statistics, in distances of clean halves",
        "weak_groups": "groups within a class that the model gets wrong more often than the class",
        "conflict_measured": "whether a reconstructed trigger's gradients were compared",
        "mean_alignment": "mean cosine of the trigger's and clean gradients over layers",
    }
    cites = ("Ioffe & Szegedy 2015", "Li et al. 2021")

    inputs: int = 1000

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Three looks, one table each."""
        sample = subset(clean, self.inputs, context.seed)
        drift = batchnorm_drift(subject.network, sample, context.seed)
        context.check(0.3, "groups")
        right = subject.predict(sample.x) == sample.y
        seen = features(subject.network, sample.x)
        gaps = subpopulation_gaps(seen, sample.y, right, seed=context.seed)
        context.check(0.6, "gradients")
        conflict = _conflict(subject, sample, context.arrays)
        measures: dict[str, Measure | float | bool] = {
            "batchnorm_layers": _count(len(drift)),
            "weak_groups": _count(len(gaps)),
            "conflict_measured": bool(conflict),
        }
        if drift:
            measures["largest_drift"] = max(drift.values())
        if conflict:
            measures["mean_alignment"] = sum(conflict.values()) / len(conflict)
        groups: list[JsonRow] = [
            {"label": subject.spec.label(g.label), "n": g.n, "accuracy": g.accuracy,
             "rest_of_class": g.rest, "p_value": g.p_value}
            for g in gaps
        ]  # fmt: skip
        tables = {
            "drift": [{"layer": name, "drift": value} for name, value in drift.items()],
            "conflict": [{"layer": name, "cosine": value} for name, value in conflict.items()],
            "groups": groups,
        }
        caveats = ("These signs inform; they name no training sample and decide nothing.",)
        return Result(measures, {k: rows for k, rows in tables.items() if rows}, (), caveats)


def _count(value: int) -> Measure:
    return Measure(value=value, unit="count")


def _conflict(subject: Subject, clean: CleanSet, arrays: Arrays) -> dict[str, float]:
    names = [f"{SOURCE}/{name}" for name in ("triggered_inputs", "target")]
    if any(name not in arrays for name in names):
        return {}
    triggered = torch.tensor(arrays[names[0]]).float()[:ASKED]
    target = int(arrays[names[1]].reshape(-1)[0])
    asked = Queries(triggered, torch.full((len(triggered),), target))
    try:
        return gradient_conflict(subject.network, Queries(clean.x[:ASKED], clean.y[:ASKED]), asked)
    except ValueError:  # the model shows no parameters that gradients reach
        return {}
