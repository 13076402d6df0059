"""``influence.mistakes``: which training samples taught the model its mistakes?

Purpose: clean inputs that the model misclassifies towards one class are traced to training samples:
wrong labels and triggerless poison are found this way, without any trigger. Honest mistakes have
proponents too; so training samples of the class are accused only if they stand higher than the
auditor's own samples of it do (``auditor.methods.influence.alike``). Each class that wrong answers
name is asked about, p-values are multiplied by their number, and the clearest is reported.
Source: layer-wise GAS beyond what clean inputs explain (after Hammoudeh & Lowd 2022); TRAK-style
scores (Park et al. 2023) on request.
Limits: honest samples teach honest mistakes, which a model that fits its training samples better
than others shows: nominal p-values are somewhat too small, so that a verdict needs .001. Poison
that the model did not learn causes no mistakes. With TRAK-style scores there is a
ranking for the most frequent mistake and no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
FEW = 0.4
"""Mistakes towards a class, as a share of those towards the most frequent one, below which it is
not asked about: every question makes the verdict on the others harder."""
MEASURED = "at .001, 0 of 24 verdicts on honestly trained models were false"


@dataclass(frozen=True)
class Heard:
    """The class that mistakes are made towards, scores of all training samples, the verdict."""

    towards: int
    scores: Tensor
    found: Standing | None = None

    @property
    def p_value(self) -> float:
        """1 where nothing could be tested."""
        return 1.0 if self.found is None else self.found.p_value


@probe
@dataclass(frozen=True)
class Mistakes(Probe):
    """Ranks training samples behind mistakes towards a class, and judges those of its label.

    Args:
        asked: most mistakes asked about for each class.
        beside: clean inputs whose influence is explained away.
        classes: most classes asked about, those that wrong answers name most often.
        alpha: nominal false-verdict rate, over all classes asked about.
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
        "mistakes": "misclassified clean inputs given the class that is reported",
        "classes_asked": "wrong classes whose mistakes were traced",
        "proponents_labelled": "share of the ten strongest samples that carry this class's label",
        "trace_p_value": "chance that honest training samples of a label stand as high above "
        "clean ones, for any class asked about",
        "accused": "training samples of this class accused by the trace",
        "expected_false": "expected share of honest samples among the accused",
        "suspicious_share": "share of all training samples accused",
    }
    cites = ("Hammoudeh & Lowd 2022", "Park et al. 2023", "Bates et al. 2023")

    asked: int = 8
    beside: int = 64
    classes: int = 10
    alpha: float = 0.001
    unverified_weight: float = 0.5
    projection: int = 0
    shown: int = 8

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Trace mistakes towards each wrong class; report the clearest."""
        training = context.training
        if training is None:
            return Result({"ran": False}, caveats=("The training data were not supplied.",))
        predicted = subject.predict(clean.x)
        wrong = predicted != clean.y
        if not wrong.any():
            return Result({"ran": False}, caveats=("The model makes no mistake on the clean set.",))
        classes = self._towards(predicted[wrong])
        groups = [group for k in classes if (group := self._question(clean, predicted, k))]
        if not groups:
            return Result({"ran": False}, caveats=("The model gets hardly any clean input right.",))
        heard = self._heard(subject, training, clean, groups, context)
        many = int((wrong & (predicted == heard.towards)).sum())
        return self._result(subject, training, heard, (many, len(groups)))

    def _towards(self, answers: Tensor) -> list[int]:
        """Classes that wrong answers name, most frequent first."""
        counts = answers.bincount()
        order = counts.argsort(descending=True, stable=True)[: self.classes].tolist()
        return [k for k in order if counts[k] >= FEW * counts.max()]

    def _question(self, clean: CleanSet, predicted: Tensor, towards: int) -> Group | None:
        wrong = predicted != clean.y
        mistakes = clean.x[wrong & (predicted == towards)][: self.asked]
        beside = clean.x[~wrong & (clean.y != towards)][: self.beside]
        if not len(beside):
            return None
        return Group(*(Queries(x, torch.full((len(x),), towards)) for x in (mistakes, beside)))

    def _heard(
        self,
        subject: Subject,
        training: TrainingSet,
        clean: CleanSet,
        groups: list[Group],
        context: Context,
    ) -> Heard:
        """The clearest question; the most frequent mistake where nobody is accused."""
        networks, given = sources(subject, training), self.unverified_weight
        if self.projection:
            each = trak(networks, groups[0].asked, self.projection, context.seed,
                        check=context.check)  # fmt: skip
            first = weighted(each.mean(1, keepdim=True), training, given)[:, 0]
            return Heard(groups[0].about, first)
        raw = residual_gas(networks, groups, context.check)
        values = weighted(raw, training, given)
        lower = torch.minimum(values, raw)  # drawn towards the middle, nobody may rise
        heard = []
        for i, group in enumerate(groups):
            own = (training.data.y == group.about).nonzero()[:, 0]
            beside = clean_scores(networks, clean, group)
            found = standing(lower[:, i], own, beside, self.alpha, len(groups))
            heard.append(Heard(group.about, values[:, i], found))
        clearest = min(heard, key=lambda one: one.p_value)
        accuses = clearest.p_value <= self.alpha
        return clearest if accuses else replace(heard[0], found=clearest.found)

    def _result(
        self, subject: Subject, training: TrainingSet, heard: Heard, counts: tuple[int, int]
    ) -> Result:
        values, found = heard.scores, heard.found
        order = values.argsort(descending=True)
        accused = order[:0] if found is None else found.accused
        labelled = (training.data.y[order[:10]] == heard.towards).float().mean()
        tables: dict[str, list[JsonRow]] = {
            "accused": listing(training, accused, LISTED, values),
            "proponents": listing(training, order, LISTED, values),
        }
        return Result(
            {
                "ran": True,
                "mistakes": _count(counts[0]),
                "classes_asked": _count(counts[1]),
                "proponents_labelled": float(labelled),
                **({} if found is None else _judged(found, len(values))),
            },
            {name: rows for name, rows in tables.items() if rows},
            samples(subject, training, (accused if len(accused) else order)[: self.shown]),
            (f"Traced: mistakes towards {subject.spec.label(heard.towards)}.", self._limit(found)),
        )

    def _limit(self, found: Standing | None) -> str:
        if self.projection:
            return "TRAK-style scores rank; nobody is accused by them."
        if found is None:
            return "Too few clean samples of these labels: the ranking accuses nobody."
        if not len(found.accused):
            return (
                "The ranking accuses nobody: clean samples of the label stand as high "
                f"(p = {found.p_value:.2g}, a verdict needs {self.alpha:g}), and honest mistakes "
                "have proponents, too."
            )
        return (
            f"A verdict needs a nominal p of {self.alpha:g}, if training and clean samples come "
            f"from one source; {MEASURED}. The accused taught this mistake; why, the trace cannot "
            "say: wrong labels and poison look alike."
        )


def _judged(found: Standing, samples: int) -> dict[str, Measure | float | bool]:
    return {
        "trace_p_value": found.p_value,
        "accused": _count(len(found.accused)),
        "suspicious_share": len(found.accused) / samples,
        **({"expected_false": found.false_share} if len(found.accused) else {}),
    }


def _count(value: int) -> Measure:
    return Measure(value=value, unit="count")
