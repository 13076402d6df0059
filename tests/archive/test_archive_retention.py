"""Ten years, holds, extensions, and disposals that leave a tombstone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from example_audits import Clock, signer, small

from auditor.archive.disposal import dispose, due, mark, sweep
from auditor.archive.problems import Kind
from auditor.archive.retention import until
from auditor.archive.store import Archive, create
from auditor.archive.verify import verify
from auditor.core.errors import AuditorError


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two audits of which the first is past its retention; they share no evidence."""
    made = create(tmp_path / "archive", clock=Clock())
    made.add(small(tmp_path / "old", "old.pt"), start="2016-12-31")
    made.add(small(tmp_path / "new", "new.pt"), start="2026-06-30")
    return made


def test_ten_years_from_the_day_given() -> None:
    assert until(None, 10, date(2027, 1, 5)) == "2037-01-05"
    assert until("2028-02-29", 10, date(2027, 1, 5)) == "2038-03-01"
    for wrong in ("31.12.2027", "soon", ""):
        if wrong:
            with pytest.raises(AuditorError, match="is not a date"):
                until(wrong, 10, date(2027, 1, 5))
    with pytest.raises(AuditorError, match="calendar"):
        until("2027-01-01", 9000, date(2027, 1, 5))


def test_what_is_due_on_a_day(archive: Archive) -> None:
    assert [kept.seq for kept in due(archive, "2026-12-31")] == []
    assert [kept.seq for kept in due(archive, "2027-01-01")] == [1]
    assert [kept.seq for kept in due(archive, "2036-07-01")] == [1, 2]


def test_a_disposal_removes_files_and_verify_says_so(archive: Archive) -> None:
    (tombstone,) = dispose(archive, [1], "Retention ended")
    assert tombstone.body == {"target": 1, "reason": "Retention ended"}
    report = verify(archive)
    assert (report.problems, report.disposed) == ([], 1)
    gone = {file["sha256"] for file in archive.ledger.entry(1).files}
    kept = {file["sha256"] for file in archive.ledger.entry(2).files}
    assert all(archive.blobs.size(sha256) is None for sha256 in gone - kept)
    assert all(archive.blobs.size(sha256) for sha256 in kept)


def test_files_that_another_audit_needs_stay(archive: Archive, tmp_path: Path) -> None:
    shared = {f["sha256"] for f in archive.ledger.entry(1).files}
    shared &= {f["sha256"] for f in archive.ledger.entry(2).files}
    assert shared
    dispose(archive, [1], "Retention ended")
    assert all(archive.blobs.size(sha256) for sha256 in shared)


def test_what_was_disposed_of_may_be_archived_anew(archive: Archive, tmp_path: Path) -> None:
    dispose(archive, [1], "Retention ended")
    again = archive.add(tmp_path / "old")
    assert (again.new, again.entry.seq) == (True, 4)
    assert verify(archive).problems == []


@pytest.mark.parametrize("kind", ["hold", "extension"])
def test_holds_and_extensions_keep_files(archive: Archive, kind: str) -> None:
    mark(archive, kind, 1, "Case 12", until="2050-01-01" if kind == "extension" else "")
    assert due(archive, "2030-01-01") == []
    with pytest.raises(AuditorError, match=r"Entry 1 is not due: it"):
        dispose(archive, [1], "x")
    assert verify(archive).problems == []
    if kind == "hold":
        mark(archive, "release", 1, "Case 12 settled")
        assert [kept.seq for kept in due(archive, "2030-01-01")] == [1]


@pytest.mark.parametrize(
    ("kind", "target", "to", "said"),
    [
        ("release", 1, "", "no hold to release"),
        ("extension", 2, "2030-01-01", "kept until 2036-06-30 already"),
        ("extension", 2, "2050-13-01", "is not a date"),
        ("hold", 0, "", "is no audit"),
        ("hold", 99, "", "is no audit"),
    ],
)
def test_what_makes_no_sense_is_refused(
    archive: Archive, kind: str, target: int, to: str, said: str
) -> None:
    with pytest.raises(AuditorError, match=said):
        mark(archive, kind, target, "x", until=to)
    assert archive.ledger.size() == 3


def test_an_interrupted_disposal_is_finished_by_a_sweep(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("auditor.archive.disposal.sweep", lambda archive: 0)
        dispose(archive, [1], "Retention ended")
    report = verify(archive)
    assert report.problems == []
    assert "belong to no entry" in report.notes[-1]
    assert sweep(archive) > 0
    assert "belong to no entry" not in " ".join(verify(archive).notes)


def test_a_file_removed_by_hand_is_no_disposal(archive: Archive) -> None:
    victim = archive.ledger.entry(1).files[0]["sha256"]
    archive.blobs.delete(f"{victim[:2]}/{victim}")
    assert Kind.MISSING_FILE in {problem.kind for problem in verify(archive).problems}


def test_holds_are_signed_too(tmp_path: Path) -> None:
    made = create(tmp_path / "archive", signer())
    made.add(small(tmp_path / "a", "a.pt"), signer())
    with pytest.raises(AuditorError, match="no key was given"):
        mark(made, "hold", 1, "Case")
    assert mark(made, "hold", 1, "Case", signer()).envelope
