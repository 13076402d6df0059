"""Clean classifiers of tables, for the null of small numbers of classes.

Scikit-learn's breast cancer (2 classes) and wine (3 classes), 12 perceptrons each, with rows,
length of training and learning rate drawn from the model's number. They train in about a second,
so they are made when needed and not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_wine
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from auditor.architectures import build
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject

LOADERS = {"cancer": load_breast_cancer, "wine": load_wine}
EACH = 12
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
            network = build("mlp", (x.shape[1],), classes)
        fit(network, x[:start], y[:start], epochs, rate, self.number)
        spec = InputSpec(kind="tabular", shape=(x.shape[1],), classes=classes)
        return Subject(network, spec), CleanSet(x[start:end].clamp(0, 1), y[start:end])


def table_models() -> Iterator[TableModel]:
    """All of them."""
    return (TableModel(table, number) for table in LOADERS for number in range(EACH))


def _rows(table: str, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    data = LOADERS[table]()
    order = rng.permutation(len(data.target))
    return torch.from_numpy(data.data[order]).float(), torch.from_numpy(data.target[order]).long()


def _canonical(x: Tensor, clean: Tensor) -> Tensor:
    low, high = clean.amin(0), clean.amax(0)
    margin = (high - low) * MARGIN
    low, high = low - margin, high + margin
    return (x - low) / (high - low)


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
