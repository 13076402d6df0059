"""Areas and shares of small banks are right, and their intervals admit how small they are."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from auditor.bench.scores import auroc, hits_at_low_alarm, middle


def test_the_area_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    bad, good = (rng.integers(0, 12, n) / 3 + shift for n, shift in ((17, 1.0), (23, 0.0)))
    truth = np.r_[np.ones(17), np.zeros(23)]
    expected = roc_auc_score(truth, np.r_[bad, good])
    measured = auroc(list(bad), list(good))
    assert measured.value == pytest.approx(expected)
    assert measured.low is not None
    assert measured.high is not None
    assert measured.low < expected < measured.high
    assert measured.n == 40


def test_the_interval_shrinks_with_the_bank_and_mirrors() -> None:
    small, large = auroc([2.0] * 5, [1.0] * 5), auroc([2.0] * 50, [1.0] * 50)
    assert small.low is not None
    assert large.low is not None
    assert 0.4 < small.low < large.low < 1
    flipped = auroc([1.0] * 5, [2.0] * 5)
    assert (flipped.value, flipped.low) == (0.0, 0.0)
    assert flipped.high == pytest.approx(1 - small.low, abs=1e-6)


def test_the_interval_covers_the_true_area() -> None:
    """Two normal samples a deviation and a half apart: the true area is .856."""
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        found = auroc(list(rng.normal(1.5, 1, 15)), list(rng.normal(0, 1, 15)))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.8556 <= found.high
    assert covered >= 183, "95% of 200 less three standard errors"


def test_an_area_needs_both_groups() -> None:
    with pytest.raises(ValueError, match="attacked and clean"):
        auroc([1.0], [])


def test_at_most_one_clean_model_in_twenty_lies_above_the_limit() -> None:
    good = [float(i) for i in range(40)]
    assert hits_at_low_alarm([36.5, 37.5, 100.0], good).value == pytest.approx(2 / 3)
    assert hits_at_low_alarm([38.5], [*good[:10], 39.0]).value == 0, "one of eleven is too many"


def test_the_interval_of_a_median_holds_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    for count in (6, 10, 25):
        found = [middle(list(rng.exponential(1, count))) for _ in range(400)]
        held = sum(one.low <= np.log(2) <= one.high for one in found if one.low and one.high)
        assert held >= 370, "95% of 400 less two standard errors"
        assert any(one.low > np.log(2) for one in found if one.low), "and not always"
