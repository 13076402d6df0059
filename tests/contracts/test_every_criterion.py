"""One contract over every criterion of the bundled catalogue."""

from __future__ import annotations

import pytest
from house_examples import house_findings

from auditor.core.criterion import Outcome
from auditor.core.finding import Finding, Status
from auditor.core.probe import PROBES
from auditor.criteria.catalogue import Criterion
from auditor.criteria.judge import judge
from auditor.criteria.load import PROFILES, load_catalogue, policy
from auditor.probes import discover

discover()
CATALOGUE = load_catalogue()
IDS = [criterion.id for criterion in CATALOGUE.criteria]
HOUSE = {finding.probe: set(finding.measures) for finding in house_findings()}


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
    asked = CATALOGUE.tests[probe].declarable if probe in CATALOGUE.tests else set()
    assert set(declared) - set(PROBES[probe].measures) <= asked


@pytest.mark.parametrize("test", CATALOGUE.tests)
def test_every_measure_has_somebody_who_feeds_it(test: str) -> None:
    """A probe, the house or the questionnaire: no criterion waits for what nobody gives."""
    measured = set(PROBES[test].measures) if test in PROBES else HOUSE.get(test, set())
    assert set(CATALOGUE.tests[test].metrics) <= measured | CATALOGUE.tests[test].declarable


def test_every_limit_has_a_reason() -> None:
    for name, limit in CATALOGUE.policy.items():
        assert len(limit.because) > 20, name
