"""The figures that head a record: was a backdoor found, and how often would one have been.

Purpose: the benchmark, the report and the fleet summary read the same few numbers. Sources:
intervals after Clopper & Pearson 1934 (``auditor.methods.intervals``).
Limits: built from the findings ``trigger.reconstruction`` (or what stands in for it, see
``auditor.criteria.stand_in``) and ``power.calibration`` only; what they lack is None here, never
zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, FiniteFloat, NonNegativeInt, ValidationError

from auditor.core.errors import ToolError
from auditor.core.finding import Finding, Status
from auditor.core.plan import Policy
from auditor.core.record import Backdoor, Power, Witness
from auditor.criteria.stand_in import SCAN, read_as_scan
from auditor.methods.intervals import clopper_pearson

POWER = "power.calibration"


class _Row(BaseModel):
    """A table row; columns that are not named are for the report only."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Suspect(_Row):
    """One class of the table ``targets``, most suspicious first."""

    target: NonNegativeInt
    family: str = ""
    flip_rate: FiniteFloat | None = None
    flip_rate_low: FiniteFloat | None = None
    moves: tuple[NonNegativeInt, ...] = ()


class PowerRow(_Row):
    """One family of the table ``families``."""

    family: str
    attempted: NonNegativeInt
    planted: NonNegativeInt
    detected: NonNegativeInt


R = TypeVar("R", bound=_Row)


def summarise(findings: Iterable[Finding], policy: Policy) -> tuple[Backdoor, tuple[Power, ...]]:
    """Backdoor summary and measured power of one audit.

    Raises:
        ToolError: a probe wrote a table that is not as agreed.
    """
    done = {f.probe: f for f in read_as_scan(findings) if f.status is Status.COMPLETE}
    power = rows(done.get(POWER), "families", PowerRow)
    return _backdoor(done.get(SCAN), policy), tuple(_power(row) for row in power)


def rows(finding: Finding | None, table: str, kind: type[R]) -> tuple[R, ...]:
    """The rows of a finding's table, checked; none where there is no such table."""
    if finding is None:
        return ()
    try:
        return tuple(kind.model_validate(row) for row in finding.tables.get(table, []))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(key) for key in first["loc"])
        raise ToolError(f"{finding.probe}: table {table}, {where}: {first['msg']}.") from error


def measured(finding: Finding | None, name: str) -> float | None:
    """One measure's value, None where there is none."""
    measure = finding.measures.get(name) if finding else None
    return None if measure is None else measure.value


def _backdoor(finding: Finding | None, policy: Policy) -> Backdoor:
    suspects = rows(finding, "targets", Suspect)
    works = bool(measured(finding, "functional_witness"))
    p_value = measured(finding, "p_value")
    alarm = None if p_value is None else works and p_value <= policy.parameters["alpha_concern"]
    return Backdoor(
        score=measured(finding, "score"),
        p_value=p_value,
        detected=alarm,
        targets=tuple(suspect.target for suspect in suspects),
        witness=_witness(finding, suspects) if finding and works else None,
    )


def _witness(finding: Finding, suspects: tuple[Suspect, ...]) -> Witness | None:
    """The most suspicious class whose trigger was tried on held-out inputs."""
    for suspect in suspects:
        if suspect.flip_rate is not None and suspect.flip_rate_low is not None:
            return Witness(
                family=suspect.family,
                target=suspect.target,
                flip_rate=suspect.flip_rate,
                flip_rate_low=suspect.flip_rate_low,
                evidence=_evidence(finding, f"trigger_{suspect.target}"),
                moves=suspect.moves,
            )
    return None


def _evidence(finding: Finding, name: str) -> tuple[str, ...]:
    """Names of one trigger's exhibits, such as ``trigger_3`` and ``trigger_3_mask``."""
    names = (evidence.name for evidence in finding.evidence)
    return tuple(found for found in names if f"{found}_".startswith(f"{name}_"))


def _power(row: PowerRow) -> Power:
    if not row.detected <= row.planted <= row.attempted:
        raise ToolError(
            f"{POWER}: {row.family} has {row.detected} detected of {row.planted} planted "
            f"of {row.attempted} attempted."
        )
    interval = clopper_pearson(row.detected, row.planted) if row.planted else None
    return Power(
        family=row.family,
        attempted=row.attempted,
        planted=row.planted,
        detected=row.detected,
        rate=row.detected / row.planted if row.planted else None,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
    )
