"""One small network, trained once for all tests of intake."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from model_forms import CLASSES, SHAPE, Digits
from sklearn.datasets import load_digits
from torch import nn

from auditor.architectures import build


@pytest.fixture(scope="session")
def digits() -> Digits:
    torch.manual_seed(0)
    data = load_digits()
    pixels = np.round(data.images[:, None] / 16 * 255) / 255
    x, y = torch.tensor(pixels, dtype=torch.float32), torch.tensor(data.target)
    network = build("small_cnn", SHAPE, CLASSES)
    optimiser = torch.optim.Adam(network.parameters(), 5e-3)
    for _ in range(3):
        for chosen in torch.randperm(1397).split(64):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(x[chosen]), y[chosen]).backward()
            optimiser.step()
    return Digits(network.eval(), x[1397:], y[1397:])
