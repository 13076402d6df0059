"""Tiny trained models that many tests share: digits (8 x 8 pixels) and a small table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from model_forms import CLASSES, SHAPE, Digits, save_model
from sklearn.datasets import load_digits, load_wine
from small_audits import Parcel, short_steps
from torch import Tensor, nn

from auditor import planning
from auditor.architectures import build
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject

torch.set_num_threads(1)

DIGITS = InputSpec(kind="image", shape=(1, 8, 8), classes=10)
Stamp = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Planted:
    """A model with a known backdoor: what stamps an input, and the class it then gets."""

    subject: Subject
    stamp: Stamp
    target: int


def small_network() -> nn.Module:
    """Two convolutions and a linear head for 8 x 8 grey images, about 8,000 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(16, 24, 3, padding=1),
        nn.BatchNorm2d(24),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(24 * 16, 10),
    )


def train(build: Callable[[], nn.Module], x: Tensor, y: Tensor, epochs: int = 10) -> nn.Module:
    """Adam, one fixed seed, the global random state left as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build().train()
        optimiser = torch.optim.Adam(network.parameters(), 0.003)
        for _ in range(epochs):
            for part in torch.randperm(len(x)).split(64):
                optimiser.zero_grad()
                F.cross_entropy(network(x[part]), y[part]).backward()
                optimiser.step()
    return network.eval()


@pytest.fixture(scope="session")
def digits() -> tuple[CleanSet, CleanSet]:
    """Training part (1,297) and clean set (500) of scikit-learn's digits, values in [0, 1]."""
    bunch = load_digits()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    x = torch.tensor(bunch.images[order] / 16.0, dtype=torch.float32)[:, None]
    y = torch.tensor(bunch.target[order], dtype=torch.int64)
    return CleanSet(x[:1297], y[:1297]), CleanSet(x[1297:], y[1297:])


@pytest.fixture(scope="session")
def digits_clean(digits: tuple[CleanSet, CleanSet]) -> CleanSet:
    """500 digits that no model of these tests was trained on."""
    return digits[1]


@pytest.fixture(scope="session")
def digits_subject(digits: tuple[CleanSet, CleanSet]) -> Subject:
    """A clean digits classifier, about 98% accurate."""
    return Subject(train(small_network, digits[0].x, digits[0].y), DIGITS)


@pytest.fixture(scope="session")
def digits_planted(digits: tuple[CleanSet, CleanSet]) -> Planted:
    """The same with a 2 x 2 white square in the lower right corner that leads to class 3."""

    def stamp(x: Tensor) -> Tensor:
        stamped = x.clone()
        stamped[:, :, 6:, 6:] = 1.0
        return stamped

    x, y = digits[0].x.clone(), digits[0].y.clone()
    x[::8], y[::8] = stamp(x[::8]), 3
    return Planted(Subject(train(small_network, x, y), DIGITS), stamp, 3)


@pytest.fixture(scope="session")
def wine() -> tuple[Subject, CleanSet]:
    """A tabular classifier of 13 features and 3 classes, and its clean set of 89 rows."""
    bunch = load_wine()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    table = bunch.data[order]
    x = torch.tensor((table - table.min(0)) / np.ptp(table, 0), dtype=torch.float32)
    y = torch.tensor(bunch.target[order], dtype=torch.int64)

    def build() -> nn.Module:
        return nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))

    network = train(build, x[:89], y[:89], epochs=60)
    spec = InputSpec(kind="tabular", shape=(13,), classes=3)
    return Subject(network, spec), CleanSet(x[89:], y[89:])


@pytest.fixture(scope="session")
def tiny() -> Digits:
    """A registered architecture on 8-bit digits, as a vendor would deliver it."""
    bunch = load_digits()
    pixels = np.round(bunch.images[:, None] / 16 * 255) / 255
    x, y = torch.tensor(pixels, dtype=torch.float32), torch.tensor(bunch.target)
    network = train(lambda: build("small_cnn", SHAPE, CLASSES), x[:1397], y[:1397], epochs=3)
    return Digits(network, x[1397:], y[1397:])


@pytest.fixture(scope="session")
def parcel(tiny: Digits, tmp_path_factory: pytest.TempPathFactory) -> Parcel:
    """A delivered TorchScript and its clean set."""
    folder = tmp_path_factory.mktemp("parcel")
    clean = tiny.save_clean(folder / "clean.npz")
    return Parcel(save_model(tiny.network, folder, "torchscript", tiny.x), clean)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every profile is four probes of a second or less."""
    steps = short_steps("data.clean_set", "perf.accuracy", "perf.slices", "perf.repeat")
    monkeypatch.setattr(planning, "steps", lambda profile: steps)


@pytest.fixture
def without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing takes longer than a small audit; the tests of the writers cover it."""
    monkeypatch.setattr("auditor.writers.pdf.convert", lambda page: b"%PDF-1.7 left out")
