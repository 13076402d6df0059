"""``data.battery``: do training samples stand out that the auditor's own samples would not explain?

Purpose: look for poison without any query: second populations in a class's features, outlying
inputs, features with another distribution, repeated and contradicting rows, groups of training
samples that the model fails; and list the labels that are most likely wrong.
Sources: see ``auditor.methods.influence`` (``battery``, ``tampered``, ``label_errors``).
Limits: verdicts compare training with clean samples and take both to come from one source; samples
named are suspects. With few clean samples a class only large shares of poison can be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from auditor.core.finding import Exhibit, JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.influence.battery import LEVEL, Contrast, battery
from auditor.methods.influence.duplicates import repeated
from auditor.methods.influence.features import features
from auditor.methods.influence.forensics import listing, samples
from auditor.methods.influence.internals import subpopulation_gaps
from auditor.methods.influence.label_errors import (
    agreement,
    by_cleanlab,
    by_course,
    out_of_sample,
)
from auditor.methods.influence.removal import Recipe, retrained
from auditor.methods.influence.tampered import Shift, feature_shifts

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject, TrainingSet

LISTED = 100


@probe
@dataclass(frozen=True)
class DataBattery(Probe):
    """Tests on the training data that need no query.

    Args:
        features: most input features whose distributions are compared; more are left out.
        folds: networks trained by the vendor's recipe for cleanlab's ranking of labels beside ours;
            none if 0 or without a recipe.
        shown: pictures shown.
    """

    id = "data.battery"
    title = "Battery of tests on the training data"
    needs = ("labels", "training")
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "whether there were training data to test",
        "tests": "tests of one family, some of which are rejected wrongly in at most 5% of audits",
        "smallest_p_value": "smallest p-value of the family, not adjusted",
        "rejected": "tests whose training samples stand out (Holm, .05 over the family)",
        "suspicious_share": "share of training samples in the rejected tests' tails",
        "shifted_features": "features of a class distributed otherwise than in the clean set "
        "(false discovery rate .01)",
        "repeated": "training samples whose input occurred before, bit for bit",
        "contradictions": "repeated inputs with another label than the first occurrence",
        "label_agreement": "share of the strongest hundredth of suspected labels that cleanlab's "
        "cross-validated ranking has in its own",
        "weak_groups": "groups within a class of training samples that the model fails (Holm, .05)",
    }
    cites = ("Hayase et al. 2021", "Tang et al. 2021", "Ma et al. 2023", "Holm 1979",
             "Benjamini & Hochberg 1995")  # fmt: skip

    features: int = 1024
    folds: int = 0
    shown: int = 8

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Features once, then one test after the other."""
        training = context.training
        if training is None:
            return Result({"ran": False}, caveats=("The training data were not supplied.",))
        data = training.data
        seen, seen_clean = (features(subject.network, part.x) for part in (data, clean))
        if not (seen.isfinite().all() and seen_clean.isfinite().all()):
            return Result({"ran": False}, caveats=("The model's features are not finite.",))
        context.check(0.3, "second populations and outliers")
        tests = battery(data, clean, seen, seen_clean)
        context.check(0.5, "distributions of features")
        shifts = self._shifts(data, clean)
        context.check(0.7, "groups and labels")
        right = subject.predict(data.x) == data.y
        groups = subpopulation_gaps(seen, data.y, right, seed=context.seed)
        repeats, contradictions = repeated(data.x, data.y)
        suspects = _suspects(tests)
        labels = by_course((*training.checkpoints, subject.network), data, context.seed)
        ranked = labels.argsort(descending=True)
        tables: dict[str, list[JsonRow]] = {
            "tests": [_row(subject, test) for test in tests],
            "suspects": listing(training, suspects, LISTED),
            "features": [_shift(subject, shift) for shift in (shifts or [])[:LISTED]],
            "groups": [
                {"label": subject.spec.label(g.label), "n": g.n, "accuracy": g.accuracy,
                 "rest_of_class": g.rest, "p_value": g.p_value}
                for g in groups
            ],
            "labels": listing(training, ranked, LISTED, labels),
        }  # fmt: skip
        measures: dict[str, Measure | float | bool] = {
            "ran": True,
            "tests": _count(len(tests)),
            "rejected": _count(sum(test.rejected for test in tests)),
            "suspicious_share": len(suspects) / len(data),
            "repeated": _count(repeats),
            "contradictions": _count(contradictions),
            "weak_groups": _count(len(groups)),
        }
        if tests:
            measures["smallest_p_value"] = tests[0].p_value
        if self.folds and training.recipe:
            measures["label_agreement"] = self._agreement(subject, training, labels)
        if shifts is not None:
            measures["shifted_features"] = _count(len(shifts))
        return Result(
            measures,
            {name: rows for name, rows in tables.items() if rows},
            (*samples(subject, training, suspects[: self.shown]), *_named(suspects)),
            _limits(shifts is None, bool(tests)),
        )

    def _shifts(self, data: CleanSet, clean: CleanSet) -> list[Shift] | None:
        """None where there are too many features."""
        if data.x[0].numel() > self.features:
            return None
        return feature_shifts(data.x, data.y, clean.x, clean.y)

    def _agreement(self, subject: Subject, training: TrainingSet, labels: Tensor) -> float:
        recipe = Recipe.of(training.recipe or {})

        def train(part: CleanSet) -> nn.Module:
            return retrained(subject.network, part, recipe)

        other = by_cleanlab(out_of_sample(training.data, train, self.folds), training.data.y)
        return agreement(labels, other, max(1, len(labels) // 100))


def _count(value: int) -> Measure:
    return Measure(value=value, unit="count")


def _suspects(tests: list[Contrast]) -> Tensor:
    """Members of rejected tests, each once, those of the strongest test first."""
    named = [i for test in tests if test.rejected for i in test.members.tolist()]
    return torch.tensor(list(dict.fromkeys(named)), dtype=torch.int64)


def _named(suspects: Tensor) -> tuple[Exhibit, ...]:
    caption = "Indices of the training samples in the rejected tests' tails."
    return (Exhibit("suspects", suspects.numpy(), "array", caption),) if len(suspects) else ()


def _row(subject: Subject, test: Contrast) -> JsonRow:
    return {
        "statistic": test.statistic,
        "label": subject.spec.label(test.label) if test.label >= 0 else "all",
        "p_value": test.p_value,
        "samples": len(test.members),
        "rejected": test.rejected,
    }


def _shift(subject: Subject, shift: Shift) -> JsonRow:
    return {"label": subject.spec.label(shift.label), "feature": shift.feature,
            "statistic": round(shift.statistic, 3), "p_value": shift.p_value}  # fmt: skip


def _limits(many_features: bool, tested: bool) -> tuple[str, ...]:
    stated = (
        (True, "Training and clean samples are taken to come from one source."),
        (True, "The labels listed are those most likely wrong, worst first: nobody is accused."),
        (tested, f"Some test is rejected wrongly in at most {LEVEL:.0%} of audits."),
        (not tested, "Too few clean samples of each class: nothing could be tested."),
        (many_features, "Too many input features: their distributions were not compared."),
    )
    return tuple(sentence for holds, sentence in stated if holds)
