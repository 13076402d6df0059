"""Influence without gradients of networks: linear models beside retraining, near duplicates."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.datasets import load_breast_cancer

from auditor.attacks.bilevel import Problem, accuracy_curve, flip_curve
from auditor.bench.influence.cases import digits
from auditor.methods.influence.classic.linear import Kind, fit, influence
from auditor.methods.influence.duplicates import duplicates

ROWS = 300
DECAY = 1e-2
SUBSETS = 100
SHARES = (0.0, 0.02, 0.05, 0.1, 0.2)
Array = NDArray[np.float64]


def linear(kind: Kind) -> dict[str, Any]:
    """Breast cancer: influence against leaving out each row, and half of the rows at random.

    LDS is the mean rank correlation, over test rows, of summed influence with what training on
    random halves gives. The two curves poison ten columns of 150 rows.
    """
    x, y = _breast_cancer()
    data = (x[:ROWS], y[:ROWS], x[ROWS:], y[ROWS:])
    return {
        "kind": kind, "leave_one_out_r": _leave_one_out(kind, *data), "lds": _lds(kind, *data),
        "shares": SHARES, **_curves(kind, x[:, :10], y),
    }  # fmt: skip


def _breast_cancer() -> tuple[Array, Array]:
    bunch = load_breast_cancer()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    x = bunch.data[order]
    return (x - x.mean(0)) / x.std(0), 2.0 * bunch.target[order] - 1


def _leave_one_out(kind: Kind, x: Array, y: Array, x_test: Array, y_test: Array) -> float:
    model = fit(x, y, kind, DECAY)
    predicted = influence(model, x, y, x_test, y_test)
    kept = ~np.eye(len(y), dtype=bool)
    actual = [
        fit(x[row], y[row], kind, DECAY, model.theta).losses(x_test, y_test)
        - model.losses(x_test, y_test)
        for row in kept
    ]
    return float(np.corrcoef(predicted.ravel(), np.ravel(actual))[0, 1])


def _lds(kind: Kind, x: Array, y: Array, x_test: Array, y_test: Array) -> float:
    model = fit(x, y, kind, DECAY)
    each = influence(model, x, y, x_test, y_test)
    halves = np.random.default_rng(1).random((SUBSETS, len(y))) < 0.5
    predicted = np.array([-each[half].sum(0) for half in halves])
    actual = np.array([
        fit(x[half], y[half], kind, DECAY, model.theta).losses(x_test, y_test) for half in halves
    ])  # fmt: skip
    varying = (actual.std(0) > 1e-9) & (predicted.std(0) > 1e-12)
    pairs = zip(actual.T[varying], predicted.T[varying], strict=True)
    return float(np.mean([spearmanr(a, b).statistic for a, b in pairs]))


def _curves(kind: Kind, x: Array, y: Array) -> dict[str, Any]:
    problem = Problem(x[:150], y[:150], x[150:ROWS], y[150:ROWS], kind)
    return {
        name: curve(problem, x[ROWS:], y[ROWS:], SHARES).accuracy.tolist()
        for name, curve in (("gradient_ascent", accuracy_curve), ("label_flips", flip_curve))
    }


def near_duplicates(seeds: int = 5, copies: int = 200) -> dict[str, Any]:
    """Digits: noisy copies of training images among test images; who is named a near duplicate."""
    right = wrong = others = 0
    for seed in range(seeds):
        train, test = digits(seed)
        generator = torch.Generator().manual_seed(seed)
        noise = 0.02 * torch.randn(copies, 1, 8, 8, generator=generator)
        near = (train.x[100 : 100 + copies] + noise).clamp(0, 1)
        found = duplicates(torch.cat([near, test.x]), train.x)
        pairs = {(int(a), int(b)) for a, b in found.near.tolist()}
        right += len(pairs & {(i, 100 + i) for i in range(copies)})
        wrong += len({i for i, _ in pairs if i >= copies})
        others += len(test)
    return {"copies": seeds * copies, "found": right, "others": others, "others_named": wrong}
