"""``privacy.membership``: can members of the training set be told from others?

Purpose: compares the auditor's clean set (not trained on, as far as known) with training samples by
the model's relative confidence; vendor's early checkpoints serve as reference models.
Source: RMIA (Zarifzadeh et al. 2024) and its use on sets.
Limits: without checkpoints only confidence relative to the class is used, a weak attack; the area
under the curve then bounds what an outsider could do from below only. Different sources of the two
sets look like membership.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.influence.membership import benjamini_hochberg, rmia, set_test

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject, TrainingSet


@probe
@dataclass(frozen=True)
class Membership(Probe):
    """Scores training samples against clean ones.

    Args:
        samples: most training samples scored.
    """

    id = "privacy.membership"
    title = "Membership of training samples"
    needs = ("labels", "training")
    measures: ClassVar[Mapping[str, str]] = {
        "members_available": "whether known members of the training set were at hand",
        "auc": "area under the ROC curve of the membership guess",
        "tpr_at_low_fpr": "share of members recognised where 1% of the others are",
        "p_value": "chance of such scores if members were like others",
        "reference_models": "checkpoints that serve as reference models",
        "classes_exposed": "classes whose members can be told apart, false discovery rate .05",
    }
    cites = ("Zarifzadeh et al. 2024", "Benjamini & Hochberg 1995")

    samples: int = 2000

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Score both sets against half of the clean set, compare the rest with the members."""
        training = context.training
        if training is None:
            said = "No known members: the training data were not supplied."
            return Result({"members_available": False}, caveats=(said,))
        population, others = clean.split(0.5, context.seed)
        generator = torch.Generator().manual_seed(context.seed)
        drawn = torch.randperm(len(training.data), generator=generator)[: self.samples]
        members = training.data.take(drawn)
        scores = [self._scores(subject, training, part, population) for part in (members, others)]
        context.check(0.9, "membership")
        found = set_test(*scores)
        tested = _each_class(subject, members.y, others.y, *scores)
        exposed = benjamini_hochberg([p for _, p in tested])
        return Result(
            {
                "members_available": True,
                "auc": found.auc,
                "tpr_at_low_fpr": found.tpr,
                "p_value": found.p_value,
                "reference_models": Measure(value=len(training.checkpoints), unit="count"),
                "classes_exposed": Measure(value=len(exposed), unit="count"),
            },
            caveats=("Both sets are taken to come from one source.",),
        )

    def _scores(
        self, subject: Subject, training: TrainingSet, part: CleanSet, population: CleanSet
    ) -> Tensor:
        """The earliest half of the checkpoints has seen the samples least often."""
        early = training.checkpoints[: (len(training.checkpoints) + 1) // 2]
        with torch.no_grad():
            references = [[net(x) for net in early] for x in (part.x, population.x)]
        return rmia(
            subject.logits(part.x), part.y, references[0],
            subject.logits(population.x), population.y, references[1],
        )  # fmt: skip


def _each_class(
    subject: Subject, y_members: Tensor, y_others: Tensor, members: Tensor, others: Tensor
) -> list[tuple[int, float]]:
    """p-value of each class with enough samples on both sides."""
    found = []
    for k in range(subject.classes):
        one, two = members[y_members == k], others[y_others == k]
        if min(len(one), len(two)) >= 5:
            found.append((k, set_test(one, two).p_value))
    return found
