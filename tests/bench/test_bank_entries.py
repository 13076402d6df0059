"""Names of recipes are addresses of trained models: they may never change."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from itertools import count, islice

import pytest

from auditor.bench.entries import BankEntry, attacked, clean, restore_entry
from auditor.bench.queue import mixed, plain, queue

GOLDEN = {
    0: "fashion-small_cnn-clean-c816c5bd80",
    1: "fashion-small_cnn-all_to_one-patch-3b0079424b",
    20: "gtsrb-small_cnn-source_specific-patch-f150913713",
}
WHOLE = "260a9e862f8149ed137d2360586a963e0225e3df7cf6e0a2356681d0ecab36af"


@pytest.fixture(scope="module")
def entries() -> list[BankEntry]:
    """The whole queue."""
    return [*queue()]


@pytest.mark.parametrize("place", GOLDEN)
def test_names_stay(entries: list[BankEntry], place: int) -> None:
    assert entries[place].name == GOLDEN[place]


def test_the_queue_of_the_first_bank_stays_at_the_beginning(entries: list[BankEntry]) -> None:
    names = "\n".join(entry.name for entry in entries[:245])
    assert hashlib.sha256(names.encode()).hexdigest() == WHOLE


def test_names_are_unique(entries: list[BankEntry]) -> None:
    assert len({entry.name for entry in entries}) == len(entries)


def test_a_name_survives_json(entries: list[BankEntry]) -> None:
    for entry in entries:
        written = json.loads(json.dumps(dataclasses.asdict(entry)))
        assert restore_entry(written).name == entry.name


def test_every_change_of_a_recipe_changes_the_name(attacked_entry: BankEntry) -> None:
    assert attacked_entry.attack is not None
    changes = (
        {"seed": 5}, {"lr": 0.1}, {"epochs": 9}, {"batch": 32}, {"attack": None},
        {"attack": dataclasses.replace(attacked_entry.attack, target=1)},
    )  # fmt: skip
    names = {dataclasses.replace(attacked_entry, **change).name for change in changes}
    assert len(names | {attacked_entry.name}) == len(changes) + 1


def test_clean_and_attacked_take_turns() -> None:
    found = [*mixed(count(), "fashion", 3, plain("patch"), ("small_cnn", "resnet8"))]
    assert [entry.attack is None for entry in found] == [True, False, True, True]
    nets = [entry.architecture for entry in found]
    assert nets == ["small_cnn", "small_cnn", "resnet8", "small_cnn"]


def test_every_beginning_of_the_queue_is_a_mixture() -> None:
    for length in range(2, 80):
        kinds = [entry.attack is None for entry in islice(queue(), length)]
        assert 0.25 <= sum(kinds) / length <= 0.75


def test_an_attacked_model_trains_as_its_clean_twin() -> None:
    entry = attacked("gtsrb", "small_cnn", 30, "blend", "source_specific")
    assert dataclasses.replace(entry, attack=None) == clean("gtsrb", "small_cnn", 30)
    assert entry.attack is not None
    assert entry.attack.source != entry.attack.target
