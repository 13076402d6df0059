"""Accuracy on the clean set, and beside it what the vendor declared.

Purpose: a model that does not do its task needs no further test; a declared figure that cannot be
reproduced is a finding of its own.
Limits: as good as the clean set's labels, and valid for inputs like these only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.intervals import share

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject


@probe
@dataclass(frozen=True)
class Accuracy(Probe):
    """Share of clean samples that the model predicts as labelled.

    Args:
        declared: accuracy the vendor states, in [0, 1]; None if none was stated.
    """

    id = "perf.accuracy"
    title = "Accuracy on clean inputs"
    needs = ("labels",)
    measures: ClassVar[Mapping[str, str]] = {
        "value": "share of clean inputs predicted as labelled",
        "ci_low": "lower end of its 95% interval",
        "ci_high": "upper end of its 95% interval",
        "declared_present": "whether the vendor declared an accuracy",
        "declared": "accuracy as declared by the vendor",
    }
    cites = ("Clopper & Pearson 1934",)

    declared: float | None = None

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Predict all, count, compare with chance."""
        context.check(0.0, "accuracy")
        logits = subject.logits(clean.x)
        finite = logits.isfinite().all(1)
        predicted = torch.where(finite, logits.argmax(1), -1)
        value = share(int((predicted == clean.y).sum()), len(clean))
        measures: dict[str, Measure | float | bool] = {
            "value": value,
            "ci_low": value.low or 0.0,
            "ci_high": value.high or 0.0,
            "declared_present": self.declared is not None,
        }
        if self.declared is not None:
            measures["declared"] = self.declared
        return Result(
            measures=measures,
            tables={"confusion": _confusion(clean.y, predicted)},
            caveats=_caveats(value, clean.y, int((~finite).sum())),
        )


def _confusion(given: Tensor, predicted: Tensor) -> list[JsonRow]:
    """Cells that are not empty; predicted -1 stands for logits that are not finite."""
    cells = Counter(zip(given.tolist(), predicted.tolist(), strict=True))
    return [{"given": g, "predicted": p, "count": n} for (g, p), n in sorted(cells.items())]


def _caveats(value: Measure, labels: Tensor, broken: int) -> tuple[str, ...]:
    chance = float(labels.bincount().max()) / len(labels)
    notes = []
    if value.low is not None and value.low <= chance:
        notes.append(
            f"Accuracy {value.value:.1%} is not clearly above the {chance:.1%} of always naming "
            "the commonest class. Before this is held against the model, check value range, "
            "normalisation, channel order and class order."
        )
    if broken:
        notes.append(f"{broken} inputs give logits that are not finite; they count as wrong.")
    return tuple(notes)
