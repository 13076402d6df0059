"""One finding for the page: its number, what it led to, measures, tables, pictures, charts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.core.criterion import Guide, Outcome, Verdict
from auditor.core.finding import Finding, Status
from auditor.core.plan import Manifest
from auditor.core.record import Record
from auditor.writers import controls, figures, wording
from auditor.writers.amounts import cell, interval, measure_value
from auditor.writers.phrases import UNIT, words
from auditor.writers.pictures import Picture, pictures
from auditor.writers.plotting import Chart
from auditor.writers.tables_view import Cut, TableView, table_view

BOUND = re.compile(r"_(low|lower|high|upper)$")
# Measures that say whether a probe had what it needs; where all are 0 it measured nothing.
PRECONDITIONS = ("ran", "training_data_available", "members_available")
ACTED_ON = (Outcome.FAIL, Outcome.CONCERN, Outcome.NOT_ASSESSED)
SEVERITIES = ("critical", "high", "medium", "low")
GRAVITY = (*ACTED_ON, Outcome.PASS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class MeasureView:
    """A measure as words."""

    name: str
    meaning: str
    value: str
    interval: str
    n: str


@dataclass(frozen=True)
class Judged:
    """A verdict that rests on the finding."""

    verdict: Verdict
    tone: wording.Tone


@dataclass(frozen=True)
class FindingView:
    """Everything that the page says about one finding.

    Args:
        number: ``F01`` for the first finding of the record.
        judged: verdicts whose rules read it, gravest first.
        remedies: what to do about those that are not settled.
    """

    number: str
    finding: Finding
    tone: wording.Tone
    judged: list[Judged]
    remedies: list[str]
    measures: list[MeasureView]
    tables: list[TableView]
    pictures: list[Picture]
    pictures_left_out: int
    controls: Chart | None
    files: int
    params: str
    cites: tuple[str, ...]

    @property
    def settles(self) -> bool:
        """Whether a verdict was reached that severity and confidence belong to."""
        reached = (Outcome.PASS, Outcome.CONCERN, Outcome.FAIL)
        return self.gravest is not None and self.gravest.verdict.outcome in reached

    @property
    def has_intervals(self) -> bool:
        """Whether any measure has an interval or a number of observations."""
        return any(each.interval or each.n for each in self.measures)

    @property
    def gravest(self) -> Judged | None:
        """The verdict that names severity and confidence of the finding."""
        return self.judged[0] if self.judged else None


def finding_views(record: Record, out: Path, guide: Guide, cut: Cut) -> list[FindingView]:
    """The views of all findings; pictures come from the evidence folder under ``out``."""
    suspects = suspect_classes(record)
    return [
        _finding_view(record, finding, f"F{index:02}", out, guide, cut, suspects)
        for index, finding in enumerate(record.findings, 1)
    ]


def by_gravity(found: list[FindingView]) -> list[FindingView]:
    """The findings with the gravest verdicts first; those that no criterion reads last."""

    def weight(view: FindingView) -> tuple[int, int]:
        if view.gravest is None:
            return len(GRAVITY), 0
        verdict = view.gravest.verdict
        severity = SEVERITIES.index(verdict.severity) if verdict.severity in SEVERITIES else 9
        return GRAVITY.index(verdict.outcome), severity

    return sorted(found, key=weight)


def suspect_classes(record: Record) -> frozenset[int]:
    """Classes that the record itself names as targets of a detected backdoor."""
    if not record.backdoor.detected:
        return frozenset()
    witness = record.backdoor.witness
    return frozenset({witness.target} if witness else record.backdoor.targets[:1])


def _finding_view(
    record: Record,
    finding: Finding,
    number: str,
    out: Path,
    guide: Guide,
    cut: Cut,
    suspects: frozenset[int],
) -> FindingView:
    shown = pictures(out, finding)
    judged = _judged(record, finding)
    manifest = record.plan.probes.get(finding.probe) if record.plan else None
    return FindingView(
        number=number,
        finding=finding,
        tone=_tone(finding),
        judged=judged,
        remedies=_remedies(finding, judged, guide),
        measures=_measures(finding, _meanings(finding, manifest, guide), cut),
        tables=_tables(finding, suspects, cut),
        pictures=shown[: cut.pictures],
        pictures_left_out=max(0, len(shown) - cut.pictures),
        controls=controls.chart(out, finding, suspects),
        files=len(finding.evidence),
        params=", ".join(f"{k} = {_short(v)}" for k, v in sorted(finding.params.items())),
        cites=manifest.cites if manifest else (),
    )


def _tone(finding: Finding) -> wording.Tone:
    """How far the probe got; one that ran but had nothing to measure has not measured."""
    asked = [finding.measures[name].value for name in PRECONDITIONS if name in finding.measures]
    if finding.status is Status.COMPLETE and asked and not any(asked):
        return wording.NOTHING_MEASURED
    return wording.STATUSES[finding.status]


def _meanings(finding: Finding, manifest: Manifest | None, guide: Guide) -> dict[str, str]:
    """What each measure is, in the words of the probe or else of the catalogue."""
    return {**guide.metrics.get(finding.probe, {}), **(manifest.measures if manifest else {})}


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:120]


def _judged(record: Record, finding: Finding) -> list[Judged]:
    resting = [each for each in record.verdicts if finding.probe in each.tests]
    resting.sort(key=lambda v: (v.tests[0] != finding.probe, GRAVITY.index(v.outcome)))
    return [Judged(each, wording.OUTCOMES[each.outcome]) for each in resting]


def _remedies(finding: Finding, judged: list[Judged], guide: Guide) -> list[str]:
    """Next steps of the unsettled verdicts that rest on this finding first of all."""
    steps = [
        guide.steps.get(each.verdict.criterion, {}).get(each.verdict.outcome.value, "")
        for each in judged
        if each.verdict.outcome in ACTED_ON and each.verdict.tests[0] == finding.probe
    ]
    return [step for step in dict.fromkeys(steps) if step]


def _measures(finding: Finding, meanings: dict[str, str], cut: Cut) -> list[MeasureView]:
    """All measures; short of the annex without those that only repeat the end of an interval."""
    ends = {end for each in finding.measures.values() for end in (each.low, each.high)} - {None}
    return [
        MeasureView(
            words(name),
            UNIT.sub("", meanings.get(name, "")),
            measure_value(measure),
            interval(measure.low, measure.high),
            "" if measure.n is None else cell(measure.n),
        )
        for name, measure in finding.measures.items()
        if cut.full or measure.value not in ends or not BOUND.search(name)
    ]


def _tables(finding: Finding, suspects: frozenset[int], cut: Cut) -> list[TableView]:
    drawn = figures.charts(finding, suspects)
    return [
        table_view(name, rows, cut, drawn.get(name))
        for name, rows in finding.tables.items()
        if rows
    ]
