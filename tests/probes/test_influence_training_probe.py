"""Tracing with training data: a planted trigger, a clean model, provenance, no data at all."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from auditor.attacks.poisoned import Poisoned
from auditor.bench.influence.cases import Case, backdoored, case, corner, digits
from auditor.bench.influence.quiet import mislabelled as half_mislabelled
from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject, TrainingSet
from auditor.methods.influence.inquiry import Inquiry
from auditor.methods.influence.removal import Removal
from auditor.methods.influence.witness import Witness, sharpened
from auditor.probes.influence_mistakes import Mistakes
from auditor.probes.influence_training import TrainingInfluence
from auditor.probes.membership import Membership

SPEC = InputSpec(kind="image", shape=(1, 8, 8), classes=10)
TARGET = 3
EPOCHS = (8, 16)


@pytest.fixture(scope="module")
def planted() -> Case:
    found = backdoored(3, epochs=EPOCHS)
    assert found.success > 0.8
    return found


def context(case: Case, **more: Any) -> Context:
    """As after a scan that found the trigger exactly."""
    others = case.held_out.x[case.held_out.y != TARGET][:48]
    named = {"clean_inputs": others, "triggered_inputs": corner(others), "target": [TARGET]}
    arrays = {f"trigger.reconstruction/{k}": torch.as_tensor(v).numpy() for k, v in named.items()}
    training = TrainingSet(case.train, case.networks[:-1], **more)
    return Context(seed=0, arrays=arrays, training=training)


def subject(case: Case) -> Subject:
    return Subject(case.fresh(), SPEC)


def test_a_planted_trigger_is_traced_cut_and_confirmed_by_removal(planted: Case) -> None:
    found, result = TrainingInfluence().examine(
        subject(planted), planted.held_out, context(planted)
    )
    value = {name: measure.value for name, measure in found.measures.items()}
    accused = {row["index"] for row in found.tables["ranking"]}
    poison = set(planted.poisoned.tolist())
    assert len(accused & poison) >= 0.5 * len(poison)
    assert len(accused - poison) <= 0.3 * len(accused)
    assert value["trace_p_value"] <= 0.05
    assert value["linked_to_trigger"] == value["removal_confirmed"] == 1
    assert value["success_after"] < 0.3
    assert value["success_after_random"] > 0.7
    assert value["cluster_purity"] > 0.9
    (cleaned,) = (e.array for e in result.exhibits if e.name == "cleaned_index")
    assert not accused & set(cleaned.tolist())
    assert len(cleaned) == len(planted.train) - value["set_aside"]
    assert value["set_aside"] >= value["accused"]
    assert 0 <= value["found_without_model"] <= 1
    assert value["accused_reliant"] >= 0.8
    assert sum(e.kind == "image" for e in result.exhibits) == 12


def test_the_accused_are_not_linked_where_the_trigger_stays_without_them(
    planted: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = Removal((1.0, 0.9), (0.9, 0.9), ((0.9, 0.9),), retrained=False)
    monkeypatch.setattr(Inquiry, "removed", lambda self, suspects, draws: stays)
    found, _ = TrainingInfluence().examine(subject(planted), planted.held_out, context(planted))
    assert found.measures["accused"].value > 0
    assert found.measures["linked_to_trigger"].value == 0


def test_a_trigger_found_faintly_all_over_the_picture_is_traced_in_its_sharpened_form(
    planted: Case,
) -> None:
    x = planted.held_out.x[planted.held_out.y != TARGET][:48]
    haze = 0.25 * (planted.train.x[planted.train.y == TARGET].mean(0) - planted.train.x.mean(0))
    blurred = torch.where(corner(x) == x, x + haze, x + 0.5).clamp(0, 1)
    scanned = Witness(x, blurred, TARGET)
    sharp = sharpened(scanned, planted.networks[-1])
    assert sharp is not None
    assert int((sharp.change.abs().mean(0) > 0.05).sum()) <= 8
    assert sharp.success(planted.networks[-1]) >= 0.9 * scanned.success(planted.networks[-1])
    assert sharpened(Witness(x, corner(x), TARGET), planted.networks[-1]) is None  # sharp already


def test_the_same_question_to_a_clean_model_accuses_nobody() -> None:
    train, held_out = digits(3)
    clean = case(
        Poisoned(train.x, train.y, torch.empty(0).long()), held_out, corner, 3, epochs=EPOCHS
    )
    found, _ = TrainingInfluence().examine(subject(clean), clean.held_out, context(clean))
    assert found.measures["trigger_success"].value < 0.5
    assert found.measures["traced"].value == 0
    assert "ranking" not in found.tables
    assert any("nothing was traced" in caveat for caveat in found.caveats)
    assert found.measures["linked_to_trigger"].value == 0
    assert found.measures["suspicious_share"].value == 0


@pytest.mark.parametrize("anyway", [1.0, 0.9])
def test_a_target_that_is_given_without_the_trigger_is_not_traced(
    planted: Case, anyway: float
) -> None:
    """Even if the few inputs that a scan keeps all go to the target: the trigger adds a tenth."""
    network = _giving(TARGET, anyway)
    with torch.no_grad():
        given = network(planted.held_out.x).argmax(1) == TARGET
    left = planted.held_out.x[~given]
    arrays = {"clean_inputs": left, "triggered_inputs": corner(left), "target": [TARGET]}
    named = {f"trigger.reconstruction/{k}": torch.as_tensor(v).numpy() for k, v in arrays.items()}
    ready = Context(arrays=named, training=TrainingSet(planted.train))
    found, _ = TrainingInfluence().examine(Subject(network, SPEC), planted.held_out, ready)
    assert found.measures["traced"].value == 0
    assert "ranking" not in found.tables
    if anyway < 1:
        assert found.measures["trigger_success"].value == 1
        assert found.measures["target_anyway"].value > 0.8
        assert any("nothing was traced" in caveat for caveat in found.caveats)


def _giving(target: int, share: float) -> nn.Module:
    """Gives ``target`` to the lightest or all inputs, and to whatever carries the corner."""
    layer = nn.Linear(64, 10)
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.zero_()
        layer.weight[target, :-10] = -1.0
        layer.weight[target, [54, 55, 62, 63]] = 100.0
        x = digits(3)[1].x.flatten(1)
        sums = (x @ layer.weight[target]).sort().values
        cut = sums[int((1 - share) * len(sums))] if share < 1 else sums[0] - 1
        layer.bias[target] = -cut
    return nn.Sequential(nn.Flatten(), layer).eval()


def test_unverified_rows_are_listed_and_can_be_left_out(planted: Case) -> None:
    training = context(planted, unverified=planted.poisoned, doubts=("26 rows occur in no entry.",))
    found, _ = TrainingInfluence(unverified_weight=0.0, null=19).examine(
        subject(planted), planted.held_out, training
    )
    assert found.measures["unverified_rows"].value == len(planted.poisoned)
    listed = [row["index"] for row in found.tables["unverified"]]
    assert listed == planted.poisoned.tolist()
    assert all(row["verified"] for row in found.tables["ranking"][:20])


def test_without_training_data_nothing_is_named(planted: Case) -> None:
    found, result = TrainingInfluence().examine(subject(planted), planted.held_out, Context())
    assert {k: v.value for k, v in found.measures.items()} == {"training_data_available": 0}
    assert not found.tables
    assert not result.exhibits
    assert "not assessed" in found.caveats[0]


@pytest.fixture(scope="module")
def mislabelled() -> Case:
    """Half of the sevens are labelled as ones."""
    train, held_out = digits(202)
    return case(half_mislabelled(train, "digits", 0.5, 202), held_out, corner, 202, epochs=(4, 16))


def test_mistakes_are_traced_to_the_wrong_labels_that_taught_them(mislabelled: Case) -> None:
    ready = Context(training=TrainingSet(mislabelled.train, mislabelled.networks[:-1]))
    found, result = Mistakes().examine(subject(mislabelled), mislabelled.held_out, ready)
    assert found.measures["mistakes"].value >= 3
    wrong = set(mislabelled.poisoned.tolist())
    accused = {row["index"] for row in found.tables["accused"]}
    assert found.measures["trace_p_value"].value <= 0.001
    assert len(accused) == found.measures["accused"].value >= 0.5 * len(wrong)
    assert len(accused & wrong) >= 0.8 * len(accused)
    assert found.measures["expected_false"].value <= 0.2
    assert found.measures["suspicious_share"].value == len(accused) / len(mislabelled.train)
    assert "verdicts on honestly trained models were false" in " ".join(found.caveats)
    assert sum(e.kind == "image" for e in result.exhibits) == 8
    projected, _ = Mistakes(projection=64).examine(
        subject(mislabelled), mislabelled.held_out, ready
    )
    assert "accused" not in projected.measures
    for ranking, fewest in ((found, 7), (projected, 3)):  # chance: one of twenty
        named = [row["index"] for row in ranking.tables["proponents"][:10]]
        assert len(set(named) & wrong) >= fewest


def test_rows_left_out_for_want_of_provenance_are_not_accused_of_mistakes(
    mislabelled: Case,
) -> None:
    training = TrainingSet(
        mislabelled.train, mislabelled.networks[:-1], unverified=mislabelled.poisoned
    )
    found, _ = Mistakes(unverified_weight=0.0).examine(
        subject(mislabelled), mislabelled.held_out, Context(training=training)
    )
    assert found.measures["accused"].value == 0


@pytest.mark.parametrize("seed", range(3))
def test_honest_mistakes_accuse_nobody(seed: int) -> None:
    train, held_out = digits(seed)
    none = Poisoned(train.x, train.y, torch.empty(0).long())
    honest = case(none, held_out, corner, seed, epochs=(2,))
    ready = Context(training=TrainingSet(honest.train))
    found, _ = Mistakes().examine(subject(honest), held_out, ready)
    assert found.measures["mistakes"].value >= 1
    assert found.measures["trace_p_value"].value > 0.001
    assert found.measures["accused"].value == found.measures["suspicious_share"].value == 0
    assert "accused" not in found.tables
    assert "accuses nobody" in " ".join(found.caveats)


def test_membership_of_an_overfitted_model_is_seen_and_of_fresh_data_not() -> None:
    train, held_out = digits(2)
    small = CleanSet(train.x[:150], train.y[:150])
    noisy = small.y.clone()
    noisy[::3] = (noisy[::3] + 1) % 10
    fitted = case(
        Poisoned(small.x, noisy, torch.empty(0).long()), held_out, corner, 2, epochs=(2, 80)
    )
    members = TrainingSet(fitted.train, fitted.networks[:1])
    found, _ = Membership().examine(subject(fitted), held_out, Context(training=members))
    assert found.measures["auc"].value > 0.65
    assert found.measures["p_value"].value < 0.01
    fresh = TrainingSet(CleanSet(train.x[500:900], train.y[500:900]), fitted.networks[:1])
    other, _ = Membership().examine(subject(fitted), held_out, Context(training=fresh))
    assert 0.4 < other.measures["auc"].value < 0.6
    assert other.measures["p_value"].value > 0.01
