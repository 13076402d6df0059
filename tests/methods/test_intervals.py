"""Intervals against known answers."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from auditor.methods.intervals import clopper_pearson, difference, paired_drop, share


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 14), (3, 14), (14, 14), (499, 500)])
def test_exact_interval_agrees_with_scipy(successes: int, n: int) -> None:
    known = binomtest(successes, n).proportion_ci(0.95, method="exact")
    assert clopper_pearson(successes, n) == pytest.approx((known.low, known.high), abs=1e-9)


def test_fourteen_of_fourteen() -> None:
    """The textbook case: all of 14 leaves a one-sided 95% bound of .81."""
    assert clopper_pearson(14, 14, 0.90)[0] == pytest.approx(0.807, abs=0.001)
    assert share(14, 14).value == 1.0


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_impossible_shares_are_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        clopper_pearson(successes, n)


def test_paired_drop_known_answer() -> None:
    """Bonett and Price 2012: (b+1)/(n+2) - (c+1)/(n+2), Wald on those."""
    drop = paired_drop(12, 2, 100)
    assert drop.value == pytest.approx(0.10)
    centre, spread = 10 / 102, ((13 + 3) / 102 - (10 / 102) ** 2) / 102
    assert drop.low == pytest.approx(centre - 1.959964 * spread**0.5, abs=1e-6)
    assert drop.high == pytest.approx(centre + 1.959964 * spread**0.5, abs=1e-6)


def test_paired_drop_contains_its_estimate_at_the_edges() -> None:
    for lost in (0, 50):
        drop = paired_drop(lost, 0, 50)
        assert drop.low is not None
        assert drop.high is not None
        assert drop.low <= drop.value <= drop.high


def test_difference_of_independent_shares() -> None:
    """Newcombe 1998, table II: method 10 for 56 of 70 against 48 of 80."""
    known = difference((48, 80), (56, 70))
    assert (known.low, known.high) == (
        pytest.approx(0.0524, abs=1e-4),
        pytest.approx(0.3339, abs=1e-4),
    )
    turned = difference((56, 70), (48, 80))
    assert turned.low == pytest.approx(-(known.high or 0))
    assert difference((0, 10), (0, 10)).value == 0
    with pytest.raises(ValueError, match="no share"):
        difference((0, 0), (1, 2))
