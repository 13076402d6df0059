"""Classes that are easy to reach in model and students alike are named, and accuse nobody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from auditor.core.subject import Subject
from auditor.probes.reconstruction_tables import shortcuts

EASY, PLANTED = 4, 7


def sizes(*easy: int) -> torch.Tensor:
    """Log sizes of ten classes and the move away."""
    return torch.zeros(11).index_fill(0, torch.tensor(easy, dtype=torch.int64), -1.5)


def named(subject: Subject, own: torch.Tensor, honest: torch.Tensor, p: torch.Tensor) -> list[Any]:
    found = SimpleNamespace(
        classes=torch.arange(10), log_size=dict.fromkeys(("mask", "additive"), own)
    )
    taught = SimpleNamespace(
        log_size=dict.fromkeys(("mask", "additive"), torch.stack([honest] * 2))
    )
    return shortcuts(subject, found, taught, SimpleNamespace(p=p))  # type: ignore[arg-type]


def test_a_natural_shortcut_has_its_own_name(digits_subject: Subject) -> None:
    honest = torch.full((10,), 0.5)
    (row,) = named(digits_subject, sizes(EASY), sizes(EASY), honest)
    assert row == {"class": EASY, "label": digits_subject.spec.label(EASY), "times_easier": 20.09}


def test_what_students_lack_or_what_is_suspected_is_no_shortcut(digits_subject: Subject) -> None:
    honest = torch.full((10,), 0.5)
    assert named(digits_subject, sizes(PLANTED), sizes(), honest) == []
    assert named(digits_subject, sizes(), sizes(EASY), honest) == []
    suspected = honest.index_fill(0, torch.tensor([EASY]), 0.001)
    assert named(digits_subject, sizes(EASY), sizes(EASY), suspected) == []
