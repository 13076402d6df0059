"""Wrong labels in a training set: by self-influence, and by cross-validated probabilities.

Purpose: self-influence over checkpoints needs no training; cleanlab's ranking by cross-validated
self-confidence needs several, and is asked where its package is installed. Ranks on which both
agree are worth looking at first.
Sources: TracIn self-influence (Pruthi et al. 2020); confident learning (Northcutt et al. 2021).
Limits: rankings, not verdicts. Checkpoints after the network has memorised wrong labels hardly
help; early ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from torch import Tensor, nn

from auditor.core.errors import AuditorError
from auditor.core.subject import CleanSet
from auditor.methods.influence.store import Gradients
from auditor.methods.influence.trace import self_influences

Train = Callable[[CleanSet], nn.Module]
"""Trains a fresh network on a part of the data."""


def by_self_influence(sources: Sequence[Gradients]) -> Tensor:
    """Self-influence of each sample, ``(n,)``, less its class's median: large for wrong labels."""
    values = self_influences(sources)
    y = sources[0].y
    for k in sorted(set(y.tolist())):
        values[y == k] -= values[y == k].median()
    return values


def out_of_sample(data: CleanSet, train: Train, folds: int = 5, seed: int = 0) -> Tensor:
    """Cross-validated probabilities ``(n, classes)``; trains ``folds`` networks."""
    found: Tensor | None = None
    split = StratifiedKFold(folds, shuffle=True, random_state=seed).split(data.x, data.y)
    for inside, outside in split:
        network = train(data.take(torch.from_numpy(inside))).eval()
        with torch.no_grad():
            probabilities = network(data.x[torch.from_numpy(outside)]).softmax(1)
        if found is None:
            found = probabilities.new_zeros(len(data), probabilities.shape[1])
        found[torch.from_numpy(outside)] = probabilities
    if found is None:
        raise AuditorError("Cross-validation needs at least two folds.")
    return found


def by_cleanlab(probabilities: Tensor, y: Tensor) -> Tensor:
    """cleanlab's label quality, negated: large for wrong labels, ``(n,)``.

    Raises:
        AuditorError: the package is not installed.
    """
    if find_spec("cleanlab") is None:
        raise AuditorError("cleanlab is not installed.", "pip install 'auditor[labels]'")
    from cleanlab.rank import get_label_quality_scores

    scores = get_label_quality_scores(y.numpy(), probabilities.double().numpy())
    return -torch.from_numpy(np.asarray(scores))


def agreement(first: Tensor, second: Tensor, k: int) -> float:
    """Share of the ``k`` strongest of one ranking that are among the ``k`` strongest of the other.

    >>> agreement(torch.tensor([3.0, 2.0, 1.0]), torch.tensor([3.0, 1.0, 2.0]), 2)
    0.5
    """
    tops = [set(scores.topk(k).indices.tolist()) for scores in (first, second)]
    return len(tops[0] & tops[1]) / k
