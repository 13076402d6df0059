"""Everything that is concluded from findings, in one call: verdicts, opinion, summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.core.criterion import Opinion, Verdict
from auditor.core.finding import Finding
from auditor.core.plan import Policy
from auditor.core.record import Backdoor, Power
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.judge import judge
from auditor.criteria.opinion import opine
from auditor.criteria.summary import summarise


@dataclass(frozen=True)
class Assessment:
    """What a policy says about some findings."""

    verdicts: tuple[Verdict, ...]
    opinion: Opinion
    backdoor: Backdoor
    power: tuple[Power, ...]


def assess(catalogue: Catalogue, policy: Policy, findings: Sequence[Finding]) -> Assessment:
    """Judge findings; a pure function of its arguments."""
    verdicts = judge(catalogue, policy, findings)
    opinion = opine(catalogue, verdicts, findings)
    return Assessment(verdicts, opinion, *summarise(findings, policy))
