"""Fixtures: example records, and one audit folder with everything written into it."""

from __future__ import annotations

from pathlib import Path

import pytest
import report_examples

from auditor.core.record import Record
from auditor.writers import write_all


@pytest.fixture(params=sorted(report_examples.VARIANTS))
def variant(request: pytest.FixtureRequest, tmp_path: Path) -> Record:
    """Each example in turn; its evidence lies in ``tmp_path``."""
    record: Record = report_examples.VARIANTS[request.param](tmp_path)
    return record


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Record, Path]:
    """The backdoored example after all writers."""
    out = tmp_path_factory.mktemp("audit")
    record = report_examples.backdoored(out)
    write_all(record, out, guide=report_examples.GUIDE)
    return record, out
