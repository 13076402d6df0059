"""Verdicts of the battery: do some training samples of a class have no like among clean ones?

Purpose: statistics of features rank samples and say nothing about error rates. Here each is taken
over training and clean samples of a class together, so that neither is treated differently; without
poison both are alike, and clean samples are found among the highest scores as often as elsewhere.
Poison pushes them out. How few are left is a hypergeometric question, exact for any statistic.
``combined`` is the mean rank by SPECTRE, Beatrix and the position between SCAn's two groups;
``split`` looks at the smaller of these groups itself; ``outliers`` at distances between inputs; in
tables ``pair`` at rows that share an improbable pair of values.
Sources: see ``representation``, ``shared_values`` and ``tampered``; two-sample rank tests; Holm
1979 over all tests.
Limits: training and clean samples must come from one source. A model that fits its training samples
better than others makes the tests cautious. With few clean samples a class little can be shown:
at a share s of clean ones, k poisons alone at the top have p = (1 - s)^k.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import hypergeom, rankdata
from torch import Tensor

from auditor.core.subject import CleanSet
from auditor.methods.influence.populations import Populations
from auditor.methods.influence.representation import beatrix, spectre
from auditor.methods.influence.shared_values import sharing
from auditor.methods.influence.tampered import outliers
from auditor.methods.label_noise import holm

FEWEST = 10
CLASS_DEPTHS = (0.1, 0.2, 0.4)
SET_DEPTHS = (0.005, 0.01, 0.02, 0.05, 0.1)
LEVEL = 0.05


@dataclass(frozen=True)
class Contrast:
    """One test.

    Args:
        statistic: what ranked the samples.
        label: the class tested, -1 for all together.
        p_value: of "clean samples are as frequent among the highest scores as elsewhere".
        members: training samples among these scores, indices into the training set, highest first.
        rejected: the test is among those rejected by Holm's procedure.
    """

    statistic: str
    label: int
    p_value: float
    members: Tensor
    rejected: bool = False


def battery(train: CleanSet, clean: CleanSet, seen: Tensor, seen_clean: Tensor) -> list[Contrast]:
    """All tests, smallest p-value first; some are rejected wrongly in at most ``LEVEL`` of audits.

    Args:
        train: training samples.
        clean: clean samples from the same source.
        seen: the model's features of the training samples, ``(n, d)``.
        seen_clean: those of the clean ones.
    """
    found = [*_classes(train.y, clean.y, seen, seen_clean), *_outliers(train.x, clean.x)]
    if train.x.dim() == 2:
        found += pairs(train, clean)
    rejected = set(holm(np.array([test.p_value for test in found]), LEVEL).tolist())
    marked = [
        Contrast(t.statistic, t.label, t.p_value, t.members, i in rejected)
        for i, t in enumerate(found)
    ]
    return sorted(marked, key=lambda test: test.p_value)


def tail_test(train: Tensor, clean: Tensor, depths: list[int]) -> tuple[float, int]:
    """How rarely clean scores ``(m,)`` are found above training scores ``(n,)``, one-sided.

    Args:
        train: scores of training samples.
        clean: scores of clean samples.
        depths: how many of the highest scores to look at, one after the other (Bonferroni).

    Returns:
        The p-value, and how many training samples are among the highest at the depth that gave it.

    >>> tail_test(torch.arange(50.0), torch.arange(0, 50, 2.0), [15])[0] > 0.1
    True
    >>> p_value, among = tail_test(torch.arange(100.0), torch.arange(50.0), [40])
    >>> p_value < 1e-8, among
    (True, 40)
    """
    both = torch.cat([clean, train])  # a stable sort puts clean ones first among equals
    order = both.argsort(descending=True, stable=True)
    above = (order < len(clean)).cumsum(0)
    found = [
        (float(hypergeom.cdf(int(above[t - 1]), len(both), len(clean), t)), t - int(above[t - 1]))
        for t in depths
    ]
    p_value, many = min(found)
    return min(1.0, p_value * len(depths)), many


def _classes(y: Tensor, y_clean: Tensor, seen: Tensor, seen_clean: Tensor) -> Iterator[Contrast]:
    every = torch.cat([seen, seen_clean])
    populations = Populations.of(every, every, torch.cat([y, y_clean]))
    for k in sorted(set(y.tolist())):
        where = (y == k).nonzero()[:, 0]
        honest = seen_clean[y_clean == k]
        if min(len(where), len(honest)) < FEWEST:
            continue
        both = torch.cat([seen[where], honest])
        groups = populations.split(both)
        ranks = [rankdata(s.numpy()) for s in (spectre(both), beatrix(both), groups.scores)]
        combined = torch.from_numpy(np.mean(ranks, 0))
        depths = sorted({max(FEWEST, round(share * len(both))) for share in CLASS_DEPTHS})
        yield _tested("combined", k, combined, where, depths)
        inside = torch.zeros(len(both), dtype=torch.float64)
        inside[groups.members] = 1 + groups.scores[groups.members].double().sigmoid()
        yield _tested("split", k, inside, where, [len(groups.members)])


def pairs(train: CleanSet, clean: CleanSet) -> Iterator[Contrast]:
    """The test of tables, a class each; not yet marked as rejected."""
    for k in sorted(set(train.y.tolist())):
        where, honest = (train.y == k).nonzero()[:, 0], clean.x[clean.y == k]
        if min(len(where), len(honest)) < FEWEST:
            continue
        others = torch.cat([train.x[train.y != k], clean.x[clean.y != k]])
        carried = sharing(torch.cat([train.x[where], honest]), others)
        if carried.any():
            yield _tested("pair", k, carried.float(), where, [int(carried.sum())])


def _outliers(x: Tensor, clean: Tensor) -> Iterator[Contrast]:
    calibration = clean[1::2]
    if len(calibration) < FEWEST:
        return
    distance = outliers(torch.cat([x, calibration]), clean).distance
    depths = sorted({max(1, round(share * len(distance))) for share in SET_DEPTHS})
    yield _tested("outliers", -1, distance, torch.arange(len(x)), depths)


def _tested(name: str, label: int, scores: Tensor, where: Tensor, depths: list[int]) -> Contrast:
    """Scores of the training samples ``where``, then those of the clean ones."""
    own = scores[: len(where)]
    p_value, many = tail_test(own, scores[len(where) :], [max(1, t) for t in depths])
    members = where[own.argsort(descending=True, stable=True)[:many]]
    return Contrast(name, label, p_value, members)
