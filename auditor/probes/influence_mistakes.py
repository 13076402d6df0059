"""``influence.mistakes``: which training samples taught the model its most frequent mistake?

Purpose: clean inputs that the model misclassifies towards one class are traced to training samples:
wrong labels and triggerless poison are found this way, without any trigger. Honest mistakes have
proponents too; so training samples of the class are accused only if they stand higher than the
auditor's own samples of it do (``auditor.methods.influence.alike``).
Source: layer-wise GAS beyond what clean inputs explain (after Hammoudeh & Lowd 2022); TRAK-style
scores (Park et al. 2023) on request.
Limits: one class is asked about, the one that wrong answers name most often; poison that the model
did not learn causes no mistakes. With TRAK-style scores there is a ranking and no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.influence import Group, Queries, residual_gas
from auditor.methods.influence.alike import Standing, clean_scores, standing
from auditor.methods.influence.forensics import listing, samples, sources, weighted
from auditor.methods.influence.projection import trak

if TYPE_CHECKING:
    from torch import Tensor

    from auditor.core.subject import CleanSet, Subject, TrainingSet

LISTED = 50


@probe
@dataclass(frozen=True)
class Mistakes(Probe):
    """Ranks training samples behind the mistakes made most often, and judges those of their label.

    Args:
        asked: most mistakes asked about.
        beside: clean inputs whose influence is explained away.
        alpha: false-verdict rate.
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
        "trace_p_value": "chance that honest training samples of this label stand as high above "
        "clean ones",
        "accused": "training samples of this label accused by the trace",
        "expected_false": "expected share of honest samples among the accused",
        "suspicious_share": "share of all training samples accused",
    }
    cites = ("Hammoudeh & Lowd 2022", "Park et al. 2023", "Bates et al. 2023")

    asked: int = 8
    beside: int = 64
    alpha: float = 0.01
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
        values, found = self._traced(subject, training, clean, group, context)
        order = values.argsort(descending=True)
        labelled = (training.data.y[order[:10]] == towards).float().mean()
        accused = order[:0] if found is None else found.accused
        tables: dict[str, list[JsonRow]] = {
            "accused": listing(training, accused, LISTED, values),
            "proponents": listing(training, order, LISTED, values),
        }
        return Result(
            {
                "ran": True,
                "mistakes": Measure(value=len(mistakes), unit="count"),
                "proponents_labelled": float(labelled),
                **({} if found is None else _judged(found, len(values))),
            },
            {name: rows for name, rows in tables.items() if rows},
            samples(subject, training, (accused if len(accused) else order)[: self.shown]),
            (f"Traced: mistakes towards {subject.spec.label(towards)}.", self._limit(found)),
        )

    def _traced(
        self,
        subject: Subject,
        training: TrainingSet,
        clean: CleanSet,
        group: Group,
        context: Context,
    ) -> tuple[Tensor, Standing | None]:
        """Scores of all training samples, ``(n,)``, and the verdict on those of the label."""
        networks, given = sources(subject, training), self.unverified_weight
        if self.projection:
            each = trak(networks, group.asked, self.projection, context.seed, check=context.check)
            return weighted(each.mean(1, keepdim=True), training, given)[:, 0], None
        raw = residual_gas(networks, [group], context.check)
        values = weighted(raw, training, given)[:, 0]
        own = (training.data.y == group.about).nonzero()[:, 0]
        # a row drawn towards the middle may fall, never rise, against clean samples
        lower = torch.minimum(values, raw[:, 0])
        return values, standing(lower, own, clean_scores(networks, clean, group), self.alpha)

    def _limit(self, found: Standing | None) -> str:
        if self.projection:
            return "TRAK-style scores rank; nobody is accused by them."
        if found is None:
            return "Too few samples of this label: the ranking accuses nobody."
        if not len(found.accused):
            return (
                "The ranking accuses nobody: clean samples of this label stand as high "
                f"(p = {found.p_value:.2g}, a verdict needs {self.alpha:g}), and honest mistakes "
                "have proponents, too."
            )
        return (
            f"At most {self.alpha:.0%} of such verdicts about honest data are false, if training "
            "and clean samples come from one source. The accused taught this mistake; why, the "
            "trace cannot say: wrong labels and poison look alike."
        )


def _judged(found: Standing, samples: int) -> dict[str, Measure | float | bool]:
    return {
        "trace_p_value": found.p_value,
        "accused": Measure(value=len(found.accused), unit="count"),
        "expected_false": found.false_share,
        "suspicious_share": len(found.accused) / samples,
    }
