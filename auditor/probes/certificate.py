"""``trigger.certificate``: triggers that can be ruled out, by proof instead of search.

A trigger that changes inputs by a length of at most D and still works under Gaussian noise leaves
its mark on clean inputs: the target class wins some of their noisy copies. Where it wins too few,
there is no such trigger. Source: CBD (Xiang, Xiong and Li, NeurIPS 2023, arXiv 2310.17498), whose
statistic is the largest mean share of noisy answers that any class gets (local dominant
probability). Two guarantees are drawn from it: what this model cannot hold, which needs no other
model, and what CBD would have flagged, calibrated on clean relatives.
Limits: a trigger that is longer, or that noise breaks, is outside of both. The second says nothing
of a model whose p-value is small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.stats import norm

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.derivations import FAR, STRONG, CannotDerive, conformal, derive
from auditor.methods.intervals import clopper_pearson
from auditor.methods.sampling import subset
from auditor.methods.smoothing import Counts, Floats, noisy_counts, ruled_out

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject

ALPHA, CONFIDENCE = 0.05, 0.95


@probe
@dataclass(frozen=True)
class Certificate(Probe):
    """Length up to which robust triggers are ruled out.

    Args:
        sigma: standard deviation of the noise, canonical units.
        inputs: most inputs that are looked at.
        samples: noisy copies of each.
        survival: share of noisy copies on which a trigger must still work.
        share: share of inputs of other classes on which it must do so.
        shadows: clean relatives on which CBD is calibrated; 19 are needed for a p-value of .05.
        alpha: probability that the bound of one input and class is wrong.
    """

    sigma: float = 0.25
    inputs: int = 100
    samples: int = 200
    survival: float = 0.9
    share: float = 0.9
    shadows: int = 0
    alpha: float = 0.001

    id: ClassVar[str] = "trigger.certificate"
    title: ClassVar[str] = "Triggers ruled out by proof"
    needs: ClassVar[tuple[str, ...]] = ("labels",)
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "whether inputs were looked at",
        "ruled_out": "length up to which no robust trigger exists, Euclidean, canonical units",
        "dominant": "largest mean share of noisy answers that any one class gets",
        "sigma": "standard deviation of the noise, canonical units",
        "p_value": "conformal p-value of that share among clean relatives",
        "shadows": "clean relatives behind that p-value (count)",
        "flagged_below": "length below which a robust backdoor would have had that p-value <= .05",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Xiang, Xiong and Li, CBD: a certified backdoor detector, NeurIPS 2023",
        "Cohen, Rosenfeld and Kolter, Certified adversarial robustness, ICML 2019",
    )

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        train, held_out = clean.split(0.5, context.seed)
        chosen = subset(held_out, self.inputs, context.seed)
        counts = self._counts(subject, chosen, context, 0)
        rows = [self._row(subject, counts, chosen, target) for target in range(subject.classes)]
        own = dominant(counts)
        others = self._shadows(subject, (train, held_out), chosen, context)
        measures: dict[str, Measure | float | bool] = {
            "ran": True,
            "ruled_out": min(float(row["ruled_out"]) for row in rows),
            "dominant": own,
            "sigma": self.sigma,
        }
        return Result(
            measures=measures | self._calibrated(own, others, chosen),
            tables={"classes_ruled_out": rows},
            caveats=self._caveats(),
        )

    def _counts(self, subject: Subject, chosen: CleanSet, context: Context, turn: int) -> Counts:
        def report(part: float) -> None:
            context.check((turn + part) / (1 + self.shadows), "adding noise")

        return noisy_counts(subject, chosen.x, self.sigma, self.samples, context.seed, report)

    def _row(self, subject: Subject, counts: Counts, chosen: CleanSet, target: int) -> JsonRow:
        others = counts[chosen.y.numpy() != target, target]
        reach = ruled_out(others, self.samples, self.sigma, self.survival, self.alpha)
        return {
            "class": target,
            "label": subject.spec.label(target),
            "ruled_out": round(covering(reach, self.share, self.alpha, subject.classes), 4),
            "largest_share": round(float(others.max()) / self.samples, 4) if len(others) else 0.0,
        }

    def _shadows(
        self,
        subject: Subject,
        sets: tuple[CleanSet, CleanSet],
        chosen: CleanSet,
        context: Context,
    ) -> list[float]:
        found = []
        for turn in range(self.shadows):
            kind = FAR[turn % len(FAR)]
            try:
                made = derive(subject, kind, *sets, STRONG, context.seed + turn)
            except CannotDerive:
                continue
            found.append(dominant(self._counts(made.subject, chosen, context, 1 + turn)))
        return found

    def _calibrated(
        self, own: float, others: list[float], chosen: CleanSet
    ) -> dict[str, Measure | float | bool]:
        if not others:
            return {}
        allowed = int(ALPHA * (1 + len(others))) - 1
        found: dict[str, Measure | float | bool] = {
            "p_value": conformal(own, others),
            "shadows": float(len(others)),
        }
        if allowed >= 0:
            limit = sorted(others, reverse=True)[allowed]
            found["flagged_below"] = self._flagged(limit, chosen)
        return found

    def _flagged(self, limit: float, chosen: CleanSet) -> float:
        """Length below which a trigger lifts the mean share of its class above ``limit``.

        It must lift ``share`` of the inputs of other classes, here those of the largest class that
        is not its own, and the mean over noisy copies may fall short by chance (Hoeffding 1963).
        """
        others = 1 - float(chosen.y.bincount().max()) / len(chosen)
        chance = sqrt(-log(self.alpha) / (2 * len(chosen) * self.samples))
        needed = (limit + chance) / max(self.share * others, 1e-12)
        reach = norm.ppf(self.survival) - norm.ppf(min(max(needed, 1e-12), 1 - 1e-12))
        return max(0.0, self.sigma * float(reach))

    def _caveats(self) -> tuple[str, ...]:
        return (
            f"Ruled out are triggers that change inputs by no more than that Euclidean length and "
            f"still lead to their class in {self.survival:.0%} of noisy copies (sigma "
            f"{self.sigma:g}) of {self.share:.0%} of the inputs of other classes; longer triggers "
            f"and those that noise breaks are not.",
            f"Each bound of one input and class is wrong with probability {self.alpha:g} at most; "
            f"the share of inputs has an exact 95% bound for all classes together.",
            "What would have been flagged holds for these inputs; that few honest models are "
            "flagged holds if a model is exchangeable with its clean relatives.",
        )


def dominant(counts: Counts) -> float:
    """Local dominant probability: the largest mean share of noisy answers over classes."""
    return float((counts / counts.sum(1, keepdims=True)).mean(0).max())


def covering(reach: Floats, share: float, alpha: float, classes: int) -> float:
    """Largest length such that surely fewer than ``share`` of all inputs can be reached within it.

    An input can be reached within a length that is not ruled out for it, and up to ``alpha`` of
    those for which it is. The share of such inputs in the population is bounded from above by
    Clopper and Pearson (one-sided 95% for all classes together, by Bonferroni).
    """
    level = 1 - 2 * (1 - CONFIDENCE) / classes
    ordered = np.sort(reach)
    for reached in range(len(ordered) - 1, -1, -1):
        if clopper_pearson(reached, len(ordered), level)[1] + alpha < share:
            return float(ordered[reached])
    return 0.0
