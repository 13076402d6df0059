"""Benjamini-Hochberg against SciPy's own, and its properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from auditor.methods.multiplicity import benjamini_hochberg


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=40))
def test_as_scipy(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(list(false_discovery_control(p_values)))


def test_nothing_in_nothing_out() -> None:
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize("bad", [0.0, 1.5, float("nan")])
def test_no_p_value(bad: float) -> None:
    with pytest.raises(ValueError, match="lie in"):
        benjamini_hochberg([0.5, bad])
