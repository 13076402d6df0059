"""Every delivery of the ninth corpus gets the right answer, and none runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import all_of
from judged import answered
from ninth import NINTH
from ninth_benign import HONEST9
from test_fourth import _scan, here

__all__ = ["here"]
pytestmark = pytest.mark.filterwarnings("ignore")
"""Exporters and changed estimators warn."""
SLOW = ("program9", "resnet.ts", "attention.ts", "attention.onnx", "checkpoint.pth")


@pytest.mark.parametrize("name", all_of(NINTH, SLOW))
def test_the_answer_is_right(name: str, tmp_path: Path, here: None) -> None:
    code, told = answered(NINTH[name], tmp_path)
    assert code in NINTH[name].codes, told


@pytest.mark.parametrize("name", all_of(HONEST9, SLOW))
def test_an_honest_delivery_is_not_accused(name: str, tmp_path: Path, here: None) -> None:
    scan = _scan(HONEST9[name], tmp_path, [])
    assert scan is not None
    assert scan.exit_code in HONEST9[name].codes, [p.message for p in scan.problems]


def test_there_are_enough() -> None:
    assert len(NINTH) >= 40
    assert len(HONEST9) >= 30
