"""Findings are frozen, finite and complete: what was not measured cannot look measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from auditor.core.finding import Finding, Measure, Status, as_measure


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_measure_is_finite(value: float) -> None:
    with pytest.raises(ValidationError):
        Measure(value=value)
    with pytest.raises(ValidationError):
        Measure(value=0.0, high=value)


def test_values_cannot_be_changed_or_extended() -> None:
    measure = Measure(value=0.5)
    with pytest.raises(ValidationError):
        measure.value = 0.6  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Finding.model_validate({"probe": "a.b", "status": "COMPLETE", "verdict": "PASS"})


@pytest.mark.parametrize(
    ("given", "value", "unit"),
    [(True, 1.0, "bool"), (np.bool_(False), 0.0, "bool"), (3, 3.0, "1"), (0.25, 0.25, "1")],
)
def test_bare_numbers_and_truth_values(given: float | bool, value: float, unit: str) -> None:
    measure = as_measure(given)
    assert (measure.value, measure.unit) == (value, unit)


def test_a_measure_stays_itself() -> None:
    measure = Measure(value=0.5, low=0.4, high=0.6, n=10)
    assert as_measure(measure) is measure


@given(
    value=st.floats(allow_nan=False, allow_infinity=False),
    status=st.sampled_from(Status),
    reason=st.text(),
)
def test_findings_survive_json(value: float, status: Status, reason: str) -> None:
    finding = Finding(
        probe="a.b", status=status, reason=reason, measures={"m": Measure(value=value)}
    )
    assert Finding.model_validate_json(finding.model_dump_json()) == finding
