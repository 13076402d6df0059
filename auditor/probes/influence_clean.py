"""Influence without training data: which clean samples pull against the model?

Purpose: find wrong labels in the auditor's own clean set, since they spoil every other verdict, and
say whether they gather in one class.
Sources: TracIn self-influence (Pruthi et al. 2020); the noise model and its tests are explained in
``auditor.methods.label_noise``.
Limits: no poisoned training sample can be named without the training data. Self-influence alone
ranks the model's own mistakes among the wrong labels, so a suspect must also be improbable beyond
what the model's calibrated uncertainty explains. Labels exchanged between classes that the model
itself confuses are missed; a class that the model gets confidently wrong looks mislabelled, and
so do inputs that are no independent sample (frames of one scene).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auditor.core.finding import Exhibit, JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.label_noise import (
    ClassExcess,
    LabelNoise,
    class_excess,
    fit_label_noise,
    holm,
)
from auditor.methods.pictures import picture
from auditor.methods.sampling import subset_index
from auditor.methods.self_influence import self_influence

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject

SMALLEST_CLASS = 5
FEWEST_SUSPECTS = 3
SUSPECT_SHARE = 0.1


@probe
@dataclass(frozen=True)
class InfluenceClean(Probe):
    """Self-influence, label noise and classes where it gathers.

    Args:
        inputs: most samples examined.
        false_share: share of the suspected labels that may be expected to be right.
        alpha: family-wise error rate of the test over the classes.
        shown: suspects that are pictured.
    """

    id = "influence.clean"
    title = "Influence of clean samples"
    needs = ("labels",)
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "whether self-influence was computed",
        "label_noise_estimate": "estimated share of wrong labels in the clean set",
        "suspected_labels": "samples whose label is probably wrong",
        "anomalous_classes": "classes with more self-influence than the model's own calibrated "
        "uncertainty explains, and with several suspected labels",
        "temperature": "fitted softmax temperature; above 1 the model is over-confident",
    }
    cites = ("Pruthi et al. 2020", "Guo et al. 2017", "Holm 1979")

    inputs: int = 1000
    false_share: float = 0.1
    alpha: float = 0.05
    shown: int = 6

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Self-influence, noise model, suspects, classes."""
        index = subset_index(clean, self.inputs, context.seed)
        sample = clean.take(index)
        found = self_influence(subject.network, sample.x, sample.y, context.check)
        logits = subject.logits(sample.x)
        if not (logits.isfinite().all() and found.values.isfinite().all()):
            return Result({"ran": False}, caveats=("Logits or gradients are not finite.",))
        noise = fit_label_noise(logits, sample.y)
        suspects = self._suspects(noise, found.values, logits.argmax(1) == sample.y)
        context.check(0.9, "classes")
        draws = min(max(999, 40 * subject.classes), 9999)
        excess = class_excess(logits, sample.y, noise, context.seed, draws)
        anomalous = _anomalous(excess, sample.y[torch.from_numpy(suspects)], self.alpha)
        return Result(
            measures={
                "ran": True,
                "label_noise_estimate": noise.estimate,
                "suspected_labels": Measure(value=len(suspects), n=len(sample), unit="count"),
                "anomalous_classes": Measure(value=len(anomalous), unit="count"),
                "temperature": noise.temperature,
            },
            tables={
                "suspects": _suspect_rows(suspects, index, sample, logits, found.values, noise),
                "classes": _class_rows(subject, sample.y, found.values, excess, anomalous),
            },
            exhibits=self._exhibits(subject, sample, suspects, logits),
            caveats=_supplied(context.training is not None)
            + self._caveats(found.covered, len(suspects), len(sample) < len(clean))
            + _doubt(float((logits.argmax(1) == sample.y).double().mean())),
        )

    def _suspects(self, noise: LabelNoise, influence: Tensor, agrees: Tensor) -> NDArray[np.int64]:
        """Improbable labels whose self-influence also exceeds that of nine in ten agreed ones."""
        agreed = influence[agrees]
        floor = float(agreed.quantile(0.9)) if len(agreed) else 0.0
        chosen = noise.suspects(self.false_share)
        return chosen[influence.numpy()[chosen] > floor]

    def _caveats(self, covered: str, suspects: int, partly: bool) -> tuple[str, ...]:
        stated = (
            (True, f"Self-influence covers {covered}."),
            (
                suspects,
                f"About {self.false_share:.0%} of the suspected labels, on average, are "
                "expected to be right after all, if the noise model holds.",
            ),
            (partly, f"A stratified part of about {self.inputs} samples was examined."),
        )
        return tuple(sentence for holds, sentence in stated if holds)

    def _exhibits(
        self, subject: Subject, sample: CleanSet, suspects: NDArray[np.int64], logits: Tensor
    ) -> tuple[Exhibit, ...]:
        if sample.x.dim() != 4:
            return ()
        label, predicted = subject.spec.label, logits.argmax(1)
        return tuple(
            Exhibit(
                f"suspect_{number}",
                picture(sample.x[i]),
                caption=f"Labelled {label(int(sample.y[i]))}, "
                f"predicted {label(int(predicted[i]))}.",
            )
            for number, i in enumerate(suspects[: self.shown].tolist())
        )


def _supplied(training: bool) -> tuple[str, ...]:
    if training:
        return ("This is about the auditor's clean set; training samples: see influence.training.",)
    return ("Training data was not supplied: poisoned training samples are not assessed.",)


def _doubt(agreement: float) -> tuple[str, ...]:
    return (
        (
            f"The model agrees with only {agreement:.0%} of the labels: its own errors and wrong "
            "labels cannot be told apart.",
        )
        if agreement < 0.5
        else ()
    )


def _anomalous(excess: ClassExcess, suspected: Tensor, alpha: float) -> list[int]:
    """Classes that Holm's procedure rejects among those with enough samples and suspects.

    The test alone also rejects classes on which the model is merely worse than it believes; that
    is no anomaly of influence unless single labels are improbable beyond doubt.
    """
    tested = np.flatnonzero(excess.counts >= SMALLEST_CLASS)
    suspects = suspected.bincount(minlength=len(excess.counts)).numpy()
    enough = suspects >= np.maximum(FEWEST_SUSPECTS, SUSPECT_SHARE * excess.counts)
    rejected = tested[holm(excess.p_values[tested], alpha)]
    return sorted(int(k) for k in rejected if enough[k])


def _suspect_rows(
    suspects: NDArray[np.int64],
    index: Tensor,
    sample: CleanSet,
    logits: Tensor,
    influence: Tensor,
    noise: LabelNoise,
) -> list[JsonRow]:
    """Suspects, worst first; ``index`` is the position in the whole clean set."""
    predicted = logits.argmax(1)
    return [
        {
            "index": int(index[i]),
            "given": int(sample.y[i]),
            "predicted": int(predicted[i]),
            "self_influence": float(influence[i]),
            "probability": float(noise.probability[i]),
            "p_correct": float(noise.p_correct[i]),
        }
        for i in suspects.tolist()
    ]


def _class_rows(
    subject: Subject, y: Tensor, influence: Tensor, excess: ClassExcess, anomalous: list[int]
) -> list[JsonRow]:
    return [
        {
            "class": k,
            "label": subject.spec.label(k),
            "n": int(excess.counts[k]),
            "self_influence": float(torch.mean(influence[y == k])),
            "observed": float(excess.observed[k]),
            "expected": float(excess.expected[k]),
            "p_value": float(excess.p_values[k]),
            "anomalous": k in anomalous,
        }
        for k in range(subject.classes)
        if excess.counts[k] > 0
    ]
