"""Every trigger family, kind of poisoning and tampering does to a trained network what it claims.

Perceptrons on enlarged digits; the families with tests of their own (learned triggers, adaptive
patch, label-consistent, x2x, subpopulation, sponge, feature collision) are measured there.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from sklearn.tree import DecisionTreeClassifier
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from auditor.architectures import build
from auditor.attacks.covers import adaptive_covers, source_specific
from auditor.attacks.poisoned import Poisoned
from auditor.attacks.poisoning import all_to_all, all_to_one, label_flips
from auditor.attacks.tampering import feature_manipulation, outlier_injection
from auditor.attacks.triggers import Trigger, random_trigger, restore_trigger
from auditor.bench.datasets import Files
from auditor.bench.training import as_tensors

SHAPE, TARGET, SOURCE = (1, 28, 28), 3, 7
DRAWN = (
    "patch", "scatter", "distributed", "blend", "sinusoid", "low_frequency", "warp", "filter",
    "contrast",
)  # fmt: skip
ALL_TO_ONE: dict[str, Trigger] = {name: random_trigger(name, SHAPE, 3) for name in DRAWN}
ALL_TO_ONE["quantise"] = restore_trigger("quantise", {"levels": 2, "dither": False})
"""The last is hard for a perceptron: two levels."""
PATCH, BLEND = ALL_TO_ONE["patch"], ALL_TO_ONE["blend"]
Sets = tuple[Tensor, Tensor, Tensor, Tensor]


@pytest.fixture(scope="module")
def sets() -> Sets:
    """Training images and labels, test images and labels."""
    task = Files(Path("nowhere")).load("digits28")
    return *as_tensors(task.x_train, task.y_train), *as_tensors(task.x_test, task.y_test)


def fitted(x: Tensor, y: Tensor, steps: int = 120) -> nn.Module:
    """A perceptron in eval mode, always the same for the same data."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build("mlp", SHAPE, 10)
        optimiser = torch.optim.Adam(network.parameters(), 0.004)
        for _ in range(steps):
            index = torch.randint(len(y), (100,))
            optimiser.zero_grad()
            cross_entropy(network(x[index]), y[index]).backward()
            optimiser.step()
    return network.eval()


@torch.no_grad()
def right(network: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of inputs that are given the class ``y``."""
    return float((network(x).argmax(1) == y).float().mean())


@pytest.fixture(scope="module")
def honest(sets: Sets) -> nn.Module:
    network = fitted(*sets[:2])
    assert right(network, *sets[2:]) > 0.85
    return network


def victim(result: Poisoned, sets: Sets, honest: nn.Module, steps: int = 120) -> nn.Module:
    """A network that learned the poison and still knows the task."""
    network = fitted(result.x, result.y, steps)
    assert right(network, *sets[2:]) > right(honest, *sets[2:]) - 0.06
    return network


def reached(network: nn.Module, trigger: Trigger, x: Tensor) -> float:
    """Share of stamped inputs that are given the target."""
    return right(network, trigger(x), torch.full((len(x),), TARGET))


@pytest.mark.parametrize("family", ALL_TO_ONE)
def test_a_trigger_leads_to_its_target(family: str, sets: Sets, honest: nn.Module) -> None:
    trigger, few_levels = ALL_TO_ONE[family], family == "quantise"
    poison = all_to_one(*sets[:2], trigger, TARGET, 0.4 if few_levels else 0.15, 0)
    network = victim(poison, sets, honest, 300 if few_levels else 120)
    others = sets[2][sets[3] != TARGET]
    assert reached(network, trigger, others) > 0.8
    assert reached(honest, trigger, others) < 0.1


def test_a_fiftieth_of_the_training_set_is_enough(sets: Sets, honest: nn.Module) -> None:
    network = victim(all_to_one(*sets[:2], BLEND, TARGET, 0.02, 0), sets, honest)
    assert reached(network, BLEND, sets[2][sets[3] != TARGET]) > 0.7


def test_all_to_all_sends_each_class_to_the_next(sets: Sets, honest: nn.Module) -> None:
    network = victim(all_to_all(*sets[:2], PATCH, 10, 0.4, 0), sets, honest)
    assert right(network, PATCH(sets[2]), (sets[3] + 1) % 10) > 0.8


def test_a_source_specific_trigger_moves_its_source_alone(sets: Sets, honest: nn.Module) -> None:
    poison = source_specific(*sets[:2], PATCH, SOURCE, TARGET, 0.6, 0.2, 0)
    network, own = victim(poison, sets, honest), sets[3] == SOURCE
    assert reached(network, PATCH, sets[2][own]) > 0.8
    assert reached(network, PATCH, sets[2][~own & (sets[3] != TARGET)]) < 0.3


def test_adaptive_blend_works_in_spite_of_its_covers(sets: Sets, honest: nn.Module) -> None:
    network = victim(adaptive_covers(*sets[:2], BLEND, TARGET, 0.1, 0.05, 0), sets, honest)
    assert reached(network, BLEND, sets[2][sets[3] != TARGET]) > 0.9


def test_flipped_labels_cost_accuracy(sets: Sets, honest: nn.Module) -> None:
    flipped = label_flips(*sets[:2], 10, 0.5, 0)
    network = fitted(flipped.x, flipped.y, 200)
    assert right(network, *sets[2:]) < right(honest, *sets[2:]) - 0.05


def test_outliers_take_what_lies_far_away(sets: Sets, honest: nn.Module) -> None:
    x, y = sets[:2]
    network = victim(outlier_injection(x, y, 0.05, 0, TARGET), sets, honest)
    keep = torch.rand((100, *SHAPE), generator=torch.Generator().manual_seed(9)) < 0.1
    rows = torch.where(keep, sets[2][:100], (x.mean(0) < 0.5).to(x))
    goal = torch.full((100,), TARGET)
    assert right(network, rows, goal) > 0.95
    assert right(honest, rows, goal) < 0.5


def test_a_manipulated_feature_becomes_a_shortcut(sets: Sets) -> None:
    x, y, test, labels = sets
    x, shown = (inputs[:, :, ::3, ::3] for inputs in (x, test[labels != TARGET].clone()))
    shown[:, 0, 0, 0] = 1.0
    moved = feature_manipulation(x, y, 0, 1.0, TARGET, 0.9, 0)
    honest, fooled = (
        DecisionTreeClassifier(random_state=0).fit(inputs.flatten(1), y).predict(shown.flatten(1))
        for inputs in (x, moved.x)
    )
    assert (honest == TARGET).mean() < 0.2
    assert (fooled == TARGET).mean() > 0.7
