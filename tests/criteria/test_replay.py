"""Replay agrees with a true record and names what was forged; a comparison names what changed."""

from __future__ import annotations

from typing import Any

import pytest
from criteria_examples import CATALOGUE
from hypothesis import given, settings
from hypothesis import strategies as st
from report_examples import plan

from auditor.core.finding import Finding, Measure, Status
from auditor.core.record import Basis, Provenance, Record, Timing
from auditor.core.spec import DeliveredFile, Delivery
from auditor.criteria.assess import assess
from auditor.criteria.compare import compare, compare_deliveries, lines
from auditor.criteria.load import policy
from auditor.criteria.replay import recorded_policy, replay

BASELINE = policy("baseline")
NOW = "2026-01-01T00:00:00+00:00"


def record(*findings: Finding, sha256: str = "ab" * 32, **changes: Any) -> Record:
    judged = assess(CATALOGUE, BASELINE, findings)
    files = (DeliveredFile(path="m.onnx", bytes=1, sha256=sha256),)
    made = Record(
        opinion=judged.opinion,
        delivery=Delivery(name="m", sha256=sha256, bytes=1, format="onnx", files=files),
        data=None, model=None, plan=None, plan_sha256="",
        timing=Timing(planned=NOW, first_trial=NOW, finished=NOW, wall_s=1.0),
        backdoor=judged.backdoor, power=judged.power, findings=findings,
        verdicts=judged.verdicts,
        provenance=Provenance(
            auditor="0.1.0", python="3", platform="x", packages={}, command=("auditor",)
        ),
        basis=Basis(catalogue=CATALOGUE.label, policy=BASELINE),
    )  # fmt: skip
    return made.model_copy(update=changes)


def accuracy(value: float, low: float, high: float) -> Finding:
    measures = {
        "value": Measure(value=value, low=low, high=high),
        "ci_low": Measure(value=low), "ci_high": Measure(value=high),
        "declared": Measure(value=0.9), "declared_present": Measure(value=1, unit="bool"),
    }  # fmt: skip
    return Finding(probe="perf.accuracy", status=Status.COMPLETE, measures=measures)


GOOD, BAD = accuracy(0.92, 0.9, 0.94), accuracy(0.7, 0.6, 0.75)


def test_a_true_record_comes_out_as_recorded() -> None:
    for made in (record(), record(GOOD), record(BAD)):
        assert replay(made, CATALOGUE, recorded_policy(made)) == ()


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1), st.floats(0, 0.2))
def test_whatever_was_measured_is_judged_the_same_again(value: float, half: float) -> None:
    made = record(accuracy(value, max(0.0, value - half), min(1.0, value + half)))
    assert replay(Record.model_validate(made.to_json()), CATALOGUE, BASELINE) == ()


def test_each_forgery_is_named() -> None:
    made = record(BAD)
    first = made.verdicts[0].model_copy(update={"outcome": "PASS", "confidence": "high"})
    forged = {
        "TAC-ID-01, outcome": {"verdicts": (first, *made.verdicts[1:])},
        "TAC-ID-01": {"verdicts": made.verdicts[1:]},
        "order of the verdicts": {"verdicts": (*made.verdicts[1:], made.verdicts[0])},
        "opinion, gate": {"opinion": made.opinion.model_copy(update={"gate": "accept"})},
        "opinion, reasons": {"opinion": made.opinion.model_copy(update={"reasons": ("Fine.",)})},
        "backdoor, p_value": {"backdoor": made.backdoor.model_copy(update={"p_value": 0.9})},
        "TAC-ACC-01, outcome": {"findings": (GOOD,)},
        "digest of the policy": {
            "basis": Basis(
                catalogue=CATALOGUE.label,
                policy=BASELINE.model_copy(update={
                    "parameters": {**BASELINE.parameters, "accuracy_tolerance": 0.5}}),
            )
        },
        "digest of the plan": {"plan": plan(), "plan_sha256": "00" * 32},
    }  # fmt: skip
    for named, change in forged.items():
        changed = made.model_copy(update=change)
        found = replay(changed, CATALOGUE, recorded_policy(changed))
        assert named in [difference.what for difference in found], named
        assert all(difference.recorded != difference.replayed for difference in found)


def test_another_policy_shows_what_would_differ() -> None:
    found = replay(record(accuracy(0.885, 0.87, 0.9)), CATALOGUE, policy("critical"))
    assert "TAC-ACC-01, outcome: recorded PASS, replayed CONCERN" in [str(d) for d in found]


def test_two_equal_audits_do_not_differ() -> None:
    assert compare(record(GOOD), record(GOOD)).identical
    assert list(lines(compare(record(GOOD), record(GOOD)))) == ["No difference."]


def test_a_worse_model_is_seen_with_its_intervals() -> None:
    found = compare(record(GOOD), record(BAD, sha256="cd" * 32))
    assert [file.change for file in found.files] == ["changed"]
    (verdict,) = [each for each in found.verdicts if each.criterion == "TAC-ACC-01"]
    assert (verdict.before, verdict.after, verdict.worse) == ("PASS", "FAIL", True)
    (value,) = [each for each in found.measures if each.name == "perf.accuracy.value"]
    assert value.weight == "apart"
    told = "\n".join(lines(found))
    assert "perf.accuracy.value: 0.92 [0.9, 0.94] -> 0.7 [0.6, 0.75]" in told
    assert "WORSE" in told


@pytest.mark.parametrize(
    ("other", "weight"), [(accuracy(0.93, 0.91, 0.95), "overlap"), (None, "gone")]
)
def test_what_a_difference_weighs(other: Finding | None, weight: str) -> None:
    found = compare(record(GOOD), record(*([other] if other else [])))
    (value,) = [each for each in found.measures if each.name == "perf.accuracy.value"]
    assert value.weight == weight


def test_deliveries_alone_are_compared_by_files() -> None:
    one, two = record().delivery, record(sha256="cd" * 32).delivery
    card = DeliveredFile(path="card.toml", bytes=1, sha256="ef" * 32)
    more = two.model_copy(update={"files": (*two.files, card)})
    assert compare_deliveries(one, one).identical
    assert [(f.path, f.change) for f in compare_deliveries(one, more).files] == [
        ("card.toml", "added"), ("m.onnx", "changed"),
    ]  # fmt: skip


def weights(**digests: str) -> Finding:
    rows = [{"tensor": name.replace("__", "."), "shape": "2x2", "dtype": "float32", "sha256": sha}
            for name, sha in digests.items()]  # fmt: skip
    return Finding(probe="artefact.hash", status=Status.COMPLETE, tables={"tensors": rows})


def test_changed_tensors_are_named_by_layer() -> None:
    one = record(weights(conv__weight="a", conv__bias="b", fc__weight="c"))
    two = record(weights(conv__weight="x", conv__bias="b", head__weight="c"))
    found = compare(one, two)
    assert [(each.layer, each.change) for each in found.tensors] == [
        ("conv", "changed"), ("fc", "removed"), ("head", "added"),
    ]  # fmt: skip
    assert found.tensors_alike == 1
    assert "layer conv: weight changed" in "\n".join(lines(found))
    assert compare(one, record()).tensors == ()
