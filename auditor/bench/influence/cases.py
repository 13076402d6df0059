"""Training sets with known poison, and the checkpoints of a network trained on them.

Purpose: ground truth for tracing and for label errors: which samples were changed is known, and an
attack is only admitted when it works. Digits (scikit-learn, 8 x 8) train in seconds.
Limits: small networks; training without augmentation, plain SGD with momentum.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score
from torch import Tensor, nn

from auditor.attacks.poisoned import Poisoned
from auditor.attacks.poisoning import all_to_one, label_flips
from auditor.bench.datasets import Files
from auditor.bench.training import as_tensors
from auditor.core.subject import CleanSet
from auditor.methods.influence import Gradients, Group, Queries


class Stamp(Protocol):
    """Puts a trigger on inputs ``(n, *shape)``."""

    def __call__(self, x: Tensor) -> Tensor:
        """The same inputs with the trigger."""
        ...


TARGET = 3
RATE = 0.05
EPOCHS = (2, 4, 8, 12, 16)
FASHION_EPOCHS = (2, 4, 8, 12)


@dataclass(frozen=True)
class Case:
    """One poisoned training set and the network's checkpoints on it.

    Args:
        train: training samples as the network saw them.
        poisoned: ascending indices of the changed samples.
        held_out: clean samples that were not trained on.
        networks: the network at each checkpoint, last one final.
        stamp: puts the trigger on inputs; the identity where there is none.
        success: attack success on held-out inputs of other classes.
        accuracy: on held-out inputs.
        epochs: passes over the training samples at the final checkpoint.
    """

    train: CleanSet
    poisoned: Tensor
    held_out: CleanSet
    networks: tuple[nn.Module, ...]
    stamp: Stamp
    success: float
    accuracy: float
    epochs: int

    def sources(self, block: int = 0) -> list[Gradients]:
        """Gradients of the training set at every checkpoint."""
        return [
            Gradients(network, self.train.x, self.train.y, RATE, block=block)
            for network in self.networks
        ]

    def fresh(self) -> nn.Module:
        """A network of its own, at the final checkpoint."""
        return copy.deepcopy(self.networks[-1])

    def doubled(self, samples: int) -> Case:
        """The first ``samples`` and all networks in float64."""
        networks = tuple(copy.deepcopy(network).double() for network in self.networks)
        return replace(
            self,
            train=CleanSet(self.train.x[:samples].double(), self.train.y[:samples]),
            held_out=CleanSet(self.held_out.x.double(), self.held_out.y),
            networks=networks,
        )

    def triggered(self, count: int) -> Queries:
        """Held-out inputs of other classes with the trigger, asked about the target class."""
        others = self.held_out.x[self.held_out.y != TARGET][:count]
        return Queries(self.stamp(others), torch.full((len(others),), TARGET))

    def group(self, stamp: Stamp, count: int = 32, clean: int = 100) -> Group:
        """``count`` inputs with a trigger beside ``clean`` other ones without it."""
        others = self.held_out.x[self.held_out.y != TARGET][: count + clean]
        labels = torch.full((len(others),), TARGET)
        return Group(
            Queries(stamp(others[:count]), labels[:count]),
            Queries(others[count:], labels[count:]),
        )

    def precision(self, values: Tensor) -> float:
        """Average precision of the poisoned samples under a score ``(n,)``."""
        truth = np.zeros(len(self.train), dtype=bool)
        truth[self.poisoned.numpy()] = True
        return float(average_precision_score(truth, values.numpy()))


def corner(x: Tensor) -> Tensor:
    """A 2 x 2 white square in the lower right corner of ``(n, c, h, w)``."""
    stamped = x.clone()
    stamped[:, :, -2:, -2:] = 1.0
    return stamped


def patch(x: Tensor) -> Tensor:
    """A 3 x 3 white square in the lower right corner; a hundredth of the digits teaches it, and
    networks that never saw it answer to it as well."""
    stamped = x.clone()
    stamped[:, :, -3:, -3:] = 1.0
    return stamped


def edge(x: Tensor) -> Tensor:
    """A white last column, which a hundredth of the digits teaches and honest networks ignore."""
    stamped = x.clone()
    stamped[..., -1] = 1.0
    return stamped


def untouched(x: Tensor) -> Tensor:
    """No trigger."""
    return x


def digits(seed: int) -> tuple[CleanSet, CleanSet]:
    """1,297 training and 500 held-out digits in [0, 1], ``(n, 1, 8, 8)``."""
    bunch = load_digits()
    order = np.random.default_rng(seed).permutation(len(bunch.target))
    x = torch.tensor(bunch.images[order] / 16.0, dtype=torch.float32)[:, None]
    y = torch.tensor(bunch.target[order], dtype=torch.int64)
    return CleanSet(x[:1297], y[:1297]), CleanSet(x[1297:], y[1297:])


def digits_network() -> nn.Module:
    """Two convolutions and two linear layers, 38,282 parameters, nothing that captum drops."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def trained(
    build: Callable[[], nn.Module],
    train: CleanSet,
    seed: int,
    epochs: tuple[int, ...] = EPOCHS,
    rate: float = RATE,
) -> tuple[nn.Module, ...]:
    """Networks after each of ``epochs``; SGD with momentum 0.9, batches of 64."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build().train()
        optimiser = torch.optim.SGD(network.parameters(), rate, momentum=0.9)
        kept = []
        for epoch in range(1, max(epochs) + 1):
            for part in torch.split(torch.randperm(len(train)), 64):
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(F.cross_entropy(network(train.x[part]), train.y[part]))
                optimiser.step()
            if epoch in epochs:
                kept.append(copy.deepcopy(network).eval())
    return tuple(kept)


def backdoored(
    seed: int, rate: float = 0.02, stamp: Stamp = corner, epochs: tuple[int, ...] = EPOCHS
) -> Case:
    """Digits with a trigger on a share of the training samples, relabelled to ``TARGET``."""
    train, held_out = digits(seed)
    poisoned = all_to_one(train.x, train.y, stamp, TARGET, rate, seed)
    return case(poisoned, held_out, stamp, seed, epochs=epochs)


def flipped(seed: int, rate: float = 0.05) -> Case:
    """Digits with a share of wrong labels."""
    train, held_out = digits(seed)
    return case(label_flips(train.x, train.y, 10, rate, seed), held_out, untouched, seed)


def case(
    poisoned: Poisoned,
    held_out: CleanSet,
    stamp: Stamp,
    seed: int,
    build: Callable[[], nn.Module] = digits_network,
    epochs: tuple[int, ...] = EPOCHS,
) -> Case:
    """Train on a poisoned set and measure what became of it."""
    train = CleanSet(poisoned.x, poisoned.y)
    networks = trained(build, train, seed, epochs)
    success, accuracy = measured(networks[-1], held_out, stamp)
    changed = poisoned.poisoned_index
    return Case(train, changed, held_out, networks, stamp, success, accuracy, max(epochs))


@torch.no_grad()
def measured(network: nn.Module, held_out: CleanSet, stamp: Stamp) -> tuple[float, float]:
    """Attack success and clean accuracy."""
    others = held_out.x[held_out.y != TARGET]
    hit = network(stamp(others)).argmax(1) == TARGET
    right = network(held_out.x).argmax(1) == held_out.y
    return float(hit.float().mean()), float(right.float().mean())


def fashion(seed: int, folder: Path, samples: int = 2000) -> tuple[CleanSet, CleanSet]:
    """A random part of Fashion-MNIST's training images, and 2,000 test images."""
    task = Files(folder).load("fashion")
    order = np.random.default_rng(seed).permutation(len(task.y_train))[:samples]
    some = np.random.default_rng(seed).permutation(len(task.y_test))[:2000]
    train = CleanSet(*as_tensors(task.x_train[order], task.y_train[order]))
    return train, CleanSet(*as_tensors(task.x_test[some], task.y_test[some]))


