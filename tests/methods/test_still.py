"""Constant columns do not take part in a search."""

from __future__ import annotations

import torch
from torch import nn

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.still import constant_columns, held_still


def _table(columns: int) -> tuple[Subject, CleanSet]:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand((30, columns), generator=generator)
    x[:, 1] = 0.25
    network = nn.Linear(columns, 2)
    subject = Subject(network, InputSpec(kind="tabular", shape=(columns,), classes=2))
    return subject, CleanSet(x, torch.zeros(30, dtype=torch.int64))


def test_a_constant_column_moves_nothing() -> None:
    subject, clean = _table(4)
    still = held_still(subject, clean)
    assert constant_columns(clean).tolist() == [False, True, False, False]
    assert torch.equal(still.logits(clean.x), subject.logits(clean.x))
    moved = clean.x.clone()
    moved[:, 1] = 0.9
    assert torch.equal(still.logits(moved), subject.logits(clean.x))
    assert not torch.equal(subject.logits(moved), subject.logits(clean.x))
    moved.requires_grad_(True)
    (slope,) = torch.autograd.grad(still(moved).sum(), moved)
    assert not slope[:, 1].any()
    assert slope[:, 0].any()


def test_where_every_column_varies_nothing_is_held(digits_clean: CleanSet) -> None:
    subject, clean = _table(4)
    varied = CleanSet(clean.x + torch.rand(30, 1), clean.y)
    assert held_still(subject, varied) is subject
    assert not constant_columns(digits_clean).any(), "pictures have borders"
