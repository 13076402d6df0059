"""Clean classifiers of tables, for their null distribution.

Scikit-learn's breast cancer (2 classes), wine (3 classes), digits as columns (10 classes) and
synthetic tables of 2 to 6 classes. Rows, length of training and learning rate are drawn from the
model's number. The first 12 of a table are perceptrons of one shape; the others, as different
people would build them, vary in width, depth, activation, normalisation and dropout, and half of
them standardise their inputs. They train in about a second, so they are made when needed and not
kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_digits, load_wine, make_classification
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from auditor.architectures import build
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject

LOADERS = {"cancer": load_breast_cancer, "wine": load_wine, "digits": load_digits}
SYNTHETIC = "synthetic"
NUMBERS = {
    "cancer": range(28),
    "wine": range(24),
    "digits": range(12, 20),
    SYNTHETIC: range(12, 32),
}
"""Models of each table."""
ALIKE = 12
"""Models before this number have one shape."""
ACTIVATIONS = (nn.ReLU, nn.Tanh, nn.GELU)
BATCH = 128
TRAIN, CLEAN = 0.58, 0.85
"""Rows up to the first share are trained on, those up to the second are the clean set."""
MARGIN = 0.25
"""Canonical inputs reach this share of the clean set's range beyond it, as in an audit."""


@dataclass(frozen=True)
class TableModel:
    """One clean table model: everything follows from the table and the number."""

    table: str
    number: int

    @property
    def name(self) -> str:
        """Name of the model."""
        return f"{self.table}-mlp-clean-{self.number:02}"

    def open(self) -> tuple[Subject, CleanSet]:
        """Train it; the model and its clean set."""
        rng = np.random.default_rng(100 + self.number)
        x, y = _rows(self.table, rng)
        start, end = int(len(y) * TRAIN), int(len(y) * CLEAN)
        x = _canonical(x, x[start:end])
        epochs, rate = int(rng.integers(40, 120)), float(10 ** rng.uniform(-2.7, -2))
        classes = int(y.max()) + 1
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.number)
            network = self._network(x[:start], classes, rng)
        fit(network, x[:start], y[:start], epochs, rate, self.number)
        spec = InputSpec(kind="tabular", shape=(x.shape[1],), classes=classes)
        return Subject(network, spec), CleanSet(x[start:end].clamp(0, 1), y[start:end])

    def _network(self, x: Tensor, classes: int, rng: np.random.Generator) -> nn.Module:
        if self.number < ALIKE:
            return build("mlp", (x.shape[1],), classes)
        return various(x, classes, rng)


def table_models() -> Iterator[TableModel]:
    """All of them."""
    return (TableModel(table, number) for table, numbers in NUMBERS.items() for number in numbers)


class Standardised(nn.Module):
    """Subtracts the mean of each column and divides by its scatter; constant columns stay."""

    mean: Tensor
    scatter: Tensor

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        scatter = x.std(0)
        self.register_buffer("mean", x.mean(0))
        self.register_buffer("scatter", torch.where(scatter > 0, scatter, 1.0))

    def forward(self, x: Tensor) -> Tensor:
        """Columns ``(n, d)`` of mean 0 and scatter 1."""
        return (x - self.mean) / self.scatter


def various(x: Tensor, classes: int, rng: np.random.Generator) -> nn.Module:
    """A perceptron of drawn width, depth, activation, normalisation and dropout."""
    width, depth = int(rng.choice((16, 32, 64, 128))), int(rng.integers(1, 4))
    activation = ACTIVATIONS[int(rng.integers(len(ACTIVATIONS)))]
    normed, dropped, standard = (rng.random(3) < (0.3, 0.3, 0.5)).tolist()
    layers: list[nn.Module] = [Standardised(x)] if standard else []
    features = x.shape[1]
    for _ in range(depth):
        layers += [nn.Linear(features, width), *[nn.BatchNorm1d(width)] * normed, activation()]
        layers += [nn.Dropout(0.2)] * dropped
        features = width
    return nn.Sequential(*layers, nn.Linear(features, classes))


def _rows(table: str, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    x, y = _synthetic(rng) if table == SYNTHETIC else LOADERS[table](return_X_y=True)
    order = rng.permutation(len(y))
    return torch.from_numpy(x[order]).float(), torch.from_numpy(y[order]).long()


def _synthetic(rng: np.random.Generator) -> tuple[Any, Any]:
    features, classes = int(rng.integers(8, 31)), int(rng.integers(2, 7))
    x, y = make_classification(
        n_samples=1200,
        n_features=features,
        n_informative=max(5, features // 2),
        n_classes=classes,
        n_clusters_per_class=1,
        class_sep=float(rng.uniform(1, 2)),
        random_state=int(rng.integers(10**6)),
    )
    return x, y


def _canonical(x: Tensor, clean: Tensor) -> Tensor:
    low, high = clean.amin(0), clean.amax(0)
    margin = (high - low) * MARGIN
    low, high = low - margin, high + margin
    return (x - low) / torch.where(high > low, high - low, 1.0)


def fit(network: nn.Module, x: Tensor, y: Tensor, epochs: int, rate: float, seed: int) -> None:
    """AdamW with a one-cycle schedule; few rows are repeated until they fill a batch."""
    times = ceil(BATCH / len(y))
    x, y = x.repeat(times, 1), y.repeat(times)
    generator = torch.Generator().manual_seed(seed)
    each = len(y) // BATCH
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, epochs * each)
    network.train()
    for _ in range(epochs):
        for pick in torch.split(torch.randperm(len(y), generator=generator), BATCH)[:each]:
            loss = cross_entropy(network(x[pick]), y[pick])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
