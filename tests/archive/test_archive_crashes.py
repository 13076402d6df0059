"""Killed at any moment, several at once: what was acknowledged is there, and no lock stays."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from adders import crowd, die_at, kills, line, start
from example_audits import small

from auditor.archive.disposal import sweep
from auditor.archive.store import Archive, create, open_archive
from auditor.archive.verify import verify

Audits = Callable[[int], list[Path]]


@pytest.fixture
def audits(tmp_path: Path) -> Audits:
    """Gives that many further audits."""
    made: list[Path] = []

    def make(count: int) -> list[Path]:
        fresh = [tmp_path / "audits" / f"{len(made) + n}" for n in range(count)]
        made.extend(small(folder, f"model-{folder.name}.pt") for folder in fresh)
        return fresh

    return make


def safe(archive: Archive, acknowledged: list[str]) -> None:
    """Everything acknowledged is in the archive, which is intact and free for the next writer."""
    assert verify(archive).problems == []
    entries = {line(archive.ledger.entry(seq)) for seq in range(archive.ledger.size())}
    assert set(acknowledged) <= entries
    assert len(set(acknowledged)) == len(acknowledged)


def die_often(folder: Path, audits: Audits, rounds: int) -> int:
    """Adders killed ``rounds`` times; returns how many audits they had acknowledged."""
    create(folder)
    done = kills(partial(open_archive, folder), audits(2 * rounds + 20), rounds, seed=rounds)
    archive = open_archive(folder)
    safe(archive, done)
    began = time.monotonic()
    assert archive.add(audits(1)[0]).new
    assert time.monotonic() - began < 30  # no stale lock
    sweep(archive, leftovers=True)
    assert verify(archive).notes[1:] == []
    assert verify(archive).problems == []
    return len(done)


def work_in_parallel(folder: Path, audits: Audits, rounds: int) -> int:
    """Eight adders at once, some killed, ``rounds`` times; returns the acknowledged number."""
    archive, dice, done = create(folder), random.Random(rounds), []
    for _ in range(rounds):
        pool = audits(16)
        shares = [pool[n::8] for n in range(8)]
        done += crowd(partial(open_archive, folder), shares, dice)
    safe(archive, done)
    return len(done)


def test_kills_at_random_moments_lose_nothing(tmp_path: Path, audits: Audits) -> None:
    die_often(tmp_path / "archive", audits, 15)


def test_eight_writers_at_once_some_killed(tmp_path: Path, audits: Audits) -> None:
    assert work_in_parallel(tmp_path / "archive", audits, 2) > 8


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(tmp_path: Path, audits: Audits) -> None:
    assert die_often(tmp_path / "archive", audits, 200) > 20


@pytest.mark.slow
def test_eight_writers_fifty_rounds(tmp_path: Path, audits: Audits) -> None:
    assert work_in_parallel(tmp_path / "archive", audits, 50) > 400


def test_a_kill_at_every_flush_and_rename(tmp_path: Path, audits: Audits) -> None:
    create(tmp_path / "archive")
    opened = partial(open_archive, tmp_path / "archive")
    call, finished = 0, False
    while not finished:
        call += 1
        (audit,) = audits(1)
        finished = bool(start(opened, [audit], die_at(call)).acknowledged())
        assert verify(opened()).problems == []
        again = opened().add(audit)
        assert again.new or again.entry.seq == opened().ledger.size() - 1
        assert verify(opened()).problems == []
    assert call > 8


def test_the_same_audit_by_eight_at_once_is_one_entry(tmp_path: Path, audits: Audits) -> None:
    archive = create(tmp_path / "archive")
    same = audits(1)
    adders = [start(partial(open_archive, tmp_path / "archive"), same) for _ in range(8)]
    said = {line for adder in adders for line in adder.acknowledged()}
    assert said == {line(archive.ledger.entry(1))}
    assert archive.ledger.size() == 2
