"""perf.accuracy: a good model, wrong preprocessing, a broken model."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.accuracy import Accuracy


def test_clean_digits(digits_subject: Subject, digits_clean: CleanSet) -> None:
    finding, _ = Accuracy(declared=0.99).examine(digits_subject, digits_clean, Context())
    value = finding.measures["value"]
    right = (digits_subject.predict(digits_clean.x) == digits_clean.y).double().mean()
    assert value.value == pytest.approx(float(right))
    assert value.value > 0.95
    assert finding.measures["ci_low"].value == value.low
    assert finding.measures["ci_high"].value == value.high
    assert finding.measures["declared_present"].value == 1
    assert finding.measures["declared"].value == 0.99
    diagonal = sum(
        row["count"] for row in finding.tables["confusion"] if row["given"] == row["predicted"]
    )
    assert diagonal == round(value.value * 500)
    assert finding.caveats == ()


def test_inverted_inputs_read_as_wrong_preprocessing(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    inverted = CleanSet(torch.zeros_like(digits_clean.x), digits_clean.y)
    finding, _ = Accuracy().examine(digits_subject, inverted, Context())
    assert finding.measures["value"].value < 0.2
    assert "declared" not in finding.measures
    assert "normalisation" in finding.caveats[0]


class Broken(nn.Module):
    """Logits of the wrapped network, not a number for every second input of a batch."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.inner(x)
        logits[::2] = float("nan")
        return logits


def test_logits_that_are_not_finite_count_as_wrong(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    broken = Subject(Broken(digits_subject.network), digits_subject.spec)
    finding, _ = Accuracy().examine(broken, digits_clean, Context())
    assert finding.measures["value"].value == pytest.approx(0.5, abs=0.03)
    assert "250 inputs" in finding.caveats[-1]
