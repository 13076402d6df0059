"""evasion.whitebox: an undefended model breaks, a robust one holds, a masked one is exposed."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.probes.evasion import Evasion


class Rounded(nn.Module):
    """Quantises its input, which stops every gradient."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.inner((x * 16).round() / 16)
        return logits


class Halves(nn.Module):
    """Compares the brightness of left and right: robust up to half the difference."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left, right = x[..., :4].mean((1, 2, 3)), x[..., 4:].mean((1, 2, 3))
        return torch.stack([left - right, right - left], 1)


def test_undefended_digits_break(digits_subject: Subject, digits_clean: CleanSet) -> None:
    finding, result = Evasion(linf=0.2).examine(digits_subject, digits_clean, Context())
    assert finding.measures["ran"].value == 1
    assert finding.measures["clean_accuracy"].value > 0.9
    assert finding.measures["robust_accuracy"].value < 0.2
    assert finding.measures["masking_suspected"].value == 0
    curve = finding.tables["curve"]
    for norm in ("linf", "l2"):
        left = [row["accuracy"] for row in curve if row["norm"] == norm]
        assert left == sorted(left, reverse=True)
        assert len(left) == 5
    names = {exhibit.name for exhibit in result.exhibits}
    assert {"clean_0", "adversarial_2", "difference_1"} <= names
    assert all(np.isfinite(exhibit.array).all() for exhibit in result.exhibits)


def test_robust_model_holds_up_to_its_radius() -> None:
    y = torch.arange(60) % 2
    x = torch.full((60, 1, 8, 8), 0.3)
    x[y == 0, :, :, :4] = x[y == 1, :, :, 4:] = 0.7
    spec = InputSpec(kind="image", shape=(1, 8, 8), classes=2)
    finding, _ = Evasion(linf=0.15).examine(Subject(Halves(), spec), CleanSet(x, y), Context())
    assert finding.measures["robust_accuracy"].value == 1.0
    assert finding.measures["masking_suspected"].value == 0
    twice = [row for row in finding.tables["curve"] if row["norm"] == "linf"][-1]
    assert twice["epsilon"] == 0.3
    assert twice["accuracy"] == 0.0


def test_masked_gradients_are_no_robustness(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    masked = Subject(Rounded(digits_subject.network), digits_subject.spec)
    finding, _ = Evasion(linf=0.1).examine(masked, digits_clean, Context())
    assert finding.measures["zero_gradient_share"].value == 1.0
    assert finding.measures["masking_suspected"].value == 1
    assert any("no gradient" in caveat for caveat in finding.caveats)


def test_table_rows(wine: tuple[Subject, CleanSet]) -> None:
    finding, result = Evasion().examine(*wine, Context())
    assert finding.measures["epsilon"].value == 0.05
    assert finding.measures["robust_accuracy"].value < finding.measures["clean_accuracy"].value
    assert result.exhibits == ()


def test_same_seed_same_finding(digits_subject: Subject, digits_clean: CleanSet) -> None:
    first, second = (
        Evasion().examine(digits_subject, digits_clean, Context(seed=5))[0] for _ in range(2)
    )
    assert first.measures == second.measures
    assert first.tables == second.tables
