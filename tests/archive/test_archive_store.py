"""Adding: once, whole, refused when something is wrong; nothing can be changed afterwards."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from example_audits import Clock, Sample, audit, signer, small

from auditor.archive.store import create, open_archive
from auditor.archive.verify import verify
from auditor.core.errors import AuditorError


def test_an_audit_is_kept_whole_and_its_hash_is_what_sha256sum_prints(tmp_path: Path) -> None:
    archive = create(tmp_path / "archive")
    folder = audit(tmp_path / "audit", "résnet <b>.pt")
    added = archive.add(folder)
    assert added.new
    kept = {file["path"]: file["sha256"] for file in added.entry.files}
    there = [path for path in folder.rglob("*") if path.is_file()]
    assert kept == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in there
    }
    document = tmp_path / "document.json"
    document.write_text(added.entry.text)
    printed = subprocess.run(["sha256sum", document], capture_output=True, text=True, check=True)
    assert printed.stdout.split()[0] == added.entry.hash
    said = added.entry.body["statement"]
    assert said["judged"]["gate"] == "reject"
    assert said["planned"]["policy"] == "elevated"
    assert verify(archive).intact


def test_the_same_audit_is_added_once(sample: Sample) -> None:
    before = sample.open().ledger.size()
    again = sample.open().add(sample.audits[2], signer())
    assert (again.new, again.entry.seq) == (False, 3)
    assert sample.open().ledger.size() == before


def test_hostile_names_and_times_are_archived_and_verify(tmp_path: Path) -> None:
    archive = create(tmp_path / "archive")
    entry = archive.add(audit(tmp_path / "audit", "x", "hostile")).entry
    report = verify(archive)
    assert report.problems == []
    said = entry.body["statement"]
    assert said["ran"]["finished"] == ""
    assert len(entry.body["words"]) <= 1000
    assert "\x00" not in entry.body["words"]


def test_a_folder_that_is_not_intact_is_refused(tmp_path: Path) -> None:
    archive = create(tmp_path / "archive")
    folder = small(tmp_path / "audit", "m.pt")
    (folder / "evidence" / "note.txt").write_text("another")
    with pytest.raises(AuditorError, match=r"not intact: changed: evidence/note\.txt"):
        archive.add(folder)
    assert archive.ledger.size() == 1


def test_a_signed_archive_wants_its_key_and_a_new_key_an_introduction(sample: Sample) -> None:
    archive = sample.open()
    new = small(sample.folder.parent / "new", "new.pt")
    with pytest.raises(AuditorError, match="no key was given"):
        archive.add(new)
    with pytest.raises(AuditorError, match="does not accept this key"):
        archive.add(new, signer(2))
    archive.introduce(signer(2).public_key, signer())
    assert archive.add(new, signer(2)).new
    assert verify(archive).intact
    assert verify(archive, [signer(1).public_key, signer(2).public_key]).intact
    only_old = verify(archive, [signer(1).public_key])
    assert [str(problem.where) for problem in only_old.problems] == ["entry 8"]


def test_entries_are_never_back_dated(tmp_path: Path) -> None:
    clock = Clock("2027-06-01T00:00:00+00:00")
    archive = create(tmp_path / "archive", clock=clock)
    archive.add(small(tmp_path / "a", "a.pt"))
    clock.set("2027-05-01T00:00:00+00:00")
    with pytest.raises(AuditorError, match="Set the clock right"):
        archive.add(small(tmp_path / "b", "b.pt"))
    clock.set("2020-01-01T00:00:00+00:00")
    with pytest.raises(AuditorError, match="in the future"):
        archive.add(small(tmp_path / "c", "c.pt"))
    assert archive.ledger.size() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET document = '{}'",
        "DELETE FROM entries WHERE seq = 6",
        "INSERT OR REPLACE INTO entries SELECT seq, hash, 'x', envelope FROM entries WHERE seq = 3",
        "UPDATE audits SET gate = 'accept'",
        "DELETE FROM audits",
        "DELETE FROM marks",
    ],
)
def test_the_database_itself_refuses_changes(sample: Sample, statement: str) -> None:
    connection = sqlite3.connect(sample.folder / "archive.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


def test_a_full_disk_is_a_sentence_and_loses_nothing(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = small(sample.folder.parent / "new", "new.pt")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(AuditorError, match="No space left on device"):
            sample.open().add(new, signer())
    assert verify(sample.open()).problems == []
    assert sample.open().add(new, signer()).new


def test_files_may_lie_behind_a_url(tmp_path: Path) -> None:
    archive = create(tmp_path / "archive", blobs="memory://audits-of-a-test")
    entry = archive.add(small(tmp_path / "a", "a.pt")).entry
    assert verify(archive).files == len(entry.files)
    assert not (tmp_path / "archive" / "blobs").exists()
    import fsspec

    system = fsspec.filesystem("memory")
    victim = next(path for path in system.find("/audits-of-a-test"))
    system.pipe_file(victim, b"other")
    assert [problem.kind for problem in verify(archive).problems] == ["changed-file"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"db": "mysql://host/name"}, "no kind of database"),
        ({"db": "postgresql://user:secret@host/name"}, "holds a password"),
        ({"blobs": "nosuchscheme://x"}, "cannot be reached"),
    ],
)
def test_wrong_places_are_refused(tmp_path: Path, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(AuditorError, match=said):
        create(tmp_path / "archive", **arguments)
    assert not (tmp_path / "archive").exists()


def test_no_archive_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AuditorError, match="holds no archive"):
        open_archive(tmp_path)
    create(tmp_path / "archive")
    (tmp_path / "archive" / "archive.sqlite").unlink()
    with pytest.raises(AuditorError, match="is missing"):
        open_archive(tmp_path / "archive")
    with pytest.raises(AuditorError, match="is not empty"):
        create(tmp_path / "archive")
