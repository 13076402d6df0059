"""Every delivery of the tenth corpus gets the right answer or is known to be open; none runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import tenth_graphs  # noqa: F401  registers
from corpus import all_of
from judged import answered
from tenth import OPEN, TENTH
from tenth_benign import HONEST10
from test_fourth import _scan, here

__all__ = ["here"]
pytestmark = pytest.mark.filterwarnings("ignore")
"""Exporters and changed estimators warn."""
SLOW = (
    "program10",
    "cnn_dynamo",
    "resnet.pt2",
    "cnn_with_labels.pt2",
    "attention.pt2",
    "root_mean",
    "trained_by_hand",
)


@pytest.mark.parametrize("name", all_of(TENTH, SLOW))
def test_the_answer_is_right(name: str, tmp_path: Path, here: None) -> None:
    code, told = answered(TENTH[name], tmp_path)
    assert (code in TENTH[name].codes) != (name in OPEN), told


@pytest.mark.parametrize("name", all_of(HONEST10, SLOW))
def test_an_honest_delivery_is_not_accused(name: str, tmp_path: Path, here: None) -> None:
    scan = _scan(HONEST10[name], tmp_path, [])
    assert scan is not None
    assert scan.exit_code in HONEST10[name].codes, [p.message for p in scan.problems]


def test_there_are_enough() -> None:
    assert len(TENTH) >= 100
    assert len(HONEST10) >= 60
    assert {*TENTH} >= OPEN
