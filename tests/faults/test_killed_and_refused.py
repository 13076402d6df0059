"""The audit folder survives: killed at every step, a full disk, a broken disk, eight at once.

The full counts are slow tests; the fast twins take a sample of the same points.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import reference_audit as reference
from reference_audit import EIO, ENOSPC, FAILED, Faults, die, fingerprint, refuse

NEVER = 1 << 60


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("item") / "model.safetensors"
    path.write_bytes((2).to_bytes(8, "little") + b"{}")
    return path


@pytest.fixture(scope="module")
def whole(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int, int]:
    """An undisturbed audit: what it leaves, and its numbers of points to die and to fail at."""
    out = tmp_path_factory.mktemp("whole")
    counts = []
    for strike in (die, refuse(EIO)):
        code, words = reference.run(model, out / str(len(counts)), Faults(NEVER, strike))
        assert code == 0, words
        counts.append(int(words))
    return fingerprint(out / "0"), counts[0], counts[1]


def check_kill(model: Path, out: Path, wanted: dict[str, Any], at: int) -> None:
    """Killed at a point, the audit goes on from there and leaves the same."""
    assert reference.run(model, out, Faults(at, die))[0] == -signal.SIGKILL
    code, words = reference.run(model, out)
    assert code == 0, (at, words)
    assert fingerprint(out) == wanted, at


def check_refusal(model: Path, out: Path, wanted: dict[str, Any], at: int, code: int) -> None:
    """A failing disk is named; nothing half-written stays; with room the audit goes on."""
    ended, words = reference.run(model, out, Faults(at, refuse(code)))
    assert ended == FAILED, (at, words)
    assert "Cannot write" in words
    assert os.strerror(code) in words
    again, words = reference.run(model, out)
    assert again == 0, (at, words)
    assert fingerprint(out) == wanted, at


Whole = tuple[dict[str, Any], int, int]


def test_there_are_enough_points(whole: Whole) -> None:
    assert whole[1] >= 200
    assert whole[2] >= 100


def test_killed_at_some_steps(model: Path, whole: Whole, tmp_path: Path) -> None:
    for at in [*range(1, 9), *range(9, whole[1] + 1, 23)]:
        check_kill(model, tmp_path / str(at), whole[0], at)


@pytest.mark.slow
def test_killed_at_every_step(model: Path, whole: Whole, tmp_path: Path) -> None:
    for at in range(1, whole[1] + 1):
        check_kill(model, tmp_path / str(at), whole[0], at)


@pytest.mark.parametrize("code", [ENOSPC, EIO])
def test_refused_at_some_steps(model: Path, whole: Whole, tmp_path: Path, code: int) -> None:
    for at in [*range(1, 7), *range(7, whole[2] + 1, 31)]:
        check_refusal(model, tmp_path / str(at), whole[0], at, code)


@pytest.mark.slow
@pytest.mark.parametrize("code", [ENOSPC, EIO])
def test_refused_at_every_step(model: Path, whole: Whole, tmp_path: Path, code: int) -> None:
    for at in range(1, whole[2] + 1):
        check_refusal(model, tmp_path / str(at), whole[0], at, code)


def crowd(model: Path, folder: Path, wanted: dict[str, Any], dice: random.Random) -> int:
    """Eight audits at once, four of them in one folder, three killed; then each folder is whole.

    Returns:
        How many were turned away from the shared folder.
    """
    outs = [folder / ("shared" if number < 4 else str(number)) for number in range(8)]
    started = [reference.start(model, out) for out in outs]
    time.sleep(dice.random() * 0.25)
    for child, _ in dice.sample(started, 3):
        os.kill(child, signal.SIGKILL)
    ends = [reference.end(*each) for each in started]
    turned_away = [words for code, words in ends if code == FAILED]
    assert all(code in (0, FAILED, -signal.SIGKILL) for code, _ in ends), ends
    assert all("Another audit is at work" in words for words in turned_away), turned_away
    for out in sorted(set(outs)):
        code, words = reference.run(model, out)
        assert code == 0, words
        assert fingerprint(out) == wanted
    return len(turned_away)


def test_eight_at_once(model: Path, whole: Whole, tmp_path: Path) -> None:
    dice = random.Random(1)
    assert sum(crowd(model, tmp_path / str(each), whole[0], dice) for each in range(3)) > 0


@pytest.mark.slow
def test_fifty_rounds_of_eight_at_once(model: Path, whole: Whole, tmp_path: Path) -> None:
    dice = random.Random(2)
    assert sum(crowd(model, tmp_path / str(each), whole[0], dice) for each in range(50)) > 0
