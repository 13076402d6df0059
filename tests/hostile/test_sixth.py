"""Every delivery of the sixth corpus gets the right answer, and nothing of it runs.

The ordinary run reads a part of it; all of it, and the child with its limits, are marked slow.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sixth_containers  # noqa: F401  registers
import sixth_folders  # noqa: F401
import sixth_networks  # noqa: F401
import sixth_pickles  # noqa: F401
from corpus import part
from judged import answered
from sixth import SIXTH
from sixth_benign import HONEST6
from test_fourth import _scan, here

__all__ = ["here"]
pytestmark = pytest.mark.filterwarnings("ignore")
"""Old layouts and estimators taught as briefly as possible warn."""
LIMITED = ("folder6_slow_", "plain6_codec_of_bz2")
"""Large ones, which only the child with its limits may read."""


@pytest.mark.parametrize("name", part(SIXTH, 8, LIMITED))
def test_the_answer_is_right(name: str, tmp_path: Path, here: None) -> None:
    code, told = answered(SIXTH[name], tmp_path)
    assert code in SIXTH[name].codes, told


@pytest.mark.parametrize("name", part(HONEST6, 8, LIMITED))
def test_an_honest_delivery_is_not_accused(name: str, tmp_path: Path, here: None) -> None:
    scan = _scan(HONEST6[name], tmp_path, [])
    assert scan is not None
    assert scan.exit_code in HONEST6[name].codes, [p.message for p in scan.problems]


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in SIXTH if n.startswith(LIMITED)])
def test_the_child_keeps_its_limits(name: str, tmp_path: Path) -> None:
    scan = _scan(SIXTH[name], tmp_path, [])
    assert (2 if scan is None else scan.exit_code) in SIXTH[name].codes


def test_there_are_enough() -> None:
    assert len(SIXTH) >= 1000
    assert len(HONEST6) >= 80
