"""Accuracy of each class, and how far the worst lies below the average.

Purpose: a good average can hide a class that fails.
Limits: slices are the classes only. Classes with fewer than ``smallest`` samples are shown but not
counted. The worst of many classes lies low by chance alone; the gap's interval covers all classes
at once (Bonferroni), the gap itself is not corrected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.intervals import clopper_pearson

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject


@probe
@dataclass(frozen=True)
class Slices(Probe):
    """Per-class accuracy.

    Args:
        smallest: samples a class needs to be counted.
    """

    id = "perf.slices"
    title = "Accuracy by class"
    needs = ("labels",)
    measures: ClassVar[Mapping[str, str]] = {
        "worst_gap": "overall accuracy minus that of the worst counted class",
        "slices_tested": "number of counted classes",
        "worst_class": "index of the worst counted class",
    }
    cites = ("Clopper & Pearson 1934",)

    smallest: int = 5

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Predict all, count by class."""
        context.check(0.0, "classes")
        right = (subject.predict(clean.x) == clean.y).double()
        rows: list[JsonRow] = []
        for k in range(subject.classes):
            of_class = right[clean.y == k]
            if len(of_class):
                rows.append(_row(k, subject.spec.label(k), int(of_class.sum()), len(of_class)))
        counted = [row for row in rows if row["n"] >= self.smallest]
        measures: dict[str, Measure | float | bool] = {
            "slices_tested": Measure(value=len(counted), unit="count")
        }
        if counted:
            worst = min(counted, key=lambda row: float(row["accuracy"]))
            measures["worst_gap"] = _gap(float(right.mean()), worst, len(counted))
            measures["worst_class"] = Measure(value=worst["class"], unit="class")
        return Result(measures, {"slices": rows}, caveats=self._caveats(subject, len(counted)))

    def _caveats(self, subject: Subject, counted: int) -> tuple[str, ...]:
        left_out = subject.classes - counted
        return (
            (
                f"{left_out} of {subject.classes} classes have fewer than {self.smallest} samples "
                "and are not counted.",
            )
            if left_out
            else ()
        )


def _row(k: int, label: str, right: int, n: int) -> JsonRow:
    low, high = clopper_pearson(right, n)
    return {"class": k, "label": label, "accuracy": right / n, "low": low, "high": high, "n": n}


def _gap(overall: float, worst: JsonRow, slices: int) -> Measure:
    right = round(worst["accuracy"] * worst["n"])
    low, high = clopper_pearson(right, worst["n"], 1 - 0.05 / slices)
    return Measure(
        value=overall - worst["accuracy"], low=overall - high, high=overall - low, n=worst["n"]
    )
