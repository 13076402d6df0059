"""One contract over every writer: a file in the folder, the same bytes again, no torch."""

from __future__ import annotations

from pathlib import Path

import pytest
import report_examples

from auditor.writers import WRITERS, write_all
from auditor.writers.check import problems


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", list(WRITERS))
def test_writes_one_file_and_the_same_bytes_again(name: str, tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    before = files(tmp_path)
    path = WRITERS[name](record, tmp_path)
    assert path.parent in (tmp_path, tmp_path / "exports")
    assert files(tmp_path) - before == {path}
    content = path.read_bytes()
    assert content
    assert WRITERS[name](record, tmp_path).read_bytes() == content


@pytest.mark.usefixtures("without_pdf")
def test_together_they_leave_an_intact_folder(tmp_path: Path) -> None:
    record = report_examples.backdoored(tmp_path)
    written = write_all(record, tmp_path)
    assert written[-1].name == "manifest.json"
    assert problems(tmp_path) == []
    again = write_all(record, tmp_path, views_only=True)
    assert tmp_path / "record.json" not in again
    assert problems(tmp_path) == []


@pytest.mark.parametrize("name", ["record.json", "report.html", "report.pdf"])
@pytest.mark.usefixtures("without_pdf")
def test_a_changed_file_is_named(name: str, tmp_path: Path) -> None:
    write_all(report_examples.backdoored(tmp_path), tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")
    assert problems(tmp_path) == [f"changed: {name}"]
