"""A registry refuses duplicates and helps with misspelt names."""

from __future__ import annotations

import pytest

from auditor.core.errors import AuditorError
from auditor.core.registry import Registry


@pytest.fixture
def colours() -> Registry[int]:
    registry: Registry[int] = Registry("colour")
    registry.add("red", 1)
    registry.add("green", 2)
    return registry


def test_things_come_back_in_order(colours: Registry[int]) -> None:
    assert list(colours) == ["red", "green"]
    assert colours["green"] == 2
    assert len(colours) == 2
    assert "red" in colours
    assert "blue" not in colours


def test_a_second_one_of_the_same_name_is_refused(colours: Registry[int]) -> None:
    with pytest.raises(ValueError, match="'red' is registered twice"):
        colours.add("red", 3)
    assert colours["red"] == 1


def test_a_miss_names_the_nearest(colours: Registry[int]) -> None:
    with pytest.raises(AuditorError, match="Did you mean green"):
        colours["greem"]


def test_a_far_miss_names_all(colours: Registry[int]) -> None:
    with pytest.raises(AuditorError, match=r"Unknown colour 'xyz'\. Known: red, green\."):
        colours["xyz"]
