"""Maximum margin: a planted target stands out against students, honest classes do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.handed import pack, unpack
from auditor.methods.inversion.goals import everywhere
from auditor.methods.margin import Ascent, Contrast, largest_margins
from auditor.methods.students import blank

SPEC = InputSpec(kind="image", shape=(1, 8, 8), classes=4)
GOALS = everywhere(SPEC.classes)


def quiet(share: float) -> None:
    """Nobody is told."""


def linear(gain: float = 1.0) -> tuple[Subject, CleanSet]:
    """Class k answers to row k; class 2 also, ``gain`` times, to the otherwise unused last row."""
    weight = torch.zeros(4, 8, 8)
    for k in range(4):
        weight[k, k] = 1.0
    weight[2, 7] = gain
    layer = nn.Linear(64, 4, bias=False)
    layer.weight.data = weight.view(4, 64)
    x = torch.zeros(40, 1, 8, 8)
    y = torch.arange(40) % 4
    x[torch.arange(40), 0, y] = 1.0
    return Subject(nn.Sequential(nn.Flatten(), layer), SPEC), CleanSet(x, y)


def test_a_hidden_way_into_a_class_raises_its_margin_only() -> None:
    (planted, clean), (honest, _) = linear(3.0), linear(0.0)
    own = largest_margins(
        planted, clean, everywhere(planted.classes), Ascent(), 0, lambda share: None
    )
    other = largest_margins(
        honest, clean, everywhere(honest.classes), Ascent(), 0, lambda share: None
    )
    found = Contrast(own, other[None], 1.0).raw
    assert int(found.argmax()) == 2
    assert float(found[2]) > 0.5
    clear = Contrast(other, other[None], 1.0).raw
    assert clear.abs().max() < 1e-6


def test_a_class_that_is_easy_in_students_too_does_not_contrast() -> None:
    easy = torch.tensor([1.0, 1.2, 6.0, 0.9])
    assert Contrast(easy, torch.stack([easy, easy]), 1.0).raw.abs().max() < 1e-6
    assert int(Contrast(easy, torch.ones(2, 4), 1.0).raw.argmax()) == 2


def test_scaled_logits_change_nothing() -> None:
    subject, clean = linear(1.0)
    scaled = subject.copy()
    with torch.no_grad():
        scaled.network[1].weight *= 50  # type: ignore[index, operator]
    first, second = (
        largest_margins(one, clean, everywhere(one.classes), Ascent(), 0, lambda share: None)
        for one in (subject, Subject(scaled.network, SPEC))
    )
    assert torch.allclose(first, second, rtol=1e-4)


def test_effort_grows_slowly_with_the_classes() -> None:
    ascent = Ascent()
    assert ascent.per_class(2) == 20
    assert ascent.passes(10) == 20 * 40
    assert ascent.passes(100) <= 5 * ascent.passes(10)


def test_a_flat_model_has_no_margins_and_no_nan(digits_clean: CleanSet) -> None:
    layer = nn.Linear(64, 4)
    nn.init.zeros_(layer.weight)
    subject = Subject(nn.Sequential(nn.Flatten(), layer), SPEC)
    own = largest_margins(
        subject, digits_clean, everywhere(subject.classes), Ascent(steps=2), 0, lambda share: None
    )
    assert torch.isfinite(Contrast(own, own[None], 0.5).raw).all()


def test_students_survive_being_handed_over(digits_clean: CleanSet) -> None:
    taught = [Subject(blank(SPEC.shape, 4, seed), SPEC) for seed in (3, 4)]
    with torch.no_grad():
        taught[1].network.features[1].running_mean.fill_(0.25)  # type: ignore[union-attr, index, operator]
    arrays = {f"a.probe/{name}": array for name, array in pack(taught).items()}
    again = unpack(arrays, "a.probe", SPEC)
    assert len(again) == 2
    for before, after in zip(taught, again, strict=True):
        assert torch.equal(before.logits(digits_clean.x), after.logits(digits_clean.x))
    assert unpack(arrays, "another.probe", SPEC) == []
    with pytest.raises(ValueError, match="are not a student"):
        unpack({"a.probe/student_0": np.zeros(7, np.float32)}, "a.probe", SPEC)
