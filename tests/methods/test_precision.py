"""Training in bfloat16 moves the very weights of a copy, and leaves a network of full precision."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.spec import InputSpec
from auditor.core.subject import Subject
from auditor.methods import precision
from auditor.methods.precision import in_full, in_half

SPEC = InputSpec(kind="image", shape=(1, 8, 8), classes=2)


@pytest.fixture(autouse=True)
def capable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_processor_has_it", lambda: True)


def copy_of(*layers: nn.Module) -> Subject:
    torch.manual_seed(0)
    return Subject(nn.Sequential(*layers), SPEC).copy()


def test_answers_are_rounded_while_it_trains_and_not_afterwards() -> None:
    copy = copy_of(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2))
    x = torch.rand(5, 1, 8, 8)
    exact = copy(x).detach()
    half = in_half(copy)
    rounded = half(x)
    assert rounded.dtype == torch.float32
    assert 0 < float((rounded.detach() - exact).abs().max()) < 0.02
    torch.autograd.backward(rounded.sum())
    assert all(weight.grad is not None for weight in copy.network.parameters())
    assert in_full(half.network) is copy.network
    assert torch.equal(copy(x).detach(), exact)


def test_what_gains_nothing_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    perceptron = copy_of(nn.Flatten(), nn.Linear(64, 2))
    assert in_half(perceptron) is perceptron
    monkeypatch.setattr(precision, "_processor_has_it", lambda: False)
    convolutional = copy_of(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2))
    assert in_half(convolutional) is convolutional


def test_frozen_weights_stay_frozen() -> None:
    copy = copy_of(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2))
    copy.network[2].requires_grad_(False)
    wanted = [weight.requires_grad for weight in copy.network.parameters()]
    assert [weight.requires_grad for weight in in_half(copy).network.parameters()] == wanted
