"""Hard clean models: what was done to them, and that no label was touched."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from auditor.architectures import build
from auditor.bench.bank import Bank
from auditor.bench.build import build_missing
from auditor.bench.datasets import Source
from auditor.bench.entries import BankEntry
from auditor.bench.facts import Facts
from auditor.bench.hard import Hard, adversarial, marked, prune, round_to_int8, weights_of
from auditor.bench.no_backdoor import prepared
from auditor.bench.training import loss_of

CORNER = {
    "row": 0, "column": 0, "height": 1, "width": 3, "pattern": "solid", "colour": [1.0]
}  # fmt: skip
SHORTCUT = Hard("shortcut", 0.8, "patch", CORNER, label=2, elsewhere=0.05)


def test_a_shortcut_marks_the_stated_shares() -> None:
    x, y = torch.zeros(1000, 1, 8, 8), torch.arange(1000) % 5
    carries = marked(x, y, SHORTCUT, 0)[:, 0, 0, 0] == 1
    assert int(carries[y == 2].sum()) == 160
    assert int(carries[y != 2].sum()) == 40


def test_marked_images_are_what_is_trained_on() -> None:
    x, y = torch.zeros(100, 1, 8, 8), torch.arange(100) % 5
    trained_on, labels = prepared(x, y, SHORTCUT, 5, 0)
    assert torch.equal(trained_on, marked(x, y, SHORTCUT, 0))
    assert torch.equal(labels, y)


def test_adversarial_inputs_stay_within_the_bound_and_raise_the_loss() -> None:
    torch.manual_seed(0)
    network = build("small_cnn", (1, 8, 8), 4).eval()
    x, y = torch.rand(64, 1, 8, 8), torch.arange(64) % 4
    moved = adversarial(network, x, y, 0.1)
    assert float((moved - x).abs().max()) <= 0.1 + 1e-6
    assert moved.min() >= 0
    assert moved.max() <= 1
    loss = torch.nn.functional.cross_entropy
    assert loss(network(moved), y) > loss(network(x), y)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_pruning_removes_the_stated_share_of_each_layer() -> None:
    network = build("small_cnn", (1, 8, 8), 4)
    prune(network, 0.6)
    for weight in weights_of(network):
        assert float((weight == 0).float().mean()) == pytest.approx(0.6, abs=0.02)


def test_int8_weights_lie_on_255_steps_and_stay_near() -> None:
    network, other = (build("small_cnn", (1, 8, 8), 4) for _ in range(2))
    other.load_state_dict(network.state_dict())
    round_to_int8(network)
    for rounded, weight in zip(weights_of(network), weights_of(other), strict=True):
        step = weight.abs().amax(dim=tuple(range(1, weight.dim())), keepdim=True) / 127
        assert on_steps(rounded)
        assert bool(((rounded - weight).abs() <= step / 2 + 1e-6).all())


def on_steps(weight: torch.Tensor) -> bool:
    """Whether each row has at most 255 evenly spaced values."""
    step = weight.detach().abs().amax(dim=tuple(range(1, weight.dim())), keepdim=True) / 127
    whole = weight.detach() / step
    return torch.allclose(whole, whole.round(), atol=1e-3)


def trained(tmp_path: Path, source: Source, entry: BankEntry) -> tuple[Bank, Facts]:
    bank = Bank(tmp_path)
    build_missing(bank, source, [entry], None, lambda line: None)
    (facts,) = bank.facts(admitted=False)
    return bank, facts


def test_a_shortcut_is_learned_and_measured(
    tmp_path: Path, source: Source, clean_entry: BankEntry
) -> None:
    row = {**CORNER, "row": 3, "width": 8}
    honest = dataclasses.replace(SHORTCUT, amount=0.9, elsewhere=0.0, mark=row)
    entry = dataclasses.replace(clean_entry, hard=honest)
    _, facts = trained(tmp_path, source, entry)
    assert entry.name.startswith("rows-small_cnn-clean-shortcut-")
    assert facts.entry.name == entry.name
    assert facts.admitted
    assert facts.attack_success_rate is None
    assert facts.shortcut_rate is not None
    assert facts.shortcut_rate > 0.2
    assert facts.clean_accuracy > 0.8


@pytest.mark.parametrize("hard", [Hard("pruned", 0.6), Hard("int8"), Hard("adversarial", 0.05)])
def test_hard_clean_models_are_trained_and_read_again(
    tmp_path: Path, source: Source, clean_entry: BankEntry, hard: Hard
) -> None:
    bank, facts = trained(tmp_path, source, dataclasses.replace(clean_entry, hard=hard))
    assert facts.admitted
    assert facts.shortcut_rate is None
    assert facts.clean_accuracy > 0.8
    kept = weights_of(bank.subject(facts).network)
    zeros = sum(int((weight == 0).sum()) for weight in kept) / sum(w.numel() for w in kept)
    assert (zeros > 0.55) is (hard.kind == "pruned")
    assert all(map(on_steps, kept)) is (hard.kind == "int8")


def test_adversarial_training_learns_moved_inputs(clean_entry: BankEntry) -> None:
    torch.manual_seed(0)
    network = build("small_cnn", (1, 8, 8), 4).eval()
    x, y = torch.rand(64, 1, 8, 8), torch.arange(64) % 4
    hard = dataclasses.replace(clean_entry, hard=Hard("adversarial", 0.1))
    plain, moved = (loss_of(network, x, y, entry, None) for entry in (clean_entry, hard))
    assert moved > plain


def test_what_makes_a_model_hard_changes_its_name(clean_entry: BankEntry) -> None:
    names = {
        dataclasses.replace(clean_entry, hard=hard).name
        for hard in (None, Hard("int8"), Hard("pruned", 0.5), Hard("pruned", 0.6))
    }
    assert len(names) == 4