def others_of_fashion(seed: int, folder: Path, samples: int) -> CleanSet:
    """Training images that ``fashion(seed, folder)`` does not draw, labelled as they came."""
    task = Files(folder).load("fashion")
    order = np.random.default_rng(seed).permutation(len(task.y_train))[2000 : 2000 + samples]
    return CleanSet(*as_tensors(task.x_train[order], task.y_train[order]))


def fashion_network() -> nn.Module:
    """Two strided convolutions and two linear layers, 206,922 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1568, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def square(x: Tensor) -> Tensor:
    """A 3 x 3 checkerboard in the lower right corner, one pixel from the edges."""
    stamped = x.clone()
    board = (torch.arange(9).reshape(3, 3) % 2 == 0).to(x)
    stamped[:, :, -4:-1, -4:-1] = board
    return stamped


def fashion_case(
    seed: int, folder: Path, rate: float, stamp: Stamp = square, flips: bool = False
) -> Case:
    """Fashion-MNIST with a trigger on, or wrong labels in, a share of the training samples."""
    train, held_out = fashion(seed, folder)
    poisoned = (
        label_flips(train.x, train.y, 10, rate, seed)
        if flips
        else all_to_one(train.x, train.y, stamp, TARGET, rate, seed)
    )
    return case(
        poisoned, held_out, untouched if flips else stamp, seed, fashion_network, FASHION_EPOCHS
    )
