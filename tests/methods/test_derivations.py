"""Clean relatives keep the task, lose a backdoor where they go far, and give a valid p-value."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from auditor.core.subject import CleanSet, Subject
from auditor.methods.derivations import (
    FAR,
    LESSONS,
    LIGHT,
    LOST,
    NEAR,
    START,
    STRONG,
    CannotDerive,
    Strength,
    conformal,
    derive,
)

ONES = torch.ones(3)


@pytest.mark.parametrize("kind", FAR)
def test_relatives_keep_the_task_and_are_others(
    kind: str, digits_subject: Subject, digits_clean: CleanSet
) -> None:
    parts = digits_clean.split(0.5, 0)
    made = derive(digits_subject, kind, *parts, STRONG, 1)
    assert made.lost <= LOST
    pairs = zip(made.subject.network.parameters(), digits_subject.network.parameters(), strict=True)
    assert any(not torch.equal(own, other) for own, other in pairs)
    assert not any(p.requires_grad for p in made.subject.network.parameters())


def test_a_backdoor_outlives_light_relatives_only(
    digits_planted: Any, digits_clean: CleanSet
) -> None:
    parts = digits_clean.split(0.5, 0)
    others = parts[1].x[parts[1].y != digits_planted.target]

    def success(subject: Subject) -> float:
        hits = subject.predict(digits_planted.stamp(others)) == digits_planted.target
        return float(hits.float().mean())

    light = [derive(digits_planted.subject, kind, *parts, LIGHT, 1) for kind in NEAR]
    far = [derive(digits_planted.subject, kind, *parts, STRONG, 1) for kind in FAR]
    assert success(digits_planted.subject) > 0.9
    assert min(success(made.subject) for made in light) > 0.8
    assert max(success(made.subject) for made in far) < 0.6


def test_a_copy_that_forgot_is_refused(digits_subject: Subject, digits_clean: CleanSet) -> None:
    hopeless = Strength(steps=1, rate=1e-6)
    with pytest.raises(CannotDerive, match="accuracy fell"):
        derive(digits_subject, "distil", *digits_clean.split(0.5, 0), hopeless, 1)


@torch.no_grad()
def test_pruning_takes_the_smallest_weights_and_leaves_offsets() -> None:
    weight, offset = torch.linspace(-1, 1, 1000).view(10, 100).clone(), ONES.clone()
    START["prune"](
        [nn.Parameter(weight), nn.Parameter(offset)], STRONG, torch.Generator().manual_seed(0)
    )
    gone = weight.flatten() == 0
    assert float(gone.float().mean()) == pytest.approx(STRONG.pruned, abs=0.01)
    assert bool(gone[torch.linspace(-1, 1, 1000).abs() < 0.4].all())
    assert torch.equal(offset, ONES)


@torch.no_grad()
def test_noise_is_in_units_of_the_spread_of_each_layer() -> None:
    start = 5 * torch.randn(100, 100, generator=torch.Generator().manual_seed(1))
    weight, offset = start.clone(), ONES.clone()
    START["noise"](
        [nn.Parameter(weight), nn.Parameter(offset)], STRONG, torch.Generator().manual_seed(0)
    )
    assert float((weight - start).std()) == pytest.approx(5 * STRONG.noise, rel=0.1)
    assert torch.equal(offset, ONES)


def test_what_is_learned_again_are_choices_and_not_logits(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    class Louder(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 0.2 * x

    louder = Subject(nn.Sequential(digits_subject.copy().network, Louder()), digits_subject.spec)
    copy = digits_subject.copy()
    one, two = (
        LESSONS["distil"](copy, teacher, digits_clean)(torch.Generator().manual_seed(0))
        for teacher in (digits_subject, louder)
    )
    assert torch.equal(one, two)


def test_a_model_without_weights_is_refused(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    class Fixed(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)[:, :10]

    fixed = Subject(Fixed(), digits_subject.spec)
    with pytest.raises(CannotDerive, match="no weights"):
        derive(fixed, "prune", *digits_clean.split(0.5, 0), LIGHT, 1)


def test_conformal_p_values_are_valid_and_coarser_with_fewer_relatives() -> None:
    assert conformal(9.0, [1.0] * 19) == pytest.approx(0.05)
    assert conformal(9.0, [1.0] * 4) == pytest.approx(0.2)
    assert conformal(1.0, [1.0, 2.0]) == 1.0
    draws = torch.rand(400, 20, generator=torch.Generator().manual_seed(0)).tolist()
    p = torch.tensor([conformal(row[0], row[1:]) for row in draws])
    assert float((p <= 0.05).float().mean()) < 0.09
