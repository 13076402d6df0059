"""Wrong labels in a training set: by the course of training, by self-influence, by cleanlab.

Purpose: a wrong label is learned late and looks odd among its neighbours. ``by_course`` adds up the
loss over checkpoints, and how few neighbours share the label, in the features of each checkpoint
and in the inputs; of pictures also what ridge regression without the sample says (``patches``).
Like self-influence it needs no training. cleanlab's ranking by cross-validated
self-confidence needs several, and is asked where its package is installed.
Sources: loss over the course of training as in AUM (Pleiss et al. 2020), which adds up margins;
label noise by neighbours (Zhu et al. 2022, SimiFeat); TracIn self-influence (Pruthi et al. 2020);
confident learning (Northcutt et al. 2021).
Limits: rankings, not verdicts. Checkpoints after the network has memorised wrong labels hardly
help; early ones do. Chosen on digits and on seeds of Fashion-MNIST that no figure is from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import rankdata
from sklearn.model_selection import StratifiedKFold
from torch import Tensor, nn

from auditor.core.errors import AuditorError
from auditor.core.subject import CleanSet
from auditor.methods.influence.features import features_and_logits
from auditor.methods.influence.patches import left_out_margins
from auditor.methods.influence.store import Gradients
from auditor.methods.influence.trace import self_influences

NEIGHBOURS = 20
AMONG = 5000
TOGETHER = 500
SMALLEST = 8
"""Pixels in height and width from which inputs are looked at as pictures."""

Train = Callable[[CleanSet], nn.Module]
"""Trains a fresh network on a part of the data."""


def by_self_influence(sources: Sequence[Gradients]) -> Tensor:
    """Self-influence of each sample, ``(n,)``, less its class's median: large for wrong labels."""
    values = self_influences(sources)
    y = sources[0].y
    for k in sorted(set(y.tolist())):
        values[y == k] -= values[y == k].median()
    return values


def by_course(networks: Sequence[nn.Module], data: CleanSet, seed: int = 0) -> Tensor:
    """Mean of two ranks in [0, 1], of pictures three, ``(n,)``: large for wrong labels.

    Args:
        networks: the network at its checkpoints, which map inputs to logits.
        data: training samples with the labels in doubt.
        seed: of the ``AMONG`` samples among which neighbours are looked for, and of patches.
    """
    drawn = torch.randperm(len(data), generator=torch.Generator().manual_seed(seed))[:AMONG]
    alone = _strangers(data.x.flatten(1).float(), data.y, drawn)
    loss = torch.zeros(len(data))
    for network in networks:
        seen, logits = features_and_logits(network, data.x)
        loss += F.cross_entropy(logits.float(), data.y, reduction="none")
        alone += _strangers(seen.float(), data.y, drawn)
    strange = [left_out_margins(data.x, data.y, seed)] if _pictures(data.x) else []
    ranks = [rankdata(score.numpy()) for score in (loss, alone, *strange)]
    return torch.from_numpy(np.mean(ranks, 0) / len(data)).float()


def _pictures(x: Tensor) -> bool:
    return x.dim() == 4 and min(x.shape[-2:]) >= SMALLEST


def _strangers(seen: Tensor, y: Tensor, among: Tensor) -> Tensor:
    """Share of each sample's nearest neighbours, by cosine, that carry another label, ``(n,)``."""
    unit = F.normalize(seen - seen.mean(0), dim=1)
    k = min(NEIGHBOURS, len(among) - 1)
    place = torch.full((len(y),), -1)
    place[among] = torch.arange(len(among))
    found = []
    for rows in torch.split(torch.arange(len(y)), TOGETHER):
        close = unit[rows] @ unit[among].T
        own = place[rows] >= 0
        close[own, place[rows][own]] = float("-inf")
        nearest = y[among][close.topk(k, 1).indices]
        found.append((nearest != y[rows][:, None]).float().mean(1))
    return torch.cat(found)


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
