"""Every delivery of the fifth corpus gets the right answer, and nothing of it runs.

The ordinary run reads a part of it; all of it, and the child with its limits, are marked slow.
"""

from __future__ import annotations

from pathlib import Path

import fifth_folders  # noqa: F401  registers
import fifth_models  # noqa: F401
import fifth_networks  # noqa: F401
import fifth_pickles  # noqa: F401
import pytest
from corpus import part
from fifth import FIFTH
from fifth_benign import HONEST5
from judged import answered
from test_fourth import _scan, here

__all__ = ["here"]
pytestmark = pytest.mark.filterwarnings("ignore")
"""Estimators are taught as briefly as possible."""
LIMITED = (
    "sparse_", "lists_a_million", "tuples_deep", "marks_without", "kind5_zip_of", "kind5_gzip_of",
    "kind5_xz_of", "kind5_bz2_of",
)  # fmt: skip
"""Large ones, which only the child with its limits may read."""


@pytest.mark.parametrize("name", part(FIFTH, 10, LIMITED))
def test_the_answer_is_right(name: str, tmp_path: Path, here: None) -> None:
    code, told = answered(FIFTH[name], tmp_path)
    assert code in FIFTH[name].codes, told


@pytest.mark.parametrize("name", part(HONEST5, 30, LIMITED))
def test_an_honest_delivery_is_not_accused(name: str, tmp_path: Path, here: None) -> None:
    scan = _scan(HONEST5[name], tmp_path, [])
    assert scan is not None
    assert scan.exit_code in HONEST5[name].codes, [p.message for p in scan.problems]


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in FIFTH if n.startswith(LIMITED)])
def test_the_child_keeps_its_limits(name: str, tmp_path: Path) -> None:
    scan = _scan(FIFTH[name], tmp_path, [])
    assert (2 if scan is None else scan.exit_code) in FIFTH[name].codes


def test_there_are_enough() -> None:
    assert len(FIFTH) >= 800
    assert len(HONEST5) >= 600
