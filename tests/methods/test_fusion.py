"""One p-value of classes and of the move away; neither needs one odd class among many."""

from __future__ import annotations

import pytest
import torch

from auditor.methods.calibration import away_sums_of, sums_of
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.goals import ANY


def contrast(kind: str, classes: list[float], away: float) -> Contrast:
    """Contrasts that all statistics of a kind show alike."""
    sums = dict.fromkeys(sums_of(kind), torch.tensor(classes))
    moves = dict.fromkeys(away_sums_of(kind), torch.tensor([away]))
    return Contrast(torch.arange(len(classes)), len(classes), kind, sums | moves)


@pytest.mark.parametrize("kind", ["tiny", "tiny+rows", "many", "many+rows"])
def test_an_all_to_all_backdoor_is_seen_without_any_odd_class(kind: str) -> None:
    quiet, turned = contrast(kind, [0.0] * 10, 0.0), contrast(kind, [0.0] * 10, 60.0)
    assert turned.p_value <= 0.05 < quiet.p_value
    assert turned.leading == ANY
    assert turned.p_class > 0.05


@pytest.mark.parametrize(("kind", "count"), [("few+rows", 2), ("few", 4), ("many+rows", 10)])
def test_one_target_is_seen_among_two_classes_as_among_ten(kind: str, count: int) -> None:
    found = contrast(kind, [*[0.0] * (count - 1), 60.0], 0.0)
    assert found.p_value <= 0.05
    assert found.leading == count - 1


def test_several_targets_do_not_hide_each_other() -> None:
    found = contrast("many+rows", [60.0] * 5 + [0.0] * 5, 0.0)
    assert int((found.p <= 0.005).sum()) == 5


def test_of_two_classes_the_move_away_says_nothing_more() -> None:
    assert contrast("few", [0.0, 0.0], 60.0).p_value == contrast("few", [0.0, 0.0], 0.0).p_value
