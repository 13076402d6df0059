"""One contract over every criterion of the bundled catalogue."""

from __future__ import annotations

import pytest

from auditor import house
from auditor.core.criterion import Outcome
from auditor.core.errors import DeliveryError
from auditor.core.finding import Finding, Status
from auditor.core.probe import PROBES
from auditor.core.spec import Delivery
from auditor.criteria.catalogue import Criterion
from auditor.criteria.judge import judge
from auditor.criteria.load import PROFILES, load_catalogue, policy
from auditor.probes import discover

discover()
CATALOGUE = load_catalogue()
IDS = [criterion.id for criterion in CATALOGUE.criteria]
HOUSE = {
    house.identity(
        Delivery(name="m", sha256="a", bytes=1, format="onnx", files=()), None, "m"
    ).probe,
    house.refusal(DeliveryError("x")).probe,
    house.commitment().probe,
    house.no_retest().probe,
    house.seal().probe,
}
NOT_MEASURED = {"data.clean_set": {"provenance_stated"}}
"""What a criterion asks and no probe measures."""


@pytest.mark.parametrize("criterion", CATALOGUE.criteria, ids=IDS)
def test_it_can_be_read_by_a_person(criterion: Criterion) -> None:
    assert criterion.question.endswith("?")
    assert criterion.title
    assert criterion.next_step.endswith(".")


@pytest.mark.parametrize("profile", PROFILES)
def test_silence_is_never_a_pass(profile: str) -> None:
    verdicts = judge(CATALOGUE, policy(profile, CATALOGUE), ())
    assert [verdict.criterion for verdict in verdicts] == IDS
    assert {verdict.outcome for verdict in verdicts} == {Outcome.NOT_ASSESSED}
    assert all(verdict.reasons for verdict in verdicts)


@pytest.mark.parametrize("status", [Status.ERROR, Status.TIMED_OUT, Status.SKIPPED])
def test_what_failed_is_never_a_pass(status: Status) -> None:
    broken = [
        Finding(probe=test, status=status, reason="The worker died.") for test in CATALOGUE.tests
    ]
    verdicts = judge(CATALOGUE, policy("baseline", CATALOGUE), broken)
    assert Outcome.PASS not in {verdict.outcome for verdict in verdicts}
    reasons = " ".join(reason for verdict in verdicts for reason in verdict.reasons)
    assert "The worker died." in reasons


@pytest.mark.parametrize("test", sorted(HOUSE))
def test_what_the_house_finds_can_be_judged(test: str) -> None:
    assert test in CATALOGUE.tests


@pytest.mark.parametrize("probe", sorted(PROBES))
def test_metrics_of_a_probe_are_measures_of_it(probe: str) -> None:
    declared = CATALOGUE.tests[probe].metrics if probe in CATALOGUE.tests else {}
    assert set(declared) - set(PROBES[probe].measures) == NOT_MEASURED.get(probe, set())
