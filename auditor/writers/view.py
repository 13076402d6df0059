"""What the templates print, worked out from the record: plain values, no markup.

Nothing is judged here. Where the record is silent the view says so, in words.
"""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from auditor.core.canonical import digest
from auditor.core.criterion import Guide, Outcome, Verdict
from auditor.core.finding import Evidence
from auditor.core.record import Record
from auditor.writers import wording
from auditor.writers.amounts import duration, parse_time
from auditor.writers.answer import Answer, answer
from auditor.writers.curve_charts import power_chart
from auditor.writers.declared_view import Declared, card_rows, declared
from auditor.writers.findings_view import FindingView, by_gravity, finding_views
from auditor.writers.gaps_view import Gap, gaps, unmeasured
from auditor.writers.language import translate
from auditor.writers.matrix_view import Area, FrameworkView, areas, framework_views
from auditor.writers.pictures import Picture, matching, picture
from auditor.writers.plotting import Chart
from auditor.writers.power_story import Story
from auditor.writers.power_story import story as power_story
from auditor.writers.power_view import power_lines
from auditor.writers.record_json import dump
from auditor.writers.tables_view import USUAL, Cut


@dataclass(frozen=True)
class View:
    """Everything that the templates need besides the record itself."""

    record: Record
    number: str
    digest: str
    gate: wording.Gate
    answer: Answer
    counts: list[tuple[wording.Tone, int]]
    pair: list[Picture]
    exhibits: list[Picture]
    target: str
    source: str
    findings: list[FindingView]
    by_gravity: list[FindingView]
    areas: list[Area]
    frameworks: list[FrameworkView]
    gaps: list[Gap]
    unmeasured: list[Gap]
    conditions: list[Verdict]
    declared: list[Declared]
    card: list[tuple[str, str]]
    power_chart: Chart | None
    power_lines: list[str]
    story: Story | None
    lead_time: str
    plan_intact: bool | None
    this_is: tuple[str, ...]
    command: str
    evidence: list[tuple[str, Evidence]]
    sources: list[str]
    limits: dict[str, str]
    steps: dict[str, dict[str, str]]

    def step(self, verdict: Verdict) -> str:
        """What the catalogue says to do about a verdict; empty if it says nothing."""
        return self.steps.get(verdict.criterion, {}).get(verdict.outcome.value, "")


def build(record: Record, out: Path, guide: Guide, cut: Cut = USUAL) -> View:
    """The view of a record whose evidence lies under ``out``."""
    sha256 = digest(dump(record))
    findings = finding_views(record, out, guide, cut)
    exhibits = _exhibits(record, out)
    told, conditions, target = power_story(record), _conditions(record), _target(record)
    return View(
        record=record,
        number=report_number(sha256),
        digest=sha256,
        gate=wording.gate(record.opinion.gate),
        answer=answer(record, told, target, len(conditions)),
        counts=_counts(record),
        pair=[each for each in exhibits if each.role in ("Clean", "Triggered")],
        exhibits=exhibits,
        target=target,
        source=_label(record, record.backdoor.source),
        findings=findings,
        by_gravity=by_gravity(findings),
        areas=areas(record.verdicts, guide),
        frameworks=framework_views(record.verdicts, guide),
        gaps=gaps(record),
        unmeasured=unmeasured(record),
        conditions=conditions,
        declared=declared(record),
        card=card_rows(record.delivery.card),
        power_chart=power_chart(record.power, _floor(record)),
        power_lines=power_lines(record.power),
        story=told,
        lead_time=_lead_time(record),
        plan_intact=_plan_intact(record),
        this_is=(_limits_claim(record), *wording.IS),
        command=shlex.join(record.provenance.command),
        evidence=[(view.number, each) for view in findings for each in view.finding.evidence],
        sources=sorted({cite for view in findings for cite in view.cites}),
        limits=guide.limits,
        steps=guide.steps,
    )


def report_number(sha256: str) -> str:
    """A number for people, from the record's digest.

    >>> report_number("3fa9c21b77de" + "0" * 52)
    'AUD-3FA9-C21B-77DE'
    """
    head = sha256[:12].upper()
    return f"AUD-{head[:4]}-{head[4:8]}-{head[8:]}"


def _counts(record: Record) -> list[tuple[wording.Tone, int]]:
    counted = Counter(verdict.outcome for verdict in record.verdicts)
    return [(tone, counted[outcome]) for outcome, tone in wording.OUTCOMES.items()]


def _exhibits(record: Record, out: Path) -> list[Picture]:
    """Pictures of the witness, one of each kind: clean, triggered, trigger, mask, difference."""
    witness = record.backdoor.witness
    if witness is None:
        return []
    named = matching(record.findings, witness.evidence)
    shown = [picture(out, each) for each in named if each.media_type.startswith("image/")]
    order = ["Clean", "Triggered", "Trigger", "Mask", "Difference", ""]
    first: dict[str, Picture] = {}
    for each in sorted(shown, key=lambda p: order.index(p.role)):
        first.setdefault(each.role or each.name, each)
    return list(first.values())[:5]


def _target(record: Record) -> str:
    """The witness's target class as a reader knows it."""
    witness = record.backdoor.witness
    return _label(record, witness.target if witness else None)


def _label(record: Record, k: int | None) -> str:
    """A class as a reader knows it; empty if there is none."""
    if k is None:
        return ""
    return record.model.spec.label(k) if record.model and record.model.spec else str(k)


def _conditions(record: Record) -> list[Verdict]:
    """Open points, failures first and those that nobody could assess before mere concerns."""
    order = (Outcome.FAIL, Outcome.NOT_ASSESSED, Outcome.CONCERN)
    points = [verdict for verdict in record.verdicts if _is_condition(verdict)]
    return sorted(points, key=lambda v: (order.index(v.outcome), v.gate != "blocking"))


def _is_condition(verdict: Verdict) -> bool:
    """What somebody must act on before or after an acceptance."""
    if verdict.outcome is Outcome.FAIL or verdict.outcome is Outcome.CONCERN:
        return verdict.gate != "informative"
    return verdict.outcome is Outcome.NOT_ASSESSED and verdict.gate == "blocking"


def _floor(record: Record) -> float | None:
    return record.plan.policy.parameters.get("power_floor") if record.plan else None


def _lead(record: Record) -> float | None:
    """Seconds from plan to first trial, negative if the plan is younger; None if unknown."""
    planned, first = parse_time(record.timing.planned), parse_time(record.timing.first_trial)
    if planned is None or first is None or (planned.tzinfo is None) != (first.tzinfo is None):
        return None
    return (first - planned).total_seconds()


def _limits_claim(record: Record) -> str:
    """Limits came first only if the plan is whole and older than the first trial."""
    lead = _lead(record)
    shown = lead is not None and lead >= 0 and _plan_intact(record)
    return wording.LIMITS_FIRST if shown else wording.LIMITS_UNCLEAR


def _lead_time(record: Record) -> str:
    """How long before the first trial the plan was fixed, in words; empty if unknown."""
    seconds = _lead(record)
    if seconds is None:
        return ""
    if seconds < 0:
        return translate("The plan is dated {time} AFTER the first trial.", time=duration(-seconds))
    return translate("The plan was fixed {time} before the first trial.", time=duration(seconds))


def _plan_intact(record: Record) -> bool | None:
    return None if record.plan is None else record.plan.sha256 == record.plan_sha256
