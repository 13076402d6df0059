"""The same scores as captum's TracInCP, where captum covers the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from captum.influence import TracInCP
from torch import nn
from torch.utils.data import TensorDataset

from auditor.core.subject import CleanSet
from auditor.methods.influence import Gradients, Queries, self_influences, tracin


def test_equal_to_tracincp_over_two_checkpoints(
    digits: tuple[CleanSet, CleanSet], tmp_path: Path
) -> None:
    train = digits[0].take(torch.arange(80))
    asked = digits[1].take(torch.arange(12))
    states, rates = [], (0.1, 0.02)
    for seed in range(2):
        torch.manual_seed(seed)
        states.append(network().state_dict())
        torch.save(states[-1], tmp_path / f"{seed}.pt")
    theirs = TracInCP(
        network(),
        TensorDataset(train.x, train.y),
        [str(tmp_path / f"{seed}.pt") for seed in range(2)],
        checkpoints_load_func=load,
        loss_fn=nn.CrossEntropyLoss(reduction="none"),
        batch_size=40,
    )
    sources = []
    for state, rate in zip(states, rates, strict=True):
        model = network()
        model.load_state_dict(state)
        sources.append(Gradients(model, train.x, train.y, weight=rate))
    load.rates = dict(zip((f"{s}.pt" for s in range(2)), rates, strict=True))  # type: ignore[attr-defined]
    ours = tracin(sources, Queries(asked.x, asked.y)).T
    expected = theirs.influence((asked.x, asked.y))
    assert float((ours - expected).abs().max()) <= 1e-5
    assert float(expected.abs().max()) > 0.1
    own = theirs.self_influence(show_progress=False)
    assert float((self_influences(sources) - own).abs().max()) <= 1e-5


def network() -> nn.Module:
    """Two convolutions, one of them grouped, and a linear head; nothing that depends on mode."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32, 10),
    ).eval()  # fmt: skip


def load(model: nn.Module, path: str) -> float:
    """captum asks for the learning rate of a checkpoint when it loads it."""
    state: dict[str, Any] = torch.load(path, weights_only=True)  # noqa: TID251 -- written above
    model.load_state_dict(state)
    model.eval()
    rate: float = load.rates[Path(path).name]  # type: ignore[attr-defined]
    return rate
