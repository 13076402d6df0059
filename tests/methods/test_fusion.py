"""One p-value of classes and of the move away; neither needs one odd class among many."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from auditor.methods.calibration import AWAY, PAIRS, away_sums_of, sums_of
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


def paired(pairs: float, shared: float) -> Contrast:
    """A model in which one pair of classes stands out, and all classes move on together."""
    quiet = contrast("many+rows", [0.0] * 10, shared)
    moved = quiet.by_statistic | {AWAY + PAIRS: torch.tensor([pairs])}
    return dataclasses.replace(quiet, by_statistic=moved, likeliest=(3, 5))


def test_a_pair_alone_is_named() -> None:
    assert paired(60.0, 0.0).pair == (3, 5)
    assert paired(60.0, 0.0).leading == ANY
    assert paired(60.0, 0.0).p_value <= 0.05


def test_what_all_classes_share_goes_before_a_pair() -> None:
    assert paired(60.0, 40.0).leading == ANY
    assert paired(60.0, 40.0).pair is None
    assert paired(0.0, 0.0).pair is None


def test_a_suspicious_class_goes_before_a_pair() -> None:
    found = contrast("many+rows", [0.0] * 9 + [60.0], 0.0)
    assert dataclasses.replace(found, likeliest=(3, 5)).pair is None


@pytest.mark.parametrize("kind", ["table", "crowd", "crowd+rows"])
def test_kinds_without_pairs_name_none(kind: str) -> None:
    moved = dataclasses.replace(contrast(kind, [0.0] * 40, 60.0), likeliest=(3, 5))
    assert moved.pair is None
