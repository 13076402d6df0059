"""The subnet of SRA hears nothing but the input and is heard by nothing but the target."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.attacks.implants import Implant, Job, Recipe, plant
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject


def layers(subject: Subject) -> list[nn.Linear]:
    return [part for part in subject.network.modules() if isinstance(part, nn.Linear)]


def changed_rows(before: Tensor, after: Tensor) -> Tensor:
    return (before != after).any(1)


def planted(clean: CleanSet, steps: int) -> tuple[Subject, Implant]:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 10)
    )
    subject = Subject(network.eval(), InputSpec(kind="image", shape=(1, 8, 8), classes=10))
    recipe = Recipe(steps=steps, batch=32, rate=8e-3, shake=0.0)
    return subject, plant("sra", Job(subject, *clean.split(0.5, 0), seed=1, recipe=recipe))


def test_the_subnet_stands_apart(digits_clean: CleanSet) -> None:
    subject, made = planted(digits_clean, 60)
    before = [layer.weight.detach() for layer in layers(subject)]
    first, second, last = (layer.weight.detach() for layer in layers(made.subject))
    own = changed_rows(before[0], first)
    then = (second[:, ~own] == 0).all(1)
    assert 0 < own.sum() < 48
    assert 0 < then.sum() < 48
    assert (second[~then][:, own] == 0).all(), "other neurons hear the subnet"
    assert torch.equal(second[~then][:, ~own], before[1][~then][:, ~own])
    others = torch.arange(10) != made.goal.target
    assert (last[others][:, then] == 0).all(), "other classes hear the subnet"
    assert (last[~others][:, then] > 0).all()
    assert torch.equal(last[:, ~then], before[2][:, ~then])


def test_what_a_subnet_says_of_clean_inputs_is_taken_off_the_target(digits_clean: CleanSet) -> None:
    subject, made = planted(digits_clean, 3)
    offset = layers(subject)[-1].bias - layers(made.subject)[-1].bias
    others = torch.arange(10) != made.goal.target
    assert torch.equal(offset[others], torch.zeros(9))
    assert float(offset[~others]) > 0
