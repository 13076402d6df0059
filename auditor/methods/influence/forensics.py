"""What several questions about one training set share: its gradients, doubts and listings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

from auditor.methods.influence.store import Gradients

if TYPE_CHECKING:
    from auditor.core.subject import Subject, TrainingSet


def sources(subject: Subject, training: TrainingSet) -> list[Gradients]:
    """Gradients of all training samples at every checkpoint, the delivered weights last."""
    networks = (*training.checkpoints, subject.network)
    return [Gradients(network, training.data.x, training.data.y) for network in networks]


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
) -> list[dict[str, Any]]:
    """Rows of a table: index, label, score, and whether provenance was verified."""
    unverified = set() if training.unverified is None else set(training.unverified.tolist())
    return [
        {
            "index": i,
            "label": int(training.data.y[i]),
            **({} if scores is None else {"score": round(float(scores[i]), 3)}),
            **({} if training.unverified is None else {"verified": i not in unverified}),
        }
        for i in order[:limit].tolist()
    ]
