"""latent.margin: a way into a class that students lack is found, honest models are not accused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.probe import Context, OutOfTime
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.probes import margin
from auditor.probes.margin import Margin

SPEC = InputSpec(kind="image", shape=(1, 8, 8), classes=4)
TARGET = 2


def rows(gain: float) -> Subject:
    """Class k answers to row k of the picture; the target also to the last row, ``gain`` times."""
    weight = torch.zeros(4, 8, 8)
    weight[torch.arange(4), torch.arange(4)] = 1.0
    weight[TARGET, 7] = gain
    layer = nn.Linear(64, 4, bias=False)
    layer.weight.data = weight.view(4, 64)
    return Subject(nn.Sequential(nn.Flatten(), layer), SPEC)


def pictures() -> CleanSet:
    """Each with one bright row, that of its class."""
    x, y = torch.zeros(40, 1, 8, 8), torch.arange(40) % 4
    x[torch.arange(40), 0, y] = 1.0
    return CleanSet(x, y)


def test_a_way_into_a_class_that_students_lack_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(margin, "unpack", lambda *_: [rows(0.0)])
    honest, _ = Margin().examine(rows(0.0), pictures(), Context())
    assert honest.measures["p_value"].value > 0.05

    found, _ = Margin().examine(rows(3.0), pictures(), Context())
    assert found.measures["p_value"].value <= 0.05
    assert found.measures["target"].value == TARGET
    assert found.tables["classes"][0]["class"] == TARGET
    assert found.tables["classes"][0]["margin"] > found.tables["classes"][0]["student_margin"]
    assert found.measures["score"].value > honest.measures["score"].value


def test_a_class_that_is_as_easy_in_students_accuses_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(margin, "unpack", lambda *_: [rows(3.0)])
    natural, _ = Margin().examine(rows(3.0), pictures(), Context())
    assert natural.measures["p_value"].value > 0.05


def test_students_are_taught_where_none_are_handed_over_and_time_is_kept() -> None:
    with pytest.raises(OutOfTime):
        Margin(students=1).run(rows(0.0), pictures(), Context(deadline=0.0))
