"""The same network, quicker."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from auditor.architectures import build
from auditor.core.spec import InputSpec
from auditor.core.subject import Subject
from auditor.methods.swift import original, swift

SHAPE = (3, 16, 16)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def subject_of(network: nn.Module) -> Subject:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.randn_like(module.running_mean)
            module.running_var = torch.rand_like(module.running_var) + 0.5
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias)
    return Subject(network, InputSpec(kind="image", shape=SHAPE, classes=5))


def norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.fixture
def x() -> Tensor:
    return torch.rand(12, *SHAPE, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", ["small_cnn", "resnet8", "mobilenet", "wide_resnet", "vgg11"])
def test_answers_and_gradients_stay(name: str, x: Tensor) -> None:
    slow = subject_of(build(name, SHAPE, 5))
    quick = swift(slow, x)
    assert quick is not slow
    assert original(quick.network) is slow.network
    torch.testing.assert_close(quick(x), slow(x), rtol=1e-3, atol=1e-3)
    before, after = x.clone().requires_grad_(), x.clone().requires_grad_()
    slow(before)[:, 1].sum().backward()
    quick(after)[:, 1].sum().backward()
    torch.testing.assert_close(after.grad, before.grad, rtol=1e-2, atol=1e-3)


def test_norms_go_into_the_convolution_before_them(x: Tensor) -> None:
    slow = subject_of(build("resnet8", SHAPE, 5))
    assert norms(slow.network) > 5
    quick = swift(slow, x)
    assert norms(quick.network) == 0
    assert norms(slow.network) > 5, "the model itself stays"


class Twice(nn.Module):
    """The convolution's output goes into a norm and, in the way of a residual, beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        held = self.convolution(x)
        return self.head((self.norm(held) + held).mean((2, 3)))


class Shared(Twice):
    """One convolution under one norm, called two times."""

    def forward(self, x: Tensor) -> Tensor:
        first, second = (self.norm(self.convolution(part)) for part in x.split(8, 2))
        return self.head((first.relu() + second).mean((2, 3)))


class Viewed(Twice):
    """Takes for granted how the convolution's output lies in memory."""

    def forward(self, x: Tensor) -> Tensor:
        return self.convolution(x).view(len(x), -1)[:, :5]


def test_a_norm_whose_convolution_is_used_elsewhere_stays(x: Tensor) -> None:
    slow = subject_of(Twice())
    quick = swift(slow, x)
    assert norms(quick.network) == 1
    torch.testing.assert_close(quick(x), slow(x))


def test_what_refuses_other_memory_is_used_as_it_is(x: Tensor) -> None:
    slow = subject_of(Viewed())
    assert swift(slow, x) is slow


def test_a_convolution_that_is_called_twice_keeps_its_norm(x: Tensor) -> None:
    slow = subject_of(Shared())
    quick = swift(slow, x)
    assert norms(quick.network) == 1
    torch.testing.assert_close(quick(x), slow(x))


def test_tables_stay(x: Tensor) -> None:
    slow = Subject(nn.Linear(7, 2), InputSpec(kind="tabular", shape=(7,), classes=2))
    assert swift(slow, torch.rand(4, 7)) is slow


def test_a_scripted_network_answers_alike(x: Tensor) -> None:
    slow = subject_of(build("small_cnn", SHAPE, 5))
    scripted = Subject(torch.jit.trace(copy.deepcopy(slow.network), x[:2]), slow.spec)
    torch.testing.assert_close(swift(scripted, x)(x), slow(x), rtol=1e-3, atol=1e-4)
