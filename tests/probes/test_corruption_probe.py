"""robust.corruption: a model that hangs on fine detail falls, a constant one cannot."""

from __future__ import annotations

import torch
from torch import nn

from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.corruption import CorruptionProbe


class LowestBits(nn.Module):
    """Predicts by the last digit of the 8-bit value of the first pixel."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value = (x[:, 0, 0, 0] * 255).round().long() % 10
        return torch.nn.functional.one_hot(value, 10).float()


def test_fragile_model_falls(digits_subject: Subject, digits_clean: CleanSet) -> None:
    x = digits_clean.x.clone()
    x[:, 0, 0, 0] = (100 + digits_clean.y) / 255
    fragile = Subject(LowestBits(), digits_subject.spec)
    finding, result = CorruptionProbe().examine(fragile, CleanSet(x, digits_clean.y), Context())
    drop = finding.measures["worst_drop"]
    assert finding.measures["clean_accuracy"].value == 1.0
    assert drop.value > 0.7
    assert drop.low is not None
    assert drop.low > 0.6
    assert len(result.exhibits) == 8


def test_table_has_every_kind_at_every_severity(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    finding, _ = CorruptionProbe().examine(digits_subject, digits_clean, Context(seed=3))
    rows = finding.tables["corruptions"]
    assert finding.measures["kinds"].value == 8
    assert len(rows) == 24
    worst = max(row["drop"] for row in rows if row["severity"] == 2)
    assert finding.measures["worst_drop"].value == worst
    again, _ = CorruptionProbe().examine(digits_subject, digits_clean, Context(seed=3))
    assert again.tables == finding.tables


def test_unconcerned_model_keeps_its_accuracy(digits_subject: Subject) -> None:
    """Two classes, all dark and all bright: nothing in the list turns one into the other."""
    y = torch.arange(80) % 2
    x = (y[:, None, None, None] * 0.9).expand(-1, 1, 8, 8).contiguous()

    class Bright(nn.Module):
        def forward(self, v: torch.Tensor) -> torch.Tensor:
            mean = v.mean((1, 2, 3))
            return torch.stack([0.5 - mean, mean - 0.5], 1)

    spec = digits_subject.spec.model_copy(update={"classes": 2})
    finding, _ = CorruptionProbe().examine(Subject(Bright(), spec), CleanSet(x, y), Context())
    assert finding.measures["worst_drop"].value == 0


def test_table_rows(wine: tuple[Subject, CleanSet]) -> None:
    finding, result = CorruptionProbe().examine(*wine, Context())
    assert finding.measures["kinds"].value == 3
    assert finding.measures["clean_accuracy"].value > 0.85
    assert finding.measures["worst_drop"].value < 0.2
    assert result.exhibits == ()
