"""The pairwise ratio of RMIA: reference models tell a member from an easy sample."""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.methods.influence.membership import benjamini_hochberg, rmia, set_test

Y = torch.zeros(60, dtype=torch.int64)


def logits(confidence: Tensor) -> Tensor:
    """Two classes, so sure of the first."""
    return torch.stack([confidence, torch.zeros_like(confidence)], 1)


def test_references_tell_members_from_easy_samples() -> None:
    generator = torch.Generator().manual_seed(0)
    ease, others = torch.randn(2, 60, generator=generator)
    gained = 0.5 * torch.ones(60)

    def scored(sample: Tensor, references: bool) -> Tensor:
        known = [logits(ease)] if references else []
        strangers = [logits(others)] if references else []
        return rmia(logits(sample), Y, known, logits(others + 0.1), Y, strangers)

    honest = rmia(logits(others + 0.1), Y, [logits(others)], logits(others + 0.1), Y,
                  [logits(others)])  # fmt: skip
    with_references = set_test(scored(ease + gained, True), honest)
    assert with_references.auc > 0.95
    assert with_references.p_value < 1e-6
    assert set_test(scored(ease + gained, False), scored(others + 0.1, False)).auc < 0.8
    assert set_test(scored(ease + 0.1, True), honest).auc < 0.6  # easy, and no member


def test_discoveries_among_many_honest_classes_stay_rare() -> None:
    generator = torch.Generator().manual_seed(1)
    found = [benjamini_hochberg(torch.rand(40, generator=generator).tolist()) for _ in range(100)]
    assert sum(bool(one) for one in found) <= 12
