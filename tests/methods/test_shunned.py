"""A class that is oddly hard to reach is the sign of who hid from the search."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auditor.methods.calibration import JOINT, bank
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.shunned import hardest

HIDDEN = 3


def contrast(joint: Tensor) -> Contrast:
    return Contrast(torch.arange(10) + 20, 40, "tiny", {JOINT: joint})


@pytest.mark.parametrize(("depth", "odd"), [(-8.0, True), (-5.5, True), (-1.5, False)])
def test_only_a_class_below_all_clean_ones_is_odd(depth: float, odd: bool) -> None:
    joint = torch.linspace(-1, 1, 10)
    joint[HIDDEN] = depth
    found = hardest(contrast(joint))
    assert found.target == 20 + HIDDEN
    assert (found.p_value <= 0.05) is odd


def test_a_planted_class_that_is_easy_to_reach_is_not_odd() -> None:
    joint = torch.zeros(10)
    joint[HIDDEN] = 20.0
    assert hardest(contrast(joint)).p_value > 0.5


def test_classes_of_clean_models_are_seldom_odd() -> None:
    """Each class of the null as the hardest of ten: no more often than the level says."""
    scores = bank()["tiny"][JOINT].null.scores
    odd = 0
    for score in scores:
        joint = torch.zeros(10)
        joint[0] = score
        odd += hardest(contrast(joint)).p_value <= 0.05
    assert odd * 10 <= 1.5 * 0.05 * len(scores)


def test_of_two_classes_nothing_is_said() -> None:
    two = Contrast(torch.arange(2), 2, "few", {JOINT: torch.tensor([15.0, -15.0])})
    assert hardest(two).p_value == 1
