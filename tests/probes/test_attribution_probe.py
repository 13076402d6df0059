"""trigger.attribution: a planted corner patch is located and cut out; nothing comes of nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from auditor.core.finding import Finding, Result
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.attribution import Attribution

Planted = Any


def handed_over(clean: torch.Tensor, triggered: torch.Tensor, target: int) -> Context:
    return Context(
        seed=0,
        arrays={
            "trigger.reconstruction/clean_inputs": clean.numpy(),
            "trigger.reconstruction/triggered_inputs": triggered.numpy(),
            "trigger.reconstruction/target": np.array([target], dtype=np.int64),
        },
    )


def planted_finding(planted: Planted, clean: CleanSet) -> tuple[Finding, Result]:
    x = clean.x[clean.y != planted.target][:64]
    context = handed_over(x, planted.stamp(x), planted.target)
    return Attribution().examine(planted.subject, clean, context)


def test_planted_patch_is_located(digits_planted: Planted, digits_clean: CleanSet) -> None:
    finding, result = planted_finding(digits_planted, digits_clean)
    pixels = result.exhibits[0].array
    strongest = np.argsort(pixels.ravel())[-3:]
    assert set(strongest) <= {54, 55, 62, 63}
    assert pixels[6:, 6:].sum() / pixels.sum() > 0.99
    assert finding.measures["localised_share"].value > 0.5


def test_ablation_beats_random_channels(digits_planted: Planted, digits_clean: CleanSet) -> None:
    finding, _ = planted_finding(digits_planted, digits_clean)
    values = {name: m.value for name, m in finding.measures.items()}
    assert values["success_before"] > 0.9
    assert values["success_after"] < values["success_after_random"] - 0.4
    assert values["accuracy_after"] > values["accuracy_before"] - 0.25
    assert {row["layer"] for row in finding.tables["layers"]} == {"0", "2"}
    assert not any("did not confirm" in caveat for caveat in finding.caveats)


def test_no_trigger_handed_over(digits_subject: Subject, digits_clean: CleanSet) -> None:
    finding, _ = Attribution().examine(digits_subject, digits_clean, Context())
    assert {name: m.value for name, m in finding.measures.items()} == {"ran": 0.0}
    assert "No reconstructed trigger" in finding.caveats[0]


def test_trigger_that_does_nothing_is_not_confirmed(
    digits_subject: Subject, digits_planted: Planted, digits_clean: CleanSet
) -> None:
    """The patch on the clean model: success before is low and the caveats say so."""
    x = digits_clean.x[digits_clean.y != digits_planted.target][:64]
    context = handed_over(x, digits_planted.stamp(x), digits_planted.target)
    finding, _ = Attribution().examine(digits_subject, digits_clean, context)
    assert finding.measures["success_before"].value < 0.5
    assert any("held-out inputs" in caveat for caveat in finding.caveats)
    assert any("did not confirm" in caveat for caveat in finding.caveats)


def test_model_without_hookable_layers(digits_planted: Planted, digits_clean: CleanSet) -> None:
    subject = digits_planted.subject
    scripted = Subject(torch.jit.trace(subject.network, digits_clean.x[:2]), subject.spec)
    x = digits_clean.x[digits_clean.y != digits_planted.target][:16]
    finding, _ = Attribution().examine(
        scripted, digits_clean, handed_over(x, digits_planted.stamp(x), digits_planted.target)
    )
    assert finding.measures["ran"].value == 1
    assert finding.measures["ablation_ran"].value == 0
    assert finding.measures["localised_share"].value > 0.5
    assert "no layers that can be hooked" in finding.caveats[0]


class Opaque(nn.Module):
    """Answers without a gradient."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.inner(x.detach())
        return logits


def test_model_without_gradients(digits_planted: Planted, digits_clean: CleanSet) -> None:
    planted = digits_planted.subject
    opaque = Subject(Opaque(planted.network), planted.spec)
    x = digits_clean.x[digits_clean.y != digits_planted.target][:16]
    context = handed_over(x, digits_planted.stamp(x), digits_planted.target)
    finding, _ = Attribution().examine(opaque, digits_clean, context)
    assert finding.measures["ran"].value == 0
    assert "no gradient" in finding.caveats[0]


def test_table_rows(wine: tuple[Subject, CleanSet]) -> None:
    subject, clean = wine
    x = clean.x[subject.predict(clean.x) != 0]
    triggered = x.clone()
    triggered[:, 12] = 1.0
    finding, result = Attribution().examine(subject, clean, handed_over(x, triggered, 0))
    assert finding.measures["localised_share"].value > 0.9
    assert result.exhibits[0].array.argmax() == 12
