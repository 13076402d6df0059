"""Subject and clean set: batches, copies, stratified disjoint splits."""

from __future__ import annotations

import torch
from torch import nn

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject


def test_batches_do_not_change_the_logits(digits_subject: Subject, digits_clean: CleanSet) -> None:
    whole = digits_subject.logits(digits_clean.x, batch=len(digits_clean))
    assert torch.allclose(digits_subject.logits(digits_clean.x, batch=33), whole, atol=1e-5)
    assert torch.equal(digits_subject.predict(digits_clean.x), whole.argmax(1))


def test_a_copy_can_be_trained_and_the_original_cannot(digits_subject: Subject) -> None:
    twin = digits_subject.copy()
    assert all(p.requires_grad for p in twin.network.parameters())
    with torch.no_grad():
        next(twin.network.parameters()).zero_()
    assert next(digits_subject.network.parameters()).abs().sum() > 0
    assert not any(p.requires_grad for p in digits_subject.network.parameters())


def test_a_split_is_disjoint_stratified_and_decided_by_the_seed(digits_clean: CleanSet) -> None:
    numbered = CleanSet(torch.arange(len(digits_clean)), digits_clean.y)
    first, second = numbered.split(0.4, seed=1)
    assert sorted([*first.x.tolist(), *second.x.tolist()]) == list(range(len(digits_clean)))
    for k in range(10):
        share = int((first.y == k).sum()) / int((digits_clean.y == k).sum())
        assert abs(share - 0.4) < 0.02
    assert torch.equal(numbered.split(0.4, seed=1)[0].x, first.x)
    assert not torch.equal(numbered.split(0.4, seed=2)[0].x, first.x)


def test_a_network_that_changes_its_input_changes_no_clean_set(digits_clean: CleanSet) -> None:
    class Growing(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.add_(0.1).flatten(1)[:, :10]

    subject = Subject(Growing(), InputSpec(kind="image", shape=(1, 8, 8), classes=10))
    before = digits_clean.x.clone()
    assert torch.equal(subject.logits(digits_clean.x), subject.logits(digits_clean.x))
    assert torch.equal(digits_clean.x, before)
