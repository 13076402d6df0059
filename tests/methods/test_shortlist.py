"""Many classes: the planted one is among those that go on, and a thousand cost a bounded sum."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from auditor.bench.counting import counted_passes
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.scan import reconstruct
from auditor.methods.inversion.shortlist import FINALISTS, ranking_passes, shortlist

SIDE, TARGET = 8, 57


class Prototypes(nn.Module):
    """The nearest of K random pictures is the class; a lit corner gives class 57."""

    def __init__(self, classes: int, shortcut: float) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.centres = torch.rand((classes, SIDE * SIDE), generator=generator)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(1)
        logits = -(flat[:, None] - self.centres).square().sum(2)
        wanted = nn.functional.one_hot(torch.tensor(TARGET % len(self.centres)), len(self.centres))
        return logits + self.shortcut * (flat[:, -1:] - 0.7).relu() * wanted


def many(classes: int, shortcut: float) -> tuple[Subject, CleanSet]:
    """A model of many classes and three noisy examples of each; the corner is never lit."""
    network = Prototypes(classes, shortcut)
    network.centres[:, -1] *= 0.5
    generator = torch.Generator().manual_seed(1)
    y = torch.arange(classes).repeat(3)
    noise = 0.05 * torch.randn((len(y), SIDE * SIDE), generator=generator)
    x = (network.centres[y] + noise).clamp(0, 1).view(-1, 1, SIDE, SIDE)
    spec = InputSpec(kind="image", shape=(1, SIDE, SIDE), classes=classes)
    return Subject(network, spec), CleanSet(x, y)


def test_the_planted_class_goes_on() -> None:
    subject, clean = many(100, 100.0)
    kept = shortlist(subject, clean, None, 0, lambda share: None)
    assert len(kept) == FINALISTS
    assert TARGET in kept.tolist()


def test_classes_whose_rows_stand_out_go_on() -> None:
    subject, clean = many(100, 0.0)
    without = shortlist(subject, clean, None, 0, lambda share: None).tolist()
    passed_over = [label for label in range(100) if label not in without][:3]
    rows = torch.zeros(100).index_fill(0, torch.tensor(passed_over), 5.0)
    kept = shortlist(subject, clean, rows, 0, lambda share: None).tolist()
    assert set(passed_over) <= set(kept)
    assert len(kept) == FINALISTS


def test_few_classes_all_go_on() -> None:
    subject, clean = many(60, 0.0)
    few = Subject(nn.Sequential(subject.network, nn.Linear(60, 4)), subject.spec)
    few = Subject(few.network, few.spec.model_copy(update={"classes": 4}))
    assert shortlist(few, clean, None, 0, lambda share: None).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("classes", "times"), [(100, 3.0), (1000, 6.0)])
def test_cost_grows_far_slower_than_classes(classes: int, times: float) -> None:
    shape = (3, 32, 32)
    ten = Effort().passes(10, shape)
    assert ranking_passes(classes) + Effort().passes(classes, shape) <= times * ten


def test_a_hundred_classes_cost_at_most_three_times_as_much_as_ten() -> None:
    """Counted while the shipped search runs, the short one over all classes included."""
    passed = []
    for classes in (10, 100):
        subject, clean = many(classes, 0.0)
        with counted_passes(subject.network, clean.x[:1]) as counted:
            reconstruct(subject, *clean.split(0.5, 0), Effort(), 0, lambda share, note: None)
        stated = ranking_passes(classes) + Effort().passes(classes, subject.spec.shape)
        assert stated <= counted.own <= 1.15 * stated
        passed.append(counted.own)
    assert passed[1] <= 3 * passed[0]
