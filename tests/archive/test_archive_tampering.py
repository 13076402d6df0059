"""Every manipulation is found and called by its name; no intact archive is called tampered."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from example_audits import Clock, Sample, fill, signer, small
from tampering import at_random, harm
from tampering_cases import CASES, STRANGER

from auditor.archive import heads
from auditor.archive.disposal import dispose, mark
from auditor.archive.problems import Kind, Report
from auditor.archive.store import create, open_archive
from auditor.archive.verify import save_head, verify


def found(report: Report, kind: Kind, where: str) -> bool:
    """Whether a problem of a kind is named at a place."""
    return any(problem.kind is kind and where in problem.where for problem in report.problems)


@pytest.mark.parametrize("case", CASES)
def test_tampering_is_named(sample: Sample, case: str) -> None:
    deed, kind, where = CASES[case]
    assert verify(sample.open()).problems == []
    with harm(sample.folder) as hands:
        deed(hands)
    report = verify(sample.open())
    assert found(report, kind, where), [str(problem) for problem in report.problems]


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER {0}",
        "DROP TRIGGER {0}; CREATE TRIGGER {0} BEFORE UPDATE ON entries BEGIN SELECT 1; END",
    ],
)
def test_a_guard_taken_down_is_named(sample: Sample, statement: str) -> None:
    connection = sqlite3.connect(sample.folder / "archive.sqlite")
    connection.executescript(statement.format("entries_no_update"))
    connection.close()
    assert found(verify(sample.open()), Kind.GUARD, "archive")


def test_a_damaged_database_is_named(sample: Sample) -> None:
    file = sample.folder / "archive.sqlite"
    data = bytearray(file.read_bytes())
    data[4096 : 4096 * 6] = bytes(4096 * 5)
    file.write_bytes(data)
    assert not verify(sample.open()).intact
    file.write_bytes(b"rubbish" * 1000)
    assert found(verify(sample.open()), Kind.DATABASE, "archive")


def test_an_older_copy_of_the_database_is_named(sample: Sample) -> None:
    older = sample.folder.parent / "older.sqlite"
    shutil.copy(sample.folder / "archive.sqlite", older)
    sample.open().add(small(sample.folder.parent / "new", "new.pt"), signer())
    shutil.copy(older, sample.folder / "archive.sqlite")
    assert found(verify(sample.open()), Kind.CUT_TAIL, "entry 7")


def test_a_tail_cut_with_its_heads_needs_a_head_kept_outside(
    sample: Sample, tmp_path: Path
) -> None:
    save_head(sample.open(), tmp_path / "head.json")
    kept = heads.read(tmp_path / "head.json")
    with harm(sample.folder) as hands:
        for seq in (5, 6):
            hands.remove(seq)
            hands.head(seq).unlink()
    assert verify(sample.open()).intact  # nothing inside can tell
    assert found(verify(sample.open(), kept=[kept]), Kind.CUT_TAIL, "head of 7 entries")


def test_a_replaced_archive_needs_a_key_or_a_head_from_outside(
    sample: Sample, tmp_path: Path
) -> None:
    save_head(sample.open(), tmp_path / "head.json")
    kept = heads.read(tmp_path / "head.json")
    with harm(sample.folder) as hands:  # the same id, but everything by a stranger
        genesis = hands.document(0)
        genesis["body"]["signers"] = [heads.to_pem(STRANGER.public_key)]
        hands.rewrite(0, genesis)
        hands.rechain(0, STRANGER)
    assert verify(sample.open()).intact  # nothing inside can tell
    assert found(verify(sample.open(), [signer().public_key]), Kind.SIGNATURE, "entry 0")
    assert found(verify(sample.open(), kept=[kept]), Kind.HEAD, "head of 7 entries")
    shutil.rmtree(sample.folder)
    fill(sample.folder, sample.audits)
    assert found(verify(sample.open(), kept=[kept]), Kind.OTHER_ARCHIVE, "head of 7 entries")


def test_a_forged_head_kept_outside_is_named(sample: Sample, tmp_path: Path) -> None:
    entry = sample.open().ledger.last()
    (tmp_path / "head.json").write_bytes(heads.stored(heads.sign(entry, STRANGER)))
    kept = heads.read(tmp_path / "head.json")
    assert found(verify(sample.open(), kept=[kept]), Kind.SIGNATURE, "head of 7 entries")


def tamper_at_random(copy_of: Callable[[], Sample], rounds: int, seed: int) -> list[str]:
    """Names of random manipulations that were not noticed."""
    missed = []
    for number in range(rounds):
        sample = copy_of()
        with harm(sample.folder) as hands:
            deed = at_random(hands, random.Random(seed + number))
        if verify(sample.open()).intact:
            missed.append(f"{seed + number}: {deed}")
        shutil.rmtree(sample.folder)
    return missed


def live_at_random(folder: Path, audits: list[Path], dice: random.Random) -> Report:
    """An archive that lived an ordinary random life, verified."""
    key = signer(dice.randrange(1, 200)) if dice.random() < 0.6 else None
    clock = Clock()
    archive = create(folder, key, clock=clock)
    for day, audit in enumerate(dice.sample(audits, dice.randrange(1, len(audits)))):
        clock.set(f"2027-01-{6 + day:02}T09:00:00+00:00")
        seq = archive.add(audit, key, "2016-01-01", years=dice.choice((10, 30))).entry.seq
        if dice.random() < 0.3:
            mark(archive, "hold", seq, "case", key)
            if dice.random() < 0.5:
                mark(archive, "release", seq, "settled", key)
        elif dice.random() < 0.3:
            mark(archive, "extension", seq, "later", key, until="2050-01-01")
        elif archive.ledger.entry(seq).body["retain_until"] < "2027" and dice.random() < 0.6:
            dispose(archive, [seq], "ended", key)
    return verify(open_archive(folder, clock), [key.public_key] if key else ())


def test_random_tampering_is_noticed(copy_of: Callable[[], Sample]) -> None:
    assert tamper_at_random(copy_of, 30, seed=0) == []


def test_no_false_alarm(master: Sample, tmp_path: Path) -> None:
    for number in range(5):
        report = live_at_random(tmp_path / f"{number}", master.audits, random.Random(number))
        assert report.problems == []
        assert report.entries > 1


@pytest.mark.slow
def test_a_thousand_random_manipulations_are_noticed(copy_of: Callable[[], Sample]) -> None:
    assert tamper_at_random(copy_of, 1100, seed=1000) == []


@pytest.mark.slow
def test_no_false_alarm_on_a_hundred_intact_archives(master: Sample, tmp_path: Path) -> None:
    alarms = [
        number
        for number in range(100)
        if live_at_random(tmp_path / f"{number}", master.audits, random.Random(number)).problems
    ]
    assert alarms == []
