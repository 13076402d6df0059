"""Pairs of values planted in a table, and tests of honest tables: what the battery says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from torch import Tensor

from auditor.attacks.poisoning import all_to_one
from auditor.attacks.triggers import restore_trigger
from auditor.core.subject import CleanSet
from auditor.methods.influence.battery import Contrast, pairs

PAIR = {"features": [3, 17], "values": [0.95, 0.9]}
"""Of the sample model ``cancer_backdoor``."""
TARGET = 1
PLANTED = ((0.05, 398, 171), (0.1, 329, 120))
"""Share of poison, training rows, clean rows."""
HONEST = range(100, 130)


def cancer(
    seed: int, share: float, rows: int = 398, clean: int = 171
) -> tuple[CleanSet, CleanSet, Tensor]:
    """Breast cancer in [0, 1]: training rows, some with the pair; clean rows; which have it."""
    bunch = load_breast_cancer()
    order = np.random.default_rng(seed).permutation(len(bunch.target))
    x = torch.tensor(bunch.data[order], dtype=torch.float32)
    x = (x - x.amin(0)) / (x.amax(0) - x.amin(0))
    y = torch.tensor(bunch.target[order], dtype=torch.int64)
    beside = CleanSet(x[rows : rows + clean], y[rows : rows + clean])
    if not share:
        return CleanSet(x[:rows], y[:rows]), beside, torch.empty(0, dtype=torch.int64)
    bad = all_to_one(
        x[:rows], y[:rows], restore_trigger("feature_value", PAIR), TARGET, share, seed
    )
    return CleanSet(bad.x, bad.y), beside, bad.poisoned_index


def value_pairs() -> dict[str, Any]:
    """p-values of planted pairs with who is named, and of every test of honest tables."""
    planted = []
    for share, rows, clean in PLANTED:
        for seed in (1, 2, 3):
            train, beside, poison = cancer(seed, share, rows, clean)
            best = min(pairs(train, beside), key=_p_value)
            named = set(best.members.tolist())
            planted.append({
                "share": share, "poison": len(poison), "p": best.p_value, "named": len(named),
                "right": len(named & set(poison.tolist())),
            })  # fmt: skip
    honest = [t.p_value for seed in HONEST for t in pairs(*cancer(seed, 0)[:2])]
    return {
        "planted": planted, "honest_tests": len(honest), "honest_smallest_p": min(honest),
        "honest_below_05": sum(p <= 0.05 for p in honest),
    }  # fmt: skip


def _p_value(test: Contrast) -> float:
    return test.p_value
