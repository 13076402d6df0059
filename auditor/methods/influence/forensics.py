"""What several questions about one training set share: its gradients, doubts and listings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from auditor.core.finding import Exhibit, JsonRow, Measure
from auditor.methods.influence.residual import Group, residual_gas
from auditor.methods.influence.store import Check, Gradients
from auditor.methods.pictures import picture

if TYPE_CHECKING:
    from auditor.core.subject import Subject, TrainingSet


def sources(subject: Subject, training: TrainingSet) -> list[Gradients]:
    """Gradients of all training samples at every checkpoint, the delivered weights last."""
    networks = (*training.checkpoints, subject.network)
    return [Gradients(network, training.data.x, training.data.y) for network in networks]


def traced(
    subject: Subject,
    training: TrainingSet,
    groups: Sequence[Group],
    unverified_weight: float,
    check: Check,
) -> Tensor:
    """Scores ``(n, groups)`` of all training samples, those of unverified rows weighted."""
    found = residual_gas(sources(subject, training), groups, check)
    return weighted(found, training, unverified_weight)


def weighted(scores: Tensor, training: TrainingSet, weight: float) -> Tensor:
    """Scores ``(n, k)`` with those of unverified rows drawn towards the middle of all.

    A factor of 0 leaves such rows out: they rank in the middle.
    """
    if training.unverified is None or not len(training.unverified):
        return scores
    centre = scores.median(0).values
    drawn = scores.clone()
    drawn[training.unverified] = centre + weight * (drawn[training.unverified] - centre)
    return drawn


def listing(
    training: TrainingSet, order: Tensor, limit: int, scores: Tensor | None = None
) -> list[JsonRow]:
    """Rows of a table: index, label, score, and whether provenance was verified."""
    unverified = set() if training.unverified is None else set(training.unverified.tolist())
    return [
        {
            "index": i,
            "label": int(training.data.y[i]),
            **({} if scores is None else {"score": float(f"{float(scores[i]):.4g}")}),
            **({} if training.unverified is None else {"verified": i not in unverified}),
        }
        for i in order[:limit].tolist()
    ]


def samples(subject: Subject, training: TrainingSet, order: Tensor) -> tuple[Exhibit, ...]:
    """Pictures of training samples, ``order`` their indices; none of tables."""
    if training.data.x.dim() != 4:
        return ()
    label = subject.spec.label
    return tuple(
        Exhibit(
            f"sample_{number}",
            picture(training.data.x[i]),
            caption=f"Training sample {i}, labelled {label(int(training.data.y[i]))}.",
        )
        for number, i in enumerate(order.tolist())
    )


def unverified_rows(training: TrainingSet, limit: int) -> dict[str, list[JsonRow]]:
    """Tables of what the provenance manifest does not vouch for, and why; empty ones left out."""
    rows = [] if training.unverified is None else training.unverified[:limit].tolist()
    listed: list[JsonRow] = [{"index": i, "label": int(training.data.y[i])} for i in rows]
    doubts: list[JsonRow] = [{"doubt": doubt} for doubt in training.doubts[:limit]]
    named = {"unverified": listed, "provenance": doubts}
    return {name: table for name, table in named.items() if table}


def not_given(training: TrainingSet) -> tuple[str, ...]:
    """What a trace would have needed besides the data."""
    stated = (
        (training.unverified is None, "No provenance manifest was given: provenance not assessed."),
        (not training.checkpoints, "No checkpoints were given: the delivered weights were traced."),
    )
    return tuple(sentence for holds, sentence in stated if holds)


def identity(training: TrainingSet) -> dict[str, Measure | float | bool]:
    """What was given, as measures of a finding."""
    unverified = training.unverified
    found: dict[str, Measure | float | bool] = {
        "training_data_available": True,
        "samples": Measure(value=len(training.data), unit="count"),
        "checkpoints": Measure(value=len(training.checkpoints) + 1, unit="count"),
        "provenance_known": unverified is not None,
    }
    if unverified is not None:
        found["unverified_rows"] = Measure(value=len(unverified), unit="count")
    return found


def idle(rates: tuple[float, ...]) -> tuple[str, ...]:
    """Why no trigger was traced: there is none, or its success and the target's rate without it."""
    if not rates:
        return ("The scan of this audit left no trigger that works: nothing was traced.",)
    success, anyway = rates
    return (
        f"The trigger sends {success:.0%} of inputs to its target, which {anyway:.0%} of clean "
        "inputs of other classes reach without it: nothing was traced.",
    )
