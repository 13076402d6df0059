"""perf.slices: one class planted to fail; tiny classes do not count."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.slices import Slices


class Forgetful(nn.Module):
    """Never answers ``lost``."""

    def __init__(self, inner: nn.Module, lost: int) -> None:
        super().__init__()
        self.inner, self.lost = inner, lost

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.inner(x).clone()
        logits[:, self.lost] = -100.0
        return logits


def test_clean_digits_have_a_small_gap(digits_subject: Subject, digits_clean: CleanSet) -> None:
    finding, _ = Slices().examine(digits_subject, digits_clean, Context())
    assert finding.measures["worst_gap"].value < 0.12
    assert finding.measures["slices_tested"].value == 10
    rows = finding.tables["slices"]
    assert sum(row["n"] for row in rows) == 500
    assert all(row["low"] <= row["accuracy"] <= row["high"] for row in rows)


def test_forgotten_class_is_named(digits_subject: Subject, digits_clean: CleanSet) -> None:
    subject = Subject(Forgetful(digits_subject.network, 7), digits_subject.spec)
    finding, _ = Slices().examine(subject, digits_clean, Context())
    gap = finding.measures["worst_gap"]
    assert finding.measures["worst_class"].value == 7
    assert gap.value > 0.8
    assert gap.low is not None
    assert gap.low > 0.7


def test_tiny_class_is_shown_and_not_counted(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    sevens = (digits_clean.y == 7).nonzero()[3:, 0]
    few = digits_clean.take(torch.tensor(sorted(set(range(500)) - set(sevens.tolist()))))
    subject = Subject(Forgetful(digits_subject.network, 7), digits_subject.spec)
    finding, _ = Slices().examine(subject, few, Context())
    assert finding.measures["slices_tested"].value == 9
    assert finding.measures["worst_gap"].value < 0.12
    assert finding.tables["slices"][7]["accuracy"] == pytest.approx(0.0)
    assert "1 of 10 classes" in finding.caveats[0]
