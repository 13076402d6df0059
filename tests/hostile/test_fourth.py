"""Every delivery of the fourth corpus gets the right answer, and nothing of it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fourth_containers  # noqa: F401  registers
import fourth_folders  # noqa: F401
import fourth_models  # noqa: F401
import fourth_pickles  # noqa: F401
import pytest
from carriers import CANARY
from fourth import FOURTH, Delivery
from fourth_benign import HONEST
from test_carriers import _seen, _watching

from auditor.core.errors import AuditorError
from auditor.core.scan import Part, Scan
from auditor.engines import scanning
from auditor.intake.inert.files import read_part


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process, where an audit hook watches; the slow test has the child."""

    def parts(root: Path, names: list[str]) -> Iterator[Part]:
        return (read_part(root, name)[0] for name in names)

    monkeypatch.setattr(scanning, "_parts", parts)


def _scan(delivery: Delivery, folder: Path, said: list[AuditorError]) -> Scan | None:
    """The answer, or None where a sentence says that there is none."""
    root = folder / "delivery"
    root.mkdir()
    delivery.make(root)
    _seen.clear()
    _watching[0] = True
    try:
        return scanning.scan_delivery(root / delivery.handed)
    except AuditorError as error:
        said.append(error)
        return None
    finally:
        _watching[0] = False


@pytest.mark.parametrize("name", FOURTH)
def test_the_answer_is_right(name: str, tmp_path: Path, here: None) -> None:
    delivery = FOURTH[name]
    said: list[AuditorError] = []
    scan = _scan(delivery, tmp_path, said)
    assert all(error.message.endswith(".") for error in said)
    assert all(error.hint for error in said)
    code = 2 if scan is None else scan.exit_code
    told = [problem.message for problem in scan.problems] if scan else []
    assert code in delivery.codes, told
    assert scan is None or all(problem.part for problem in scan.problems)
    assert _seen == []
    assert not Path(CANARY).exists()


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_twin_is_not_accused(name: str, tmp_path: Path, here: None) -> None:
    scan = _scan(HONEST[name], tmp_path, [])
    assert scan is not None
    assert scan.exit_code in HONEST[name].codes, [p.message for p in scan.problems]


@pytest.mark.slow
@pytest.mark.parametrize("name", FOURTH)
def test_the_child_gives_the_same_answer(name: str, tmp_path: Path) -> None:
    scan = _scan(FOURTH[name], tmp_path, [])
    assert (2 if scan is None else scan.exit_code) in FOURTH[name].codes


def test_there_are_enough() -> None:
    assert len(FOURTH) >= 500
    assert len(HONEST) >= 60
