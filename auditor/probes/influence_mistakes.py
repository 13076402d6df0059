"""``influence.mistakes``: which training samples taught the model its most frequent mistake?

Purpose: clean inputs that the model misclassifies towards one class are traced to training samples:
wrong labels and triggerless poison are found this way, without any trigger.
Source: layer-wise GAS beyond what clean inputs explain (after Hammoudeh & Lowd 2022); TRAK-style
scores (Park et al. 2023) on request.
Limits: a ranking for people to look at; no verdict, since honest mistakes have proponents too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from auditor.core.finding import Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.influence import Group, Queries
from auditor.methods.influence.forensics import listing, samples, sources, traced, weighted
from auditor.methods.influence.projection import trak

if TYPE_CHECKING:
    from torch import Tensor

    from auditor.core.subject import CleanSet, Subject, TrainingSet

LISTED = 50


@probe
@dataclass(frozen=True)
class Mistakes(Probe):
    """Ranks training samples behind the mistakes made most often.

    Args:
        asked: most mistakes asked about.
        beside: clean inputs whose influence is explained away.
        unverified_weight: factor on the scores of rows without verified provenance.
        projection: numbers a layer of TRAK-style scores, which are used instead if this is not 0:
            predicts retraining better, knows nothing of the inputs beside.
        shown: pictures shown.
    """

    id = "influence.mistakes"
    title = "Training samples behind a mistake"
    needs = ("gradients", "labels", "training")
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "whether there were training data and a mistake to trace",
        "mistakes": "misclassified clean inputs of the most frequent wrong class",
        "proponents_labelled": "share of the ten strongest samples that carry this class's label",
    }
    cites = ("Hammoudeh & Lowd 2022", "Park et al. 2023")

    asked: int = 8
    beside: int = 64
    unverified_weight: float = 0.5
    projection: int = 0
    shown: int = 8

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Trace the most frequent wrong class."""
        training = context.training
        if training is None:
            return Result({"ran": False}, caveats=("The training data were not supplied.",))
        predicted = subject.predict(clean.x)
        wrong = predicted != clean.y
        if not wrong.any():
            return Result({"ran": False}, caveats=("The model makes no mistake on the clean set.",))
        towards = int(predicted[wrong].mode().values)
        mistakes = clean.x[wrong & (predicted == towards)]
        beside = clean.x[~wrong & (clean.y != towards)][: self.beside]
        if not len(beside):
            return Result({"ran": False}, caveats=("The model gets hardly any clean input right.",))
        group = Group(*(Queries(x, torch.full((len(x),), towards))
                        for x in (mistakes[: self.asked], beside)))  # fmt: skip
        values = self._scores(subject, training, group, context)
        order = values.argsort(descending=True)
        labelled = (training.data.y[order[:10]] == towards).float().mean()
        return Result(
            {
                "ran": True,
                "mistakes": Measure(value=len(mistakes), unit="count"),
                "proponents_labelled": float(labelled),
            },
            {"proponents": listing(training, order, LISTED, values)},
            samples(subject, training, order[: self.shown]),
            (f"Traced: mistakes towards {subject.spec.label(towards)}.",),
        )

    def _scores(
        self, subject: Subject, training: TrainingSet, group: Group, context: Context
    ) -> Tensor:
        """Of all training samples, ``(n,)``."""
        weight, check = self.unverified_weight, context.check
        if not self.projection:
            return traced(subject, training, [group], weight, check)[:, 0]
        each = trak(sources(subject, training), group.asked, self.projection, context.seed,
                    check=check)  # fmt: skip
        return weighted(each.mean(1, keepdim=True), training, weight)[:, 0]
