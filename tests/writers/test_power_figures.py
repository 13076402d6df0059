"""The figures of measured power show what was measured."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest

from auditor.writers import plotting, power_dots, power_figures
from auditor.writers.power_dots import Line

POINTS: list[dict[str, Any]] = [
    {"family": "patch", "value": 2.0, "rate": 0.75, "low": 0.2, "high": 0.9},
    {"family": "patch", "value": 1.0, "rate": 0.25, "low": 0.1, "high": 0.6},
]


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """What a chart was drawn on."""
    seen = MagicMock()

    def svg(draw: Any, *size: object) -> str:
        draw(seen)
        return "<svg/>"

    monkeypatch.setattr(plotting, "svg", svg)
    monkeypatch.setattr(plotting, "lines", lambda *of: None)
    return seen


def test_a_curve_has_the_rates_and_their_intervals_in_rising_order(axes: MagicMock) -> None:
    power_figures.sizes(POINTS, frozenset())
    drawn = [call.args for call in axes.plot.call_args_list]
    assert ([0, 1], [0.25, 0.75], "o-") in drawn
    assert ([0, 0], [0.1, 0.6]) in drawn
    assert ([1, 1], [0.2, 0.9]) in drawn


def test_as_many_dots_are_full_as_were_found(
    axes: MagicMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    full: list[bool] = []
    monkeypatch.setattr(power_dots, "_dot", lambda axes, x, y, line, found: full.append(found))
    power_dots.dots([Line("patch", 2, 5)])
    assert full == [True, True, False, False, False]
