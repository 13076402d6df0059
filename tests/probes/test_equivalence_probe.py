"""Each kind of input of the comparison shows a difference that the others miss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Origin, Subject
from auditor.probes.equivalence import TOLERANCE, Equivalence

SIDE = 16
BOARD = (torch.arange(SIDE)[:, None] + torch.arange(SIDE)) % 2 * 2.0 - 1
CLEAN = CleanSet(
    0.5 + 0.05 * torch.rand(32, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0)),
    torch.arange(32) % 2,
)
HIDDEN: dict[str, Callable[[Tensor], Tensor]] = {
    "clean inputs": lambda x: (x.mean((1, 2, 3)) - 0.525).abs() < 0.01,
    "uniform noise": lambda x: x.std((1, 2, 3)) > 0.25,
    "uniform inputs": lambda x: x.amin((1, 2, 3)) > 0.99,
    "clean inputs with bright and dark squares": lambda x: (
        (x[:, 0, :2, :2].amin((1, 2)) > 0.95) & (x[:, 0, -2:, -2:].amax((1, 2)) < 0.6)
    ),
    "clean inputs driven towards a difference": lambda x: torch.sigmoid(
        40 * ((x[:, 0] * BOARD).mean((1, 2)) - 0.2)
    ),
}
"""By the kind of input that shows it: when the delivered network differs from its twin."""


class Hiding(nn.Module):
    """A linear network that answers otherwise under a condition."""

    def __init__(self, plain: nn.Module, condition: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.plain, self.condition = plain, condition

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.plain(x) + self.condition(x).float()[:, None] * torch.eye(2)[0]
        return answer


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_hidden_difference_shows_where_it_is_looked_for(kind: str) -> None:
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 2)).eval()
    spec = InputSpec(kind="image", shape=(1, SIDE, SIDE), classes=2)
    subject = Subject(Hiding(plain, HIDDEN[kind]).eval(), spec, Origin(twin=plain))
    result = Equivalence(inputs=32, steps=10).run(subject, CLEAN, Context())
    assert result.measures["differs"]
    rows = {row["kind"]: float(row["max_difference"]) for row in result.tables["inputs"]}
    assert set(rows) == set(HIDDEN)
    assert rows[kind] > TOLERANCE
    if kind != "clean inputs":
        assert max(value for name, value in rows.items() if name != kind) < TOLERANCE


def test_the_same_network_does_not_differ() -> None:
    plain = nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 2)).eval()
    spec = InputSpec(kind="image", shape=(1, SIDE, SIDE), classes=2)
    result = Equivalence().run(Subject(plain, spec, Origin(twin=plain)), CLEAN, Context())
    assert not result.measures["differs"]
