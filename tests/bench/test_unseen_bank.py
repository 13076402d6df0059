"""The test bank shares nothing with the development bank, and every beginning of it is usable."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from itertools import islice
from pathlib import Path

import pytest
from small_audits import run

from auditor.attacks.triggers import restore_trigger
from auditor.bench.datasets import FORMS
from auditor.bench.detection import family_of
from auditor.bench.entries import BankEntry, restore_entry
from auditor.bench.facts import Facts
from auditor.bench.poison import LEARNED
from auditor.bench.queue import queue
from auditor.bench.unseen_queue import test_queue as unseen_queue

FIRST = 50


@pytest.fixture(scope="module")
def entries() -> list[BankEntry]:
    """The whole test bank."""
    return [*unseen_queue()]


@pytest.fixture(scope="module")
def development() -> list[BankEntry]:
    """The whole development bank."""
    return [*queue()]


def families(entries: list[BankEntry]) -> set[str]:
    return {family_of(Facts(e, "", (1, 1, 1), 2, 1.0, None, None, True, 0.0)) for e in entries}


def test_no_seed_and_no_trigger_is_in_both_banks(
    entries: list[BankEntry], development: list[BankEntry]
) -> None:
    assert not {e.seed for e in entries} & {e.seed for e in development}
    triggers = [
        {json.dumps([e.attack.family, e.attack.trigger]) for e in bank if e.attack}
        for bank in (entries, development)
    ]
    assert not triggers[0] & triggers[1]
    assert not {(e.batch, e.lr) for e in entries} & {(e.batch, e.lr) for e in development}


def test_the_test_bank_has_families_that_the_development_bank_lacks(
    entries: list[BankEntry], development: list[BankEntry]
) -> None:
    unseen = families(entries[:FIRST]) - families(development)
    assert {"lira/lira", "adaptive_patch/adaptive_patch", "contrast"} <= unseen
    assert {"x2x/patch", "x2x/blend"} <= unseen


def test_the_first_fifty(entries: list[BankEntry]) -> None:
    first = entries[:FIRST]
    clean = [entry for entry in first if entry.attack is None]
    assert len(clean) == 22
    hard = [entry.hard.kind for entry in clean if entry.hard]
    assert sorted(set(hard)) == ["adversarial", "int8", "pruned", "shortcut"]
    assert len(hard) == 6
    assert len(families(first)) > 12


def test_every_beginning_is_a_mixture() -> None:
    for length in range(2, 120):
        kinds = [entry.attack is None for entry in islice(unseen_queue(), length)]
        assert 0.3 <= sum(kinds) / len(kinds) <= 0.6


def test_names_are_unique_and_survive_json(entries: list[BankEntry]) -> None:
    assert len({entry.name for entry in entries}) == len(entries)
    for entry in entries:
        written = json.loads(json.dumps(dataclasses.asdict(entry)))
        assert restore_entry(written) == restore_entry(json.loads(json.dumps(written)))
        assert restore_entry(written).name == entry.name


def test_every_trigger_can_be_restored(entries: list[BankEntry]) -> None:
    for entry in entries:
        if entry.attack and entry.attack.kind not in LEARNED:
            restore_trigger(entry.attack.family, entry.attack.trigger)


def test_the_command_lists_the_test_bank(tmp_path: Path, entries: list[BankEntry]) -> None:
    listed = run("bench", "build", "--bank", str(tmp_path), "--test", "--list")
    assert listed.exit_code == 0
    assert [line[9:] for line in listed.stdout.splitlines()] == [entry.name for entry in entries]


def test_names_of_trained_models_stay(entries: list[BankEntry]) -> None:
    names = "\n".join(entry.name for entry in entries[:FIRST])
    assert (
        hashlib.sha256(names.encode()).hexdigest()
        == "8dc98cc6ce17d445942bbac0d8743f0f47c8d570848daa39bface84f9f85624f"
    )


def test_the_whole_bank_is_as_large_as_the_protocol_asks(entries: list[BankEntry]) -> None:
    attacks = [entry.attack for entry in entries if entry.attack]
    assert len(entries) - len(attacks) >= 60
    assert len({(attack.kind, attack.family) for attack in attacks}) >= 18
    assert min(attack.rate for attack in attacks) <= 0.005
    classes = {FORMS[entry.dataset].classes for entry in entries}
    assert classes == {2, 4, 10, 43, 100} == {FORMS[one.dataset].classes for one in queue()}
    assert {entry.hard.kind for entry in entries if entry.hard} > {"sponge", "subpopulation"}
