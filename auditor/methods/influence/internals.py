"""Signs inside a model, for audits without training data. None of them names a poison.

- ``gradient_conflict``: where the trigger's gradient opposes clean samples', layer by layer. A
  backdoor that lives beside the task shows little conflict; forgetting it would cost the task
  nothing (after the observation behind unlearning defences, Li et al. 2021).
- ``batchnorm_drift``: distance of stored batch statistics from those of clean inputs, in units of
  what clean halves differ by. Statistics carry the training distribution (Ioffe & Szegedy 2015).
- ``subpopulation_gaps``: accuracy of clusters of features within a class (k-means) against the rest
  of the class, exact tests, Holm.
Limits: drift also comes from augmentation and from another source of the clean set; gaps from
hard inputs. All three inform, none decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.stats import fisher_exact
from sklearn.cluster import KMeans
from torch import Tensor, nn

from auditor.core.subject import CleanSet
from auditor.methods.gradients import evaluating
from auditor.methods.influence.store import Gradients
from auditor.methods.influence.trace import Queries, cosines
from auditor.methods.label_noise import holm

FEWEST = 10


def gradient_conflict(network: nn.Module, clean: Queries, asked: Queries) -> dict[str, float]:
    """Mean cosine in [-1, 1] of clean and asked gradients, by layer; negative means conflict."""
    source = Gradients(network, clean.x, clean.y)
    own, other = source.of(clean.x, clean.y), source.of(asked.x, asked.y)
    return {layer: float(cosines(rows, other[layer]).mean()) for layer, rows in own.items()}


def batchnorm_drift(network: nn.Module, clean: CleanSet, seed: int = 0) -> dict[str, float]:
    """Distance of stored means from clean ones, over the distance between two clean halves.

    About 1 where the training inputs were like the clean ones. In standard deviations of a channel,
    root mean square over channels.
    """
    halves = [_statistics(network, part.x) for part in clean.split(0.5, seed)]
    found = {}
    for name, (module, first) in halves[0].items():
        second = halves[1][name][1]
        middle, scale = (first + second) / 2, module.running_var.clamp_min(1e-12).sqrt()
        away = ((module.running_mean - middle) / scale).square().mean().sqrt()
        apart = ((first - second) / scale).square().mean().sqrt()
        found[name] = float(away / apart.clamp_min(1e-6))
    return found


def _statistics(network: nn.Module, x: Tensor) -> dict[str, tuple[Any, Tensor]]:
    """Each batch normalisation with the mean of what it sees, by channel."""
    seen: dict[str, tuple[Any, Tensor]] = {}
    handles = []
    for name, module in network.named_modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and module.running_mean is not None:

            def note(m: nn.Module, inputs: tuple[Any, ...], name: str = name) -> None:
                given = inputs[0].detach()
                axes = tuple(a for a in range(given.dim()) if a != 1)
                seen[name] = (m, given.mean(axes))

            handles.append(module.register_forward_pre_hook(note))
    try:
        with evaluating(network), torch.no_grad():
            network(x)
    finally:
        for handle in handles:
            handle.remove()
    return seen


@dataclass(frozen=True)
class Gap:
    """A cluster of one class that the model gets wrong more often than the rest of the class."""

    label: int
    n: int
    accuracy: float
    rest: float
    p_value: float
    members: Tensor


def subpopulation_gaps(
    features: Tensor, y: Tensor, right: Tensor, clusters: int = 4, seed: int = 0
) -> list[Gap]:
    """Clusters whose accuracy lies below their class's, by Holm at .05, widest gap first."""
    tried: list[Gap] = []
    for k in sorted(set(y.tolist())):
        members = (y == k).nonzero()[:, 0]
        if len(members) < clusters * FEWEST:
            continue
        groups = KMeans(clusters, n_init=2, random_state=seed).fit_predict(
            features[members].numpy()
        )
        for group in range(clusters):
            inside = torch.from_numpy(groups == group)
            if FEWEST <= int(inside.sum()) <= len(members) - FEWEST:
                tried.append(_gap(k, members, inside, right))
    if not tried:
        return []
    rejected = holm(np.array([gap.p_value for gap in tried]))
    return sorted((tried[int(i)] for i in rejected), key=lambda gap: gap.accuracy - gap.rest)


def _gap(label: int, members: Tensor, inside: Tensor, right: Tensor) -> Gap:
    one, rest = right[members[inside]], right[members[~inside]]
    table = np.array([[int(p.sum()), len(p) - int(p.sum())] for p in (one, rest)])
    return Gap(
        label,
        len(one),
        float(one.float().mean()),
        float(rest.float().mean()),
        float(fisher_exact(table, alternative="less").pvalue),
        members[inside],
    )
