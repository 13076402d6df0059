"""Criteria, verdicts and the opinion: values only; judging lives in ``auditor.criteria``."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from auditor.core.finding import Frozen


class Outcome(StrEnum):
    """Verdict of one criterion."""

    PASS = "PASS"
    CONCERN = "CONCERN"
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_ASSESSED = "NOT_ASSESSED"


class Verdict(Frozen):
    """What the policy says about the findings, under one criterion.

    Args:
        criterion: id in the catalogue, e.g. ``TAC-POI-01``.
        gate: ``blocking``, ``conditional`` or ``informative``.
        reasons: sentences with the figures that decided.
        confidence: ``high``, ``medium`` or ``low``.
        tests: probes whose measures the rules read.
        tier: weakest evidence (E1 to E4) that it rests on; empty where nothing is known.
    """

    criterion: str
    title: str
    outcome: Outcome
    gate: str
    severity: str
    confidence: str
    reasons: tuple[str, ...]
    tests: tuple[str, ...] = ()
    tier: str = ""


class Opinion(Frozen):
    """The audit's overall result.

    Args:
        outcome: ``clear``, ``clear_with_exceptions``, ``adverse`` or ``no_conclusion``.
        gate: ``accept``, ``accept_with_conditions``, ``reject`` or ``inconclusive``.
        reasons: the sentences that a board member reads first.
    """

    outcome: str
    gate: str
    reasons: tuple[str, ...] = Field(min_length=1)
