"""Fixtures: a signed archive of a few tiny audits, copied for each test that harms it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from example_audits import AUDITS, Sample, fill, small


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The archive that is copied; nobody writes into it."""
    base = tmp_path_factory.mktemp("archives")
    audits = [small(base / "audits" / f"a{n}", f"model-{n}.pt") for n in range(AUDITS)]
    fill(base / "archive", audits)
    return Sample(base / "archive", audits)


@pytest.fixture
def copy_of(master: Sample, tmp_path: Path) -> Callable[[], Sample]:
    """Gives a fresh copy each time."""
    made: list[Path] = []

    def fresh() -> Sample:
        made.append(tmp_path / f"copy-{len(made)}")
        shutil.copytree(master.folder, made[-1])
        return Sample(made[-1], master.audits)

    return fresh


@pytest.fixture
def sample(copy_of: Callable[[], Sample]) -> Sample:
    """One copy."""
    return copy_of()
