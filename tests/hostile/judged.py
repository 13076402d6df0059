"""How a hostile delivery was answered, once it is sure that nothing of it ran."""

from __future__ import annotations

from pathlib import Path

from carriers import CANARY
from fourth import Delivery
from test_carriers import _seen
from test_fourth import _scan

from auditor.core.errors import AuditorError


def answered(delivery: Delivery, folder: Path) -> tuple[int, list[object]]:
    """Exit code, and what was said; every problem says where it is."""
    said: list[AuditorError] = []
    scan = _scan(delivery, folder, said)
    assert scan is None or all(problem.part for problem in scan.problems)
    assert _seen == []
    assert not Path(CANARY).exists()
    told = [problem.message for problem in scan.problems] if scan else said
    return (2 if scan is None else scan.exit_code), [*told]
