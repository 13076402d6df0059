"""Every delivery of the seventh corpus gets the right answer, and nothing of it runs.

The ordinary run reads a part of it; the rest, and some in the child with its limits, are slow.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import seventh_files  # noqa: F401  registers
import seventh_folders  # noqa: F401
import seventh_graphs  # noqa: F401
import seventh_pickles  # noqa: F401
from corpus import part
from judged import answered
from seventh import SEVENTH
from seventh_benign import HONEST7
from test_fourth import _scan, here

__all__ = ["here"]
pytestmark = pytest.mark.filterwarnings("ignore")
"""Old layouts and estimators taught as briefly as possible warn."""


@pytest.mark.parametrize("name", part(SEVENTH, 8, ()))
def test_the_answer_is_right(name: str, tmp_path: Path, here: None) -> None:
    code, told = answered(SEVENTH[name], tmp_path)
    assert code in SEVENTH[name].codes, told


@pytest.mark.parametrize("name", part(HONEST7, 8, ()))
def test_an_honest_delivery_is_not_accused(name: str, tmp_path: Path, here: None) -> None:
    scan = _scan(HONEST7[name], tmp_path, [])
    assert scan is not None
    assert scan.exit_code in HONEST7[name].codes, [p.message for p in scan.problems]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SEVENTH][::5])
def test_the_child_gives_the_same_answer(name: str, tmp_path: Path) -> None:
    scan = _scan(SEVENTH[name], tmp_path, [])
    assert (2 if scan is None else scan.exit_code) in SEVENTH[name].codes


def test_there_are_enough() -> None:
    assert len(SEVENTH) >= 600
    assert len(HONEST7) >= 60
