"""Every delivery of the eighth corpus gets the right answer or is known to be open; none runs.

The ordinary run reads a part of it; the rest, and some in the child with its limits, are slow.
"""

from __future__ import annotations

from pathlib import Path

import eighth_files  # noqa: F401  registers
import eighth_folders  # noqa: F401
import eighth_graphs  # noqa: F401
import eighth_pickles  # noqa: F401
import pytest
from corpus import part
from eighth import EIGHTH
from eighth_benign import HONEST8
from eighth_open import OPEN
from judged import answered
from test_fourth import _scan, here

__all__ = ["here"]
pytestmark = pytest.mark.filterwarnings("ignore")
"""Changed estimators and old layouts warn."""


@pytest.mark.parametrize("name", part(EIGHTH, 8, ()))
def test_the_answer_is_right(name: str, tmp_path: Path, here: None) -> None:
    code, told = answered(EIGHTH[name], tmp_path)
    assert (code in EIGHTH[name].codes) != (name in OPEN), told


@pytest.mark.parametrize("name", part(HONEST8, 8, ()))
def test_an_honest_delivery_is_not_accused(name: str, tmp_path: Path, here: None) -> None:
    scan = _scan(HONEST8[name], tmp_path, [])
    assert scan is not None
    assert scan.exit_code in HONEST8[name].codes, [p.message for p in scan.problems]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*EIGHTH][::5])
def test_the_child_gives_the_same_answer(name: str, tmp_path: Path) -> None:
    scan = _scan(EIGHTH[name], tmp_path, [])
    code = 2 if scan is None else scan.exit_code
    assert (code in EIGHTH[name].codes) != (name in OPEN)


def test_there_are_enough() -> None:
    assert len(EIGHTH) >= 1000
    assert len(HONEST8) >= 59
    assert {*EIGHTH} >= OPEN
