"""A witness works on held-out inputs, under noise, and beyond what honest models show."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion import examine as looked
from auditor.methods.inversion import witness as module
from auditor.methods.inversion.examine import examine
from auditor.methods.inversion.forms import Additive
from auditor.methods.inversion.goals import ANY, away, everywhere
from auditor.methods.inversion.witness import Witness

FORM = Additive((1, 2, 2), 4, torch.Generator().manual_seed(0))
WORKING = Witness(1, 1, "additive", FORM, 80, 76, 100, 0.1, 0.05, ())


def test_three_quarters_half_under_noise_and_no_natural_shortcut_are_the_limits() -> None:
    assert WORKING.functional
    assert not dataclasses.replace(WORKING, flipped=74).functional
    assert not dataclasses.replace(WORKING, noisy=49).functional, "noise undoes it"
    assert dataclasses.replace(WORKING, noisy=50).functional
    assert not dataclasses.replace(WORKING, natural=0.06).functional, "honest models do as much"
    assert not dataclasses.replace(WORKING, flipped=0, noisy=0, tried=0).functional


class Bright(nn.Module):
    """Class 0 if the picture is dark, 1 if it is a little bright, 2 between two thin lines."""

    def forward(self, x: Tensor) -> Tensor:
        light = x.flatten(1).mean(1)
        thin = (light - 0.5).abs() < 1e-4
        return torch.stack([0.3 - light, light - 0.3, 2.0 * thin - 1], dim=1)


def examined(monkeypatch: pytest.MonkeyPatch, delta: float, goal: int, taught: float) -> Witness:
    """Dark pictures with a fixed change of all pixels; the student needs ``taught`` more light."""
    monkeypatch.setattr(looked, "_polish", lambda *job: None)
    monkeypatch.setattr(module, "_applied", lambda form, place, x: x + delta)
    spec = InputSpec(kind="image", shape=(1, 2, 2), classes=3)
    x = torch.zeros(40, 1, 2, 2)
    clean = CleanSet(x, torch.zeros(40, dtype=torch.int64))
    student = nn.Sequential(Shift(-taught), Bright())
    found = SimpleNamespace(
        goals=everywhere(3) + away(), by_form={"additive": SimpleNamespace(form=FORM, rate=[1] * 4)}
    )
    suspicion = SimpleNamespace(
        pair=None,
        leading=goal,
        place=lambda k: k if k != ANY else 3,
        chance=lambda k: 0.01,
        of=lambda k, n: 1,
    )
    return examine(
        Subject(Bright(), spec),
        [Subject(student, spec)],
        found,
        suspicion,
        clean,
        clean,
        0,  # type: ignore[arg-type]
    )


class Shift(nn.Module):
    """Adds a constant."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = by

    def forward(self, x: Tensor) -> Tensor:
        return x + self.by


def test_noise_and_students_are_asked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    robust = examined(monkeypatch, 0.45, 1, 0.3)
    assert (robust.flipped, robust.tried, robust.student_rate) == (40, 40, 0.0)
    assert robust.noisy == 40
    assert examined(monkeypatch, 0.45, 1, 0.0).student_rate == 1.0
    brittle = examined(monkeypatch, 0.5, 2, 0.0)
    assert brittle.flipped == 40
    assert brittle.noisy < 10
    assert not brittle.functional


def test_a_move_away_that_leads_to_one_class_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(monkeypatch, 0.45, ANY, 0.3)
    assert found.target == 1
    assert found.targets == (1,)


class Lit(nn.Module):
    """Class 0, 1 or 2 by the first pixel; the last pixel turns class 0, alone, into class 2."""

    def forward(self, x: Tensor) -> Tensor:
        first, last = x[:, 0, 0, 0], x[:, 0, -1, -1]
        own = torch.stack([0.3 - first, 0.4 - (first - 0.5).abs() * 2, first - 0.7], 1) * 20
        own[:, 2] += 60 * last * (0.5 - first).clamp(0)
        return own


def test_a_pair_is_searched_from_its_source_alone() -> None:
    spec = InputSpec(kind="image", shape=(1, 4, 4), classes=3)
    x = torch.zeros(60, 1, 4, 4)
    x[:, 0, 0, 0] = torch.arange(60) % 3 / 2
    clean = CleanSet(x, torch.arange(60) % 3)
    suspicion: Any = SimpleNamespace(pair=(0, 2), p_away=0.01)
    found = examine(Subject(Lit(), spec), [], cast(Any, None), suspicion, clean, clean, 0)
    assert (found.source, found.target, found.targets) == (0, 2, (2,))
    assert (found.tried, found.flipped, found.noisy) == (20, 20, 20)
    assert [(one.source, one.target) for one in found.landings] == [(0, 2)]
    assert found.about(torch.tensor([0, 1, 2])).tolist() == [True, False, False]
    assert found.functional
