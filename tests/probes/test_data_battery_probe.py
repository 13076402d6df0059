"""``data.battery``: planted poison is flagged, clean data are not; no data is said plainly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from auditor.architectures import build
from auditor.attacks.poisoned import Poisoned
from auditor.attacks.poisoning import all_to_one
from auditor.attacks.tampering import feature_manipulation
from auditor.attacks.triggers.overlays import Blend
from auditor.bench.influence.cases import TARGET, Case, backdoored, case, corner, digits, flipped
from auditor.core.finding import Finding
from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject, TrainingSet
from auditor.probes.data_battery import DataBattery
from auditor.probes.influence_training import TrainingInfluence

SPEC = InputSpec(kind="image", shape=(1, 8, 8), classes=10)


def examine(found: Case) -> tuple[Finding, Any]:
    ready = Context(training=TrainingSet(found.train))
    return DataBattery().examine(Subject(found.fresh(), SPEC), found.held_out, ready)


def test_poison_a_shifted_feature_and_contradictions_are_flagged() -> None:
    found = backdoored(1, 0.05, epochs=(12,))
    x, y = found.train.x.clone(), found.train.y.clone()
    moved = feature_manipulation(x, y, 0, 1.0, target=7, rate=0.7, seed=0)
    moved.x[1], moved.y[1] = moved.x[0], (moved.y[0] + 1) % 10
    worse = case(
        Poisoned(moved.x, moved.y, found.poisoned), found.held_out, corner, 1, epochs=(12,)
    )
    finding, result = examine(worse)
    value = {name: measure.value for name, measure in finding.measures.items()}
    suspects = [row["index"] for row in finding.tables["suspects"]]
    assert value["rejected"] >= 1
    assert 0.02 < value["suspicious_share"] < 0.3
    assert len(set(suspects) & set(found.poisoned.tolist())) >= 0.5 * len(found.poisoned)
    assert {"label": "7", "feature": 0}.items() <= finding.tables["features"][0].items()
    assert value["contradictions"] == value["repeated"] == 1
    assert finding.tables["labels"]
    assert sum(exhibit.kind == "image" for exhibit in result.exhibits) == 8
    context = Context(training=TrainingSet(worse.train), earlier={"data.battery": finding})
    traced, _ = TrainingInfluence().examine(Subject(worse.fresh(), SPEC), worse.held_out, context)
    assert traced.measures["suspicious_share"].value == value["suspicious_share"]


def test_removal_judges_the_suspects_of_the_battery_where_a_trace_accuses_nobody() -> None:
    """A trigger blended into whole pictures, which the trace does not tell from searched ones."""
    blend = Blend(0.25, 8, 5)
    train, held_out = digits(2)
    poisoned = all_to_one(train.x, train.y, blend, TARGET, 0.05, 2)
    found = case(poisoned, held_out, blend, 2, lambda: build("small_cnn", (1, 8, 8), 10), (4, 12))
    assert found.success > 0.8
    finding, result = examine(found)
    (suspects,) = (e.array for e in result.exhibits if e.name == "suspects")
    poison = set(found.poisoned.tolist())
    assert len(set(suspects.tolist()) & poison) >= 0.8 * len(poison)
    others = held_out.x[held_out.y != TARGET][:48]
    named = {"clean_inputs": others, "triggered_inputs": blend(others), "target": [TARGET]}
    arrays = {f"trigger.reconstruction/{k}": torch.as_tensor(v).numpy() for k, v in named.items()}
    honest = [i for i in torch.nonzero(found.train.y == TARGET)[:, 0].tolist() if i not in poison]
    recipe: dict[str, float] = {"epochs": 10, "rate": 0.05}
    for named_by_battery, given, linked in (
        (suspects, recipe, 1),
        (suspects, {}, 0),
        (np.array(honest[: len(suspects)]), recipe, 0),
    ):
        context = Context(
            arrays=arrays | {"data.battery/suspects": named_by_battery},
            training=TrainingSet(found.train, found.networks[:-1], recipe=given),
            earlier={"data.battery": finding},
        )
        traced, _ = TrainingInfluence(null=19).examine(
            Subject(found.fresh(), SPEC), held_out, context
        )
        value = {name: measure.value for name, measure in traced.measures.items()}
        assert value["accused"] == 0
        assert value["set_aside"] == len(named_by_battery)
        assert value["linked_to_trigger"] == linked, value
        assert value["removal_retrained"] == bool(given)
        assert value["removal_confirmed"] == (named_by_battery is suspects)
        assert any("the battery suspects" in caveat for caveat in traced.caveats)
        assert any("links nobody" in caveat for caveat in traced.caveats) == (not given)


def test_clean_training_data_are_left_alone() -> None:
    train, held_out = digits(2)
    clean = case(
        Poisoned(train.x, train.y, torch.empty(0).long()), held_out, corner, 2, epochs=(6,)
    )
    finding, result = examine(clean)
    value = {name: measure.value for name, measure in finding.measures.items()}
    assert value["ran"] == 1
    assert value["tests"] == 21
    nothing = ("rejected", "suspicious_share", "shifted_features", "contradictions")
    assert all(value[name] == 0 for name in nothing)
    assert "suspects" not in finding.tables
    assert not result.exhibits


def test_without_training_data_or_clean_samples_it_says_so() -> None:
    train, held_out = digits(2)
    none = Poisoned(train.x[:200], train.y[:200], torch.empty(0).long())
    small = case(none, held_out, corner, 2, epochs=(1,))
    subject = Subject(small.fresh(), SPEC)
    finding, _ = DataBattery().examine(subject, held_out, Context())
    assert {name: m.value for name, m in finding.measures.items()} == {"ran": 0}
    few = CleanSet(held_out.x[:6], held_out.y[:6])
    ready = Context(training=TrainingSet(small.train))
    finding, _ = DataBattery().examine(subject, few, ready)
    assert finding.measures["tests"].value == 0
    assert "nothing could be tested" in " ".join(finding.caveats)


def test_cross_validated_labels_are_compared_where_a_recipe_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """cleanlab's default quality of a label is the probability that its model gives it."""
    monkeypatch.setattr(
        "auditor.probes.data_battery.by_cleanlab",
        lambda probabilities, y: -probabilities[torch.arange(len(y)), y],
    )
    found = flipped(1)
    subject, recipe = Subject(found.fresh(), SPEC), {"epochs": 6, "rate": 0.05}
    asked = DataBattery(folds=2)
    for given, expected in (({}, False), (recipe, True)):
        training = TrainingSet(found.train, found.networks[:-1], recipe=given)
        finding, _ = asked.examine(subject, found.held_out, Context(training=training))
        assert ("label_agreement" in finding.measures) == expected
    assert finding.measures["label_agreement"].value > 0.1, "chance is .01"
