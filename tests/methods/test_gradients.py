"""Factored gradient norms equal those of autograd, sample by sample."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auditor.core.subject import CleanSet, Subject
from auditor.methods.gradients import squared_gradient_norms
from auditor.methods.self_influence import residual_norms, self_influence


class Reused(nn.Module):
    """One linear layer used twice, another over tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.tokens, self.head = nn.Linear(8, 8), nn.Linear(8, 6), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        rows = x.reshape(len(x), 8, 8)
        again = torch.tanh(self.inner(torch.tanh(self.inner(rows))))
        logits: Tensor = self.head(self.tokens(again).mean(1))
        return logits


def convolutions() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding="same", padding_mode="reflect"),
        nn.ReLU(inplace=True),
        nn.Conv2d(6, 8, 3, stride=2, padding=1, groups=2),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        nn.Conv2d(8, 8, 3, dilation=2, padding=2, bias=False),
        nn.Flatten(),
        nn.Linear(8 * 16, 5),
    )


def by_autograd(network: nn.Module, x: Tensor, y: Tensor, names: set[str]) -> Tensor:
    chosen = [p for name, p in network.named_parameters() if name in names]
    norms = []
    for i in range(len(x)):
        loss = F.cross_entropy(network(x[i : i + 1]), y[i : i + 1])
        norms.append(sum(g.square().sum() for g in torch.autograd.grad(loss, chosen)))
    return torch.stack([torch.as_tensor(norm) for norm in norms]).double()


@pytest.mark.parametrize("build", [convolutions, Reused])
def test_equal_to_autograd(build: Callable[[], nn.Module]) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network, x = build().eval(), torch.rand(7, 1, 8, 8)
    y = torch.arange(7) % 5
    found = squared_gradient_norms(network, x, y)
    covered = {name for name, _ in network.named_parameters()} - set(found.uncovered)
    torch.testing.assert_close(
        found.total, by_autograd(network, x, y, covered), rtol=1e-5, atol=1e-9
    )


def test_normalisation_is_named_as_uncovered() -> None:
    found = squared_gradient_norms(convolutions(), torch.rand(2, 1, 8, 8), torch.tensor([0, 1]))
    assert set(found.uncovered) == {"3.weight", "3.bias"}


def test_training_mode_comes_back_and_statistics_stay() -> None:
    network = convolutions().train()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    squared_gradient_norms(network, torch.rand(4, 1, 8, 8), torch.zeros(4, dtype=torch.int64))
    assert network.training
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())


def nothing(share: float, note: str) -> None:
    """A check that never stops."""


def test_scripted_model_falls_back_to_its_last_parameters(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    x, y = digits_clean.x[:20], digits_clean.y[:20]
    scripted = torch.jit.trace(digits_subject.network, x[:2])
    found = self_influence(scripted, x, y, nothing)
    names = {name for name, _ in digits_subject.network.named_parameters()}
    own = digits_subject.copy().network
    torch.testing.assert_close(found.values, by_autograd(own, x, y, names), rtol=1e-4, atol=1e-9)
    assert not any(p.requires_grad for p in scripted.parameters())


def test_model_without_parameters_falls_back_to_the_residual() -> None:
    network, x, y = nn.Flatten(), torch.rand(6, 1, 2, 2), torch.arange(6) % 4
    found = self_influence(network, x, y, nothing)
    torch.testing.assert_close(found.values, residual_norms(x.flatten(1), y))
    assert not found.complete
