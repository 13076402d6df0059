"""perf.repeat: random answers, answers that depend on the neighbours, and a steady model."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.repeat import Repeat


class AlwaysDropping(nn.Module):
    """Dropout that eval mode does not switch off."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dropped = torch.nn.functional.dropout(x, 0.5, training=True)
        logits: torch.Tensor = self.inner(dropped)
        return logits


class BatchNormalised(nn.Module):
    """Normalises by the batch it happens to be in, and refuses a batch of one."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) == 1:
            raise RuntimeError("more than 1 value per channel expected")
        logits: torch.Tensor = self.inner(x)
        return (logits - logits.mean(0)) / logits.std(0)


def test_steady_model(digits_subject: Subject, digits_clean: CleanSet) -> None:
    finding, _ = Repeat().examine(digits_subject, digits_clean, Context())
    assert finding.measures["disagreement"].value == 0
    assert finding.measures["max_logit_difference"].value < 1e-3
    assert finding.measures["runs"].value == 5
    assert finding.caveats == ()


def test_dropout_left_on(digits_subject: Subject, digits_clean: CleanSet) -> None:
    subject = Subject(AlwaysDropping(digits_subject.network), digits_subject.spec)
    finding, _ = Repeat().examine(subject, digits_clean, Context())
    assert finding.measures["disagreement"].value > 0.3
    assert finding.measures["max_logit_difference"].value > 1


def test_dependence_on_the_batch(digits_subject: Subject, digits_clean: CleanSet) -> None:
    subject = Subject(BatchNormalised(digits_subject.network), digits_subject.spec)
    finding, _ = Repeat().examine(subject, digits_clean, Context())
    assert finding.measures["disagreement"].value > 0.02
    assert finding.measures["runs"].value == 4
    assert "one by one" in finding.caveats[0]
    rows = {row["run"]: row["changed"] for row in finding.tables["runs"]}
    assert rows["all in one batch again"] == 0
    assert rows["batches of 7"] == pytest.approx(
        finding.measures["disagreement"].value * 200, abs=1
    )
