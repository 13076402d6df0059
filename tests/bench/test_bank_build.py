"""A bank is trained, stopped, gone on with and read again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from small_audits import run

from auditor.attacks.triggers.learned import LearnedTrigger
from auditor.bench.bank import Bank
from auditor.bench.build import build_missing, listing
from auditor.bench.datasets import Source
from auditor.bench.entries import Attack, BankEntry, attacked
from auditor.bench.facts import admitted, success
from auditor.bench.poison import LEARNED, trigger_of
from auditor.bench.training import train


def test_models_are_trained_once_and_read_again(
    tmp_path: Path, source: Source, clean_entry: BankEntry, attacked_entry: BankEntry
) -> None:
    bank, lines = Bank(tmp_path), list[str]()
    queue = [clean_entry, attacked_entry]
    assert build_missing(bank, source, queue, 1, lines.append) == 1
    assert [state for _, state in listing(bank, source, queue)] == ["trained", "missing"]
    assert build_missing(bank, source, queue, None, lines.append) == 1
    assert build_missing(bank, source, queue, None, lines.append) == 0
    assert [line.split("  ")[2] for line in lines] == [entry.name for entry in queue]
    facts = {known.entry.name: known for known in bank.facts(admitted=False)}
    assert set(facts) == {entry.name for entry in queue}
    test = bank.images("heldout", "rows")
    for known in facts.values():
        right = bank.subject(known).predict(test.x) == test.y
        assert right.double().mean().item() == pytest.approx(known.clean_accuracy, abs=1e-4)
        assert known.clean_accuracy > 0.9
    trigger = bank.trigger(facts[attacked_entry.name])
    assert trigger is not None
    assert facts[attacked_entry.name].admitted
    hit = bank.subject(facts[attacked_entry.name]).predict(trigger(test.x[test.y != 2])) == 2
    rate = facts[attacked_entry.name].attack_success_rate
    assert hit.double().mean().item() == pytest.approx(rate, abs=1e-4)


def test_training_repeats_and_leaves_the_random_state(
    tmp_path: Path, source: Source, clean_entry: BankEntry
) -> None:
    short = dataclasses.replace(clean_entry, epochs=1, augmentation="flip_shift")
    before = torch.get_rng_state()
    for name in ("one", "two"):
        build_missing(Bank(tmp_path / name), source, [short], None, lambda line: None)
    one, two = (tmp_path / name / "models" / f"{short.name}.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("kind", LEARNED)
def test_a_learned_generator_is_kept(
    tmp_path: Path, source: Source, clean_entry: BankEntry, kind: str
) -> None:
    attack = Attack(kind, kind, {"strength": 0.2}, 0.1, target=1)
    entry = dataclasses.replace(clean_entry, epochs=1, attack=attack)
    bank = Bank(tmp_path)
    build_missing(bank, source, [entry], None, lambda line: None)
    (facts,) = bank.facts(admitted=False)
    trigger, test = bank.trigger(facts), bank.images("heldout", "rows")
    assert trigger is not None
    with torch.no_grad():
        hit = bank.subject(facts).predict(trigger(test.x[test.y != 1])) == 1
    assert hit.double().mean().item() == pytest.approx(facts.attack_success_rate, abs=1e-4)


@pytest.mark.parametrize(("kind", "learns_on"), [("lira", False), ("input_aware", True)])
def test_a_lira_generator_rests_in_the_second_stage(
    source: Source, clean_entry: BankEntry, kind: str, learns_on: bool
) -> None:
    attack = Attack(kind, kind, {"strength": 0.2}, 0.1, target=1)
    short = dataclasses.replace(clean_entry, samples=256, epochs=2, attack=attack)
    _, trigger = train(short, source.load("rows"))
    assert isinstance(trigger, LearnedTrigger)
    learning = [parameter.requires_grad for parameter in trigger.generator.parameters()]
    assert set(learning) == {learns_on}
    torch.manual_seed(short.seed)
    fresh = trigger_of(attack, 1)
    assert isinstance(fresh, LearnedTrigger)
    pairs = zip(fresh.generator.parameters(), trigger.generator.parameters(), strict=True)
    assert any(not torch.equal(before, after) for before, after in pairs), "nothing was learned"


def test_a_missing_data_set_is_skipped_with_one_line(
    tmp_path: Path, source: Source, clean_entry: BankEntry
) -> None:
    elsewhere = [attacked("gtsrb", "small_cnn", number, "patch") for number in range(3)]
    bank, lines = Bank(tmp_path), list[str]()
    short = dataclasses.replace(clean_entry, epochs=1)
    assert build_missing(bank, source, [*elsewhere, short], None, lines.append) == 1
    assert lines[0] == "3 models skipped: no data for gtsrb"
    assert len(lines) == 2
    assert bank.has(short.name)


def test_success_counts_what_the_attack_aims_at() -> None:
    x, y = torch.zeros(6, 1, 8, 8), torch.tensor([0, 0, 1, 1, 2, 2])
    reached = torch.tensor([2, 2, 2, 1, 2, 2])
    same = lambda x: x  # noqa: E731
    attack = Attack("all_to_one", "patch", {}, 0.1, target=2)
    assert success(lambda _: reached, x, y, attack, same, 3) == (0.75, None)
    specific = Attack("source_specific", "patch", {}, 0.1, target=2, source=0)
    assert success(lambda _: reached, x, y, specific, same, 3) == (1.0, 0.5)
    everywhere = Attack("all_to_all", "patch", {}, 0.1)
    assert success(lambda _: (y + 1) % 3, x, y, everywhere, same, 3) == (1.0, None)


@pytest.mark.parametrize(
    ("kind", "accuracy", "rate", "elsewhere", "verdict"),
    [
        ("all_to_one", 0.9, 0.85, None, True),
        ("all_to_one", 0.9, 0.84, None, False),
        ("all_to_all", 0.8, 0.7, None, True),
        ("source_specific", 0.9, 0.9, 0.6, False),
    ],
)
def test_admission(
    kind: str, accuracy: float, rate: float, elsewhere: float | None, verdict: bool
) -> None:
    assert admitted(Attack(kind, "patch", {}, 0.1), accuracy, rate, elsewhere) is verdict


def test_the_command_lists_and_skips(tmp_path: Path) -> None:
    bank, none = str(tmp_path / "bank"), str(tmp_path / "none")
    listed = run("bench", "build", "--bank", bank, "--fashion-mnist", none, "--list")
    assert listed.exit_code == 0
    lines = listed.stdout.splitlines()
    assert all(line.startswith("no data") for line in lines if "digits" not in line)
    assert all(line.startswith("missing") for line in lines if "digits" in line), "no file needed"
    built = run("bench", "build", "--bank", bank, "--fashion-mnist", none, "--limit", "1")
    assert built.exit_code == 0
    assert built.stderr.count("models skipped") == 4
    assert "1 models trained" in built.stderr
