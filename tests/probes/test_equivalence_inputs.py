"""Each kind of input on which a delivered graph is held against its weights in our constructor."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auditor.core.finding import Result
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Origin
from auditor.probes.equivalence import TOLERANCE, Equivalence

SHAPE = (1, 8, 8)
CLEAN, NOISE = "clean inputs", "uniform noise"
FLAT, STAMPED = "uniform inputs", "clean inputs with bright and dark squares"
DRIVEN = "clean inputs driven towards a difference"
Change = Callable[[Tensor], Tensor]


class Delivered(nn.Module):
    """A linear layer, and a number added to its first answer."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.change, self.layer = change, nn.Linear(64, 3)

    def forward(self, x: Tensor) -> Tensor:
        logits = self.layer(x.flatten(1))
        more = torch.zeros_like(logits)
        more[:, 0] = self.change(x)
        return logits + more

    def logits(self, x: Tensor) -> Tensor:
        """As of a subject."""
        with torch.no_grad():
            return self(x)


def nothing(x: Tensor) -> Tensor:
    return 0 * x[:, 0, 0, 0]


def compared(change: Change) -> Result:
    delivered, twin = Delivered(change), Delivered(nothing)
    delivered.origin = Origin(declared="ours", twin=twin)
    generator = torch.Generator().manual_seed(1)
    x = 0.4 + 0.2 * torch.rand(32, *SHAPE, generator=generator)
    clean = CleanSet(x, torch.arange(32) % 3)
    subject: Any = delivered
    return Equivalence(inputs=32).run(subject, clean, Context(seed=3))


def differences(result: Result) -> dict[str, float]:
    return {str(row["kind"]): float(row["max_difference"]) for row in result.tables["inputs"]}


def bright(x: Tensor) -> Tensor:
    return 9.0 * (x[:, 0, :2, :2] > 0.95).flatten(1).all(1).float()


def dark(x: Tensor) -> Tensor:
    return 9.0 * (x[:, 0, 6:, 6:] < 0.05).flatten(1).all(1).float()


def black(x: Tensor) -> Tensor:
    return 9.0 * (x < 0.01).flatten(1).all(1).float()


def grey(x: Tensor) -> Tensor:
    return 9.0 * (x.flatten(1).std(1) < 0.01).float()


def coarse(x: Tensor) -> Tensor:
    return 9.0 * ((x.flatten(1).std(1) - 0.29).abs() < 0.06).float()


@pytest.mark.parametrize(
    ("change", "kinds"),
    [(nothing, set()), (bright, {FLAT, STAMPED}), (dark, {FLAT, STAMPED}), (black, {FLAT}),
     (grey, {FLAT}), (coarse, {NOISE})],
)  # fmt: skip
def test_a_switch_is_seen_on_the_inputs_that_throw_it(change: Change, kinds: set[str]) -> None:
    result = compared(change)
    found = {kind for kind, most in differences(result).items() if most > TOLERANCE}
    assert found - {DRIVEN} == kinds
    assert result.measures["compared"] is True
    assert result.measures["differs"] is bool(kinds)


def test_a_slope_is_driven_up() -> None:
    found = differences(compared(lambda x: x.mean((1, 2, 3)) - 0.5))
    assert found[DRIVEN] > 5 * found[CLEAN]


def test_no_number_is_a_difference() -> None:
    result = compared(lambda x: nothing(x) / 0)
    assert result.measures["differs"] is True
    assert min(differences(result).values()) > 1


def test_other_classes_are_counted() -> None:
    share: Any = compared(lambda x: nothing(x) + 99).measures["disagreement"]
    plain: Any = compared(nothing).measures["disagreement"]
    assert plain.value == 0
    assert 0 < share.value <= 1
    assert share.n == 4 * 32 + 5


def test_without_a_twin_nothing_is_said_to_be_the_same() -> None:
    subject: Any = SimpleNamespace(origin=Origin(reason="No architecture was declared."))
    clean: Any = None
    result = Equivalence().run(subject, clean, Context())
    assert result.measures["compared"] is False
    assert result.caveats == ("No architecture was declared.",)
