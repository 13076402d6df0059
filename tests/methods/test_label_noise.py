"""The noise model recovers planted noise and stays silent without."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from auditor.methods.label_noise import class_excess, fit_label_noise, holm


def calibrated(seed: int, n: int = 1000, classes: int = 5) -> tuple[Tensor, Tensor]:
    """Logits of a classifier that is right about its own uncertainty, and labels drawn from it."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(n, classes, generator=generator) * 3
    return logits, torch.multinomial(torch.softmax(logits, 1), 1, generator=generator)[:, 0]


def flip(y: Tensor, share: float, classes: int = 5) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(99)
    chosen = torch.randperm(len(y), generator=generator)[: round(share * len(y))]
    shift = torch.randint(1, classes, (len(chosen),), generator=generator)
    return y.index_copy(0, chosen, (y[chosen] + shift) % classes), chosen


def test_planted_noise_is_inside_the_interval() -> None:
    logits, y = calibrated(0)
    noise = fit_label_noise(logits, flip(y, 0.2)[0]).estimate
    assert noise.low is not None
    assert noise.high is not None
    assert noise.low <= 0.2 <= noise.high
    assert noise.low > 0.1


def test_clean_labels_of_a_hard_task_show_no_noise() -> None:
    """Accuracy here is about 75%: hard inputs are not wrong labels."""
    estimates = [fit_label_noise(*calibrated(seed)).estimate for seed in range(8)]
    assert sum(e.low == 0.0 for e in estimates) >= 7
    assert np.mean([e.value for e in estimates]) < 0.02


def test_over_confidence_is_read_as_temperature() -> None:
    logits, y = calibrated(1)
    fitted = fit_label_noise(logits * 3, y)
    assert fitted.temperature == pytest.approx(3.0, rel=0.15)
    assert fitted.estimate.low == 0.0


def test_suspects_keep_the_stated_false_share() -> None:
    logits, y = calibrated(2)
    logits = logits * 2
    _, y = logits.max(1)
    noisy, flipped = flip(y, 0.1)
    chosen = fit_label_noise(logits, noisy).suspects(0.1)
    right = np.isin(chosen, flipped.numpy()).mean()
    assert len(chosen) > 50
    assert right >= 0.85


def test_hard_class_is_no_anomaly_but_a_mislabelled_one_is() -> None:
    logits, y = calibrated(3)
    hard = torch.where((y == 2)[:, None], logits * 0.2, logits)
    generator = torch.Generator().manual_seed(5)
    redrawn = torch.multinomial(torch.softmax(hard, 1), 1, generator=generator)[:, 0]
    plain = class_excess(hard, redrawn, fit_label_noise(hard, redrawn), seed=0)
    assert len(holm(plain.p_values)) == 0
    spoiled = redrawn.clone()
    victims = (redrawn == 1).nonzero()[::3, 0]
    spoiled[victims] = 4
    found = class_excess(hard, spoiled, fit_label_noise(hard, spoiled), seed=0)
    assert [int(k) for k in holm(found.p_values)] == [4]
