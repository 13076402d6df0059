"""The baselines do what their papers say, on networks whose answer can be worked out."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import gamma
from torch import Tensor, nn

from auditor.bench.baselines.mm_bd import Outcome as MarginOutcome
from auditor.bench.baselines.mm_bd import Settings as MarginSettings
from auditor.bench.baselines.mm_bd import mm_bd
from auditor.bench.baselines.neural_cleanse import Outcome, Settings, Weight, neural_cleanse
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject

SIDE, CLASSES = 6, 5


class RowsOrCorner(nn.Module):
    """The brightest of the first rows is the class; a lit corner gives class 3."""

    def __init__(self, shortcut: float) -> None:
        super().__init__()
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        logits = 8 * x[:, 0, :CLASSES, : SIDE - 1].mean(2)
        corner = (x[:, 0, -1, -1] - 0.2).relu() * self.shortcut
        return logits + corner[:, None] * nn.functional.one_hot(torch.tensor(3), CLASSES)


def subject(shortcut: float) -> Subject:
    """A classifier of rows."""
    return Subject(
        RowsOrCorner(shortcut), InputSpec(kind="image", shape=(1, SIDE, SIDE), classes=CLASSES)
    )


def rows() -> CleanSet:
    """Images with one lit row; every other pixel is dim noise."""
    y = torch.arange(CLASSES).repeat(20)
    x = 0.2 * torch.rand((100, 1, SIDE, SIDE), generator=torch.Generator().manual_seed(0))
    x[torch.arange(100), 0, y] = 0.7
    return CleanSet(x, y)


def test_neural_cleanse_finds_the_class_behind_one_pixel() -> None:
    settings = Settings()
    attacked = neural_cleanse(subject(40.0), rows(), settings=settings)
    assert attacked.target == 3
    assert attacked.norms[3] < 0.6 * attacked.norms[[0, 1, 2, 4]].min()
    clean = neural_cleanse(subject(0.0), rows(), settings=settings)
    assert attacked.index > clean.index


def test_the_index_is_zero_without_scatter_and_grows_with_the_outlier() -> None:
    assert Outcome(torch.full((4,), 7.0)).index == 0
    near, far = (Outcome(torch.tensor([10.0, 11.0, 12.0, 13.0, low])) for low in (9.0, 2.0))
    assert far.index > near.index > 0
    assert far.target == 4
    assert far.index == pytest.approx(9 / 1.4826)


def test_settings_are_those_of_the_original() -> None:
    """``config/defense/nc/cifar10.yaml`` and ``defense/nc.py`` of BackdoorBench."""
    own = Settings()
    assert (own.epochs, own.inputs, own.batch, own.rate) == (80, 2500, 256, 0.1)
    assert (own.weight, own.factor, own.success, own.patience) == (1e-3, 2.0, 0.98, 5)
    assert (own.still, own.still_epochs) == (0.99, 25)


def test_the_weight_moves_after_five_epochs_of_one_kind() -> None:
    weight = Weight(Settings())
    for met in (True,) * 4 + (False,) + (True,) * 5:
        weight.update(met)
    assert weight.value == 2e-3
    for _ in range(5):
        weight.update(False)
    assert weight.value == 2e-3 / 2**1.5
    assert weight.raised
    assert weight.lowered


def test_margins_are_largest_where_a_logit_can_run_away() -> None:
    settings = MarginSettings(images=5, steps=60, rate=0.1)
    attacked, clean = mm_bd(subject(40.0), 0, settings), mm_bd(subject(0.0), 0, settings)
    assert attacked.target == 3
    assert attacked.margins[3] > 2 * clean.margins.max()
    assert attacked.p_value < 0.05 < clean.p_value


def test_the_p_value_is_that_of_the_largest_of_all_classes() -> None:
    others = [1.0, 1.2, 1.3, 1.5, 1.9, 2.4]
    found = MarginOutcome(torch.tensor([*others, 2.6]))
    one = gamma.cdf(2.6, *gamma.fit(torch.tensor(others).double().numpy()))
    assert found.p_value == pytest.approx(1 - one**7, abs=1e-6)
    assert found.p_value > 2 * (1 - one)


def test_margins_of_three_classes_say_nothing() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    few = Subject(network, InputSpec(kind="image", shape=(1, 2, 2), classes=3))
    assert mm_bd(few, 0, MarginSettings(images=2, steps=5)).p_value == 1.0
