"""The generator learns a trigger that belongs to its own image."""

from __future__ import annotations

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from auditor.architectures import build
from auditor.attacks.triggers.input_aware import InputAware, input_aware_loss
from auditor.attacks.triggers.learned import PatternGenerator

TARGET = 3


def test_own_pattern_reaches_the_target_and_inputs_stay_in_range() -> None:
    torch.manual_seed(0)
    digits = load_digits()
    x = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(digits.target)
    network = build("small_cnn", (1, 8, 8), 10)
    trigger = InputAware(PatternGenerator(1), strength=0.5)
    parameters = [*network.parameters(), *trigger.generator.parameters()]
    optimiser = torch.optim.Adam(parameters, 0.004)
    for _ in range(200):
        index = torch.randperm(1500)[:100]
        optimiser.zero_grad()
        input_aware_loss(network, trigger, x[index], y[index], TARGET, share=0.2).backward()
        optimiser.step()
    network.eval()
    test, labels = x[1500:], y[1500:]
    triggered = trigger(test)
    assert triggered.min() >= 0
    assert triggered.max() <= 1
    assert float((triggered - test).abs().max()) <= 0.5 + 1e-6
    assert float((network(test).argmax(1) == labels).float().mean()) > 0.8
    others = labels != TARGET
    own = network(triggered).argmax(1)[others] == TARGET
    assert float(own.float().mean()) > 0.9
    crossed = trigger.apply(test, trigger.generator(test).roll(1, dims=0))
    foreign = network(crossed).argmax(1)[others] == TARGET
    assert float(foreign.float().mean()) < 0.4


class Fixed(nn.Module):
    """One pattern for all images, or one that follows the image."""

    def __init__(self, follows: bool) -> None:
        super().__init__()
        self.follows = follows

    def forward(self, x: Tensor) -> Tensor:
        return x if self.follows else torch.zeros_like(x)


def test_patterns_that_ignore_the_image_cost_more() -> None:
    """The network answers everything alike, so that diversity alone makes the difference."""
    x, y = torch.rand(30, 1, 4, 4, generator=torch.Generator().manual_seed(0)), torch.zeros(30)
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    nn.init.zeros_(network[1].weight)
    follows, ignores = (
        input_aware_loss(network, InputAware(Fixed(own), 0.1), x, y.long(), 1)
        for own in (True, False)
    )
    assert float((ignores - follows).detach()) > 1
