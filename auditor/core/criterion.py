"""Criteria, verdicts and the opinion: values only; judging lives in ``auditor.criteria``."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

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


class Framework(Frozen):
    """An outside framework in a pinned edition: its title, and its ids with short titles."""

    title: str
    ids: dict[str, str] = Field(default_factory=dict)


class Guide(Frozen):
    """What a report says about criteria beyond their verdicts, taken from their catalogue.

    Args:
        mappings: criterion id -> framework -> entries (an id, or ``{ref, relation, note}``).
        frameworks: framework -> title with edition, and every pinned id.
        steps: criterion id -> outcome -> what to do next.
        limits: policy parameter -> what it is.
        metrics: test -> metric -> what it is.
    """

    mappings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    frameworks: dict[str, Framework] = Field(default_factory=dict)
    steps: dict[str, dict[str, str]] = Field(default_factory=dict)
    limits: dict[str, str] = Field(default_factory=dict)
    metrics: dict[str, dict[str, str]] = Field(default_factory=dict)
