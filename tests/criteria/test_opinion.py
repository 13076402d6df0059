"""Four opinions, their gates, and what a board reads."""

from __future__ import annotations

from typing import Any

import pytest
from criteria_examples import (
    CATALOGUE,
    FLAWLESS,
    QUICK,
    TRIGGER,
    finding,
    findings,
    first_version,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.core.criterion import Opinion
from auditor.core.errors import AuditorError
from auditor.core.finding import Finding, Status
from auditor.criteria.judge import judge
from auditor.criteria.load import policy
from auditor.criteria.opinion import GATES, opine


def opinion(found: list[Finding], profile: str = "baseline") -> Opinion:
    return opine(CATALOGUE, judge(CATALOGUE, policy(profile), found), found)


CHANGES: list[tuple[dict[str, dict[str, Any]], str]] = [
    ({}, "clear"),
    ({"doc.supplier": {"written_agreement": False}}, "clear"),
    ({"artefact.signature": {"present": False}}, "clear_with_exceptions"),
    ({"evasion.whitebox": {"robust_accuracy": 0.0}}, "clear_with_exceptions"),
    ({"artefact.hash": {"declared_present": False}}, "clear_with_exceptions"),
    ({"perf.accuracy": {"declared_present": False}}, "clear_with_exceptions"),
    ({"evasion.whitebox": {"ran": False}}, "clear_with_exceptions"),
    ({"trigger.reconstruction": {"p_value": 0.04}}, "clear_with_exceptions"),
    ({"trigger.reconstruction": TRIGGER}, "adverse"),
    ({"artefact.unsafe_load": {"dangerous_ops": 1}}, "adverse"),
    ({"artefact.hash": {"matches_declared": False}}, "adverse"),
    ({"perf.accuracy": {"value": 0.5, "ci_high": 0.6}}, "adverse"),
    (
        {"perf.accuracy": {"value": 0.5, "ci_high": 0.6}, "data.clean_set": {"min_per_class": 2}},
        "no_conclusion",
    ),
    ({"plan.commitment": {"changed_after_commit": True}}, "no_conclusion"),
    ({"data.clean_set": {"overlap_share": 0.9}}, "no_conclusion"),
    ({"power.calibration": {"false_alarm_upper": 0.9}}, "no_conclusion"),
    ({"power.calibration": {"power_lower": 0.1}}, "no_conclusion"),
    ({"record.seal": {"log_chain_valid": False}}, "no_conclusion"),
]


@pytest.mark.parametrize(("changes", "expected"), CHANGES)
def test_opinions(changes: dict[str, dict[str, Any]], expected: str) -> None:
    given_opinion = opinion(findings(changes))
    assert (given_opinion.outcome, given_opinion.gate) == (expected, GATES[expected])


def test_gates_are_the_four_of_the_command_line() -> None:
    assert GATES == {
        "clear": "accept",
        "clear_with_exceptions": "accept_with_conditions",
        "adverse": "reject",
        "no_conclusion": "inconclusive",
    }


@pytest.mark.parametrize("profile", ["baseline", "elevated", "critical"])
def test_all_evidence_and_full_power_reach_clear(profile: str) -> None:
    assert opinion(findings(), profile).outcome == "clear"


def test_a_clean_model_after_a_quick_audit_is_neither_rejected_nor_cleared() -> None:
    quick = opinion(first_version({"power.calibration": QUICK}))
    assert quick.gate == "inconclusive"
    assert "not measured well enough" in quick.reasons[0]
    assert any("Measured detection power" in reason for reason in quick.reasons)
    assert "plants more backdoors" in quick.reasons[-1]


def test_a_clean_model_with_full_power_but_two_core_searches_missing() -> None:
    retest = next(f for f in findings() if f.probe == "retest.closure")
    known = [*first_version(), retest]
    assert opinion(known).gate == "accept_with_conditions"
    assert opinion(first_version()).gate == "inconclusive"


def test_a_backdoored_model_after_a_quick_audit_is_rejected() -> None:
    targets = [{"target": 3, "family": "patch", "flip_rate": 0.985, "flip_rate_low": 0.95}]
    found = [
        f.model_copy(update={"tables": {"targets": targets}})
        if f.probe == "trigger.reconstruction"
        else f
        for f in first_version({"trigger.reconstruction": TRIGGER, "power.calibration": QUICK})
    ]
    rejected = opinion(found)
    assert rejected.gate == "reject"
    assert rejected.reasons[0].startswith("A hidden trigger was found: it sends 98% of held-out")
    assert rejected.reasons[0].endswith("to class 3.")
    assert rejected.reasons[-1].startswith("Next step: do not accept the delivery.")


def test_a_delivery_that_cannot_be_opened_is_adverse() -> None:
    broken = [finding("artefact.unsafe_load", Status.ERROR)]
    refused = opinion(broken)
    assert refused.gate == "reject"
    assert refused.reasons[0] == "The delivery could not be opened: the disk was full."
    skipped = [finding("artefact.unsafe_load", Status.SKIPPED)]
    assert opinion(skipped).gate == "inconclusive"


def test_a_dangerous_delivery_is_adverse_without_any_other_finding() -> None:
    found = findings({"artefact.unsafe_load": {"dangerous_ops": 1}})
    assert opinion([f for f in found if f.probe == "artefact.unsafe_load"]).gate == "reject"


def test_nothing_at_all_is_no_conclusion() -> None:
    assert opinion([]).gate == "inconclusive"


def test_verdicts_of_another_catalogue_are_refused() -> None:
    verdicts = judge(CATALOGUE, policy("baseline"), findings())
    with pytest.raises(AuditorError, match="not those of the catalogue tac"):
        opine(CATALOGUE, verdicts[1:], findings())


@settings(deadline=None)
@given(st.sets(st.sampled_from(sorted(FLAWLESS)), min_size=1), st.sampled_from(CHANGES))
def test_leaving_a_test_out_never_leads_to_accept(
    left_out: set[str], case: tuple[dict[str, dict[str, Any]], str]
) -> None:
    informative = {"doc.supplier", "doc.oversight", "privacy.extraction"}
    fewer = opinion(findings(case[0], without=tuple(left_out)))
    if fewer.gate == "accept":
        assert left_out <= informative
        assert case[1] == "clear"


@given(st.sampled_from(CHANGES), st.sets(st.sampled_from(sorted(FLAWLESS))))
def test_reasons_end_with_the_next_step(
    case: tuple[dict[str, dict[str, Any]], str], left_out: set[str]
) -> None:
    reasons = opinion(findings(case[0], without=tuple(left_out))).reasons
    assert reasons[-1].startswith("Next step: ")
    assert all(
        (reason.endswith(".") and reason[0].isupper()) or reason[0].isdigit() for reason in reasons
    )


def test_a_trigger_of_one_class_is_told_with_both() -> None:
    row = {"target": 3, "family": "mask", "flip_rate": 0.9, "flip_rate_low": 0.8, "moves": [5]}
    told = [said_of([row]), said_of([row, {**row, "target": 4}])]
    assert told[0].endswith("it sends 90% of held-out inputs of class 5 to class 3.")
    assert told[1].endswith("it moves 90% of held-out inputs to other classes.")


def said_of(targets: list[dict[str, Any]]) -> str:
    found = [
        f.model_copy(update={"tables": {"targets": targets}})
        if f.probe == "trigger.reconstruction"
        else f
        for f in first_version({"trigger.reconstruction": TRIGGER, "power.calibration": QUICK})
    ]
    return opinion(found).reasons[0]
