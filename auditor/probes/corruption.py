"""Accuracy under everyday damage: noise, blur, light, compression, missing parts.

Purpose: deployed inputs are worse than clean ones; a model should lose accuracy slowly.
Source: the idea of Hendrycks & Dietterich 2019; strengths in ``auditor.methods.corruptions``.
Limits: figures are not comparable with ImageNet-C or CIFAR-10-C; the worst of several kinds is
reported, its interval covers all kinds at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import Exhibit, JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.corruptions import IMAGE, SEVERITIES, TABULAR, Corruption
from auditor.methods.intervals import paired_drop, share
from auditor.methods.pictures import picture
from auditor.methods.sampling import subset

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject

MIDDLE = SEVERITIES[len(SEVERITIES) // 2]


@probe
@dataclass(frozen=True)
class CorruptionProbe(Probe):
    """Runs every kind of damage at three severities on the same inputs.

    Args:
        inputs: most inputs that are damaged.
    """

    id = "robust.corruption"
    title = "Common corruptions"
    needs = ("labels",)
    measures: ClassVar[Mapping[str, str]] = {
        "worst_drop": "largest fall of accuracy at middle severity, over the kinds",
        "kinds": "number of kinds of damage",
        "mean_accuracy": "accuracy averaged over kinds and severities",
        "clean_accuracy": "accuracy on the same inputs undamaged",
    }
    cites = ("Hendrycks & Dietterich 2019",)

    inputs: int = 250

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Damage, predict, compare with the undamaged prediction input by input."""
        kinds = IMAGE if subject.spec.kind == "image" else TABULAR
        sample = subset(clean, self.inputs, context.seed)
        before = subject.predict(sample.x) == sample.y
        rows: list[JsonRow] = []
        middle: list[Measure] = []
        for number, (kind, damage) in enumerate(kinds.items()):
            for severity in SEVERITIES:
                context.check((number + severity / 4) / len(kinds), kind)
                x = damage(sample.x, severity, _generator(context.seed, number))
                after = subject.predict(x) == sample.y
                drop = _drop(before, after, len(kinds))
                middle += [drop] if severity == MIDDLE else []
                rows.append(_row(kind, severity, after, drop))
        return Result(
            measures={
                "worst_drop": max(middle, key=lambda drop: drop.value),
                "kinds": Measure(value=len(kinds), unit="count"),
                "mean_accuracy": sum(float(row["accuracy"]) for row in rows) / len(rows),
                "clean_accuracy": share(int(before.sum()), len(before)),
            },
            tables={"corruptions": rows},
            exhibits=_exhibits(kinds, sample.x, context.seed),
        )


def _generator(seed: int, number: int) -> torch.Generator:
    """The same noise at every severity of a kind, other noise for every kind."""
    return torch.Generator().manual_seed(1000 * seed + number)


def _drop(before: Tensor, after: Tensor, kinds: int) -> Measure:
    lost, gained = int((before & ~after).sum()), int((~before & after).sum())
    return paired_drop(lost, gained, len(before), level=1 - 0.05 / kinds)


def _row(kind: str, severity: int, after: Tensor, drop: Measure) -> JsonRow:
    return {
        "kind": kind,
        "severity": severity,
        "accuracy": float(after.double().mean()),
        "drop": drop.value,
        "low": drop.low,
        "high": drop.high,
    }


def _exhibits(kinds: Mapping[str, Corruption], x: Tensor, seed: int) -> tuple[Exhibit, ...]:
    """One damaged input of each kind at middle severity; none for tables."""
    if x.dim() != 4:
        return ()
    return tuple(
        Exhibit(
            kind,
            picture(damage(x[:1], MIDDLE, _generator(seed, number))[0]),
            caption=f"The first clean input with {kind.replace('_', ' ')}, middle severity.",
        )
        for number, (kind, damage) in enumerate(kinds.items())
    )
