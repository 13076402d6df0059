"""Tampered training without a backdoor, and label-consistent poison in the bank."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from auditor.attacks.sponge import density
from auditor.attacks.triggers import random_trigger, restore_trigger, trigger_parameters
from auditor.bench.bank import Bank
from auditor.bench.build import build_missing
from auditor.bench.datasets import Source
from auditor.bench.detection import family_of
from auditor.bench.entries import Attack, BankEntry
from auditor.bench.facts import Facts
from auditor.bench.hard import Hard
from auditor.bench.no_backdoor import prepared
from auditor.bench.training import as_tensors, label_consistent


def trained(tmp_path: Path, source: Source, entry: BankEntry) -> tuple[Bank, Facts]:
    bank = Bank(tmp_path)
    build_missing(bank, source, [entry], None, lambda line: None)
    (facts,) = bank.facts(admitted=False)
    return bank, facts


@pytest.mark.parametrize(
    ("hard", "wrong_labels", "changed_inputs"),
    [
        (Hard("label_flips", 0.1), 60, 0),
        (Hard("outliers", 0.05, label=2), 25, 30),
        (Hard("int8"), 0, 0),
        (Hard("sponge", 1.0), 0, 0),
    ],
)
def test_the_stated_share_is_tampered_with(
    source: Source, hard: Hard, wrong_labels: int, changed_inputs: int
) -> None:
    task = source.load("rows")
    x, y = as_tensors(task.x_train, task.y_train)
    after, labels = prepared(x, y, hard, 6, seed=0)
    assert int((after != x).flatten(1).any(1).sum()) == changed_inputs
    assert int((labels != y).sum()) == pytest.approx(wrong_labels, abs=4)


def test_one_class_is_more_frequent(source: Source) -> None:
    task = source.load("rows")
    x, y = as_tensors(task.x_train, task.y_train)
    before = torch.bincount(y, minlength=6)
    after, labels = prepared(x, y, Hard("imbalanced", 4.0, label=2), 6, seed=0)
    counts = torch.bincount(labels, minlength=6)
    assert counts[2] == before[2]
    others = torch.arange(6) != 2
    assert float(counts[others].sum() / before[others].sum()) == pytest.approx(0.25, abs=0.01)
    assert len(after) == len(labels)
    assert not Hard("imbalanced", 4.0, label=2).tampered


def test_a_subpopulation_gets_one_wrong_label(source: Source) -> None:
    task = source.load("rows")
    x, y = as_tensors(task.x_train, task.y_train)
    after, labels = prepared(x, y, Hard("subpopulation", 0.8, label=2), 6, seed=0)
    assert torch.equal(after, x)
    moved = labels != y
    assert set(labels[moved].tolist()) == {2}
    assert 3 <= int(moved.sum()) <= 100
    assert len(y[moved].unique()) == 1, "the cluster is of one kind"


def test_a_tampered_model_is_no_attack(
    tmp_path: Path, source: Source, clean_entry: BankEntry
) -> None:
    entry = dataclasses.replace(clean_entry, hard=Hard("sponge", 2.0))
    bank, facts = trained(tmp_path / "sponge", source, entry)
    honest, plain = trained(tmp_path / "honest", source, clean_entry)
    assert entry.name.startswith("rows-small_cnn-no_backdoor-sponge-")
    assert family_of(facts) == "clean"
    assert facts.admitted
    assert facts.clean_accuracy > 0.8
    x = bank.images("heldout", "rows").x
    fires = [density(b.subject(f).network, x) for b, f in ((bank, facts), (honest, plain))]
    assert fires[0] > 1.1 * fires[1]


def test_label_consistent_poison_keeps_labels_and_bound(
    source: Source, clean_entry: BankEntry
) -> None:
    task = source.load("rows")
    x, y = as_tensors(task.x_train, task.y_train)
    corner = {"row": 0, "column": 0, "height": 1, "width": 2, "pattern": "solid", "colour": [1.0]}
    attack = Attack("label_consistent", "patch", corner, 0.8, target=2, hardening=0.3)
    poisoned = label_consistent(x, y, dataclasses.replace(clean_entry, attack=attack), task.form)
    assert torch.equal(poisoned.y, y)
    assert set(y[poisoned.poisoned_index].tolist()) == {2}
    assert len(poisoned.poisoned_index) == 80
    change = (poisoned.x - x)[poisoned.poisoned_index]
    assert bool((poisoned.x[poisoned.poisoned_index, 0, 0, :2] == 1).all())
    change[:, :, 0, :2] = 0
    assert 0.1 < float(change.abs().max()) <= 0.3 + 1e-6


def test_label_consistent_models_are_kept(
    tmp_path: Path, source: Source, clean_entry: BankEntry
) -> None:
    trigger = trigger_parameters(random_trigger("patch", (1, 8, 8), 5))
    attack = Attack("label_consistent", "patch", trigger, 0.8, target=2, hardening=0.3)
    bank, facts = trained(tmp_path, source, dataclasses.replace(clean_entry, attack=attack))
    assert family_of(facts) == "label_consistent/patch"
    assert bank.trigger(facts) == restore_trigger("patch", trigger)
    assert facts.clean_accuracy > 0.8
