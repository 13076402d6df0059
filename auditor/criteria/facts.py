"""What the findings of one audit say, as the rules see it.

Purpose: one flat table of known figures. Whatever did not complete is not in it, so that it is
unknown to every rule, and this module can say why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.core.errors import AuditorError
from auditor.core.finding import Finding, Status
from auditor.core.plan import Policy
from auditor.criteria.catalogue import Catalogue

ENDED = {
    Status.SKIPPED: "was skipped",
    Status.ERROR: "ended in an error",
    Status.TIMED_OUT: "ran out of time",
}


@dataclass(frozen=True)
class Facts:
    """Known figures by dotted name, and the findings they come from by probe."""

    values: Mapping[str, float]
    findings: Mapping[str, Finding]

    def shortfall(self, test: str) -> str | None:
        """Why a test has no figures at all; None where it completed."""
        finding = self.findings.get(test)
        if finding is None:
            return f"The test {test} was not carried out."
        if finding.status is Status.COMPLETE:
            return None
        reason = finding.reason.strip().rstrip(".")
        return f"The test {test} {ENDED[finding.status]}{': ' + reason if reason else ''}."


def gather(catalogue: Catalogue, policy: Policy, findings: Iterable[Finding]) -> Facts:
    """All figures that the catalogue declares and a completed finding gives, and all limits.

    Raises:
        AuditorError: two findings of one probe, or a policy made for another catalogue.
    """
    found = tuple(findings)
    _refuse_repeats(found)
    _refuse_other_policy(catalogue, policy)
    limits = {f"policy.{name}": value for name, value in policy.parameters.items()}
    figures = {
        f"{finding.probe}.{name}": measure.value
        for finding in found
        if finding.status is Status.COMPLETE and finding.probe in catalogue.tests
        for name, measure in finding.measures.items()
        if name in catalogue.tests[finding.probe].metrics
    }
    return Facts(figures | limits, {finding.probe: finding for finding in found})


def _refuse_repeats(findings: tuple[Finding, ...]) -> None:
    for probe, times in Counter(finding.probe for finding in findings).items():
        if times > 1:
            raise AuditorError(
                f"There are {times} findings of {probe}.", "Judge a record as it was written."
            )


def _refuse_other_policy(catalogue: Catalogue, policy: Policy) -> None:
    different = sorted(set(policy.parameters) ^ set(catalogue.policy))
    if different:
        raise AuditorError(
            f"The policy {policy.name!r} and the catalogue differ in {', '.join(different)}.",
            "Use a policy made for this catalogue.",
        )
