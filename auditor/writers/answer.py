"""May the model be accepted? The answer at the head of the decision, with the figure behind it.

Nothing is judged here: the gate of the record decides, and every figure is one of its measures.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.core.criterion import Outcome, Verdict
from auditor.core.finding import Status
from auditor.core.plan import TOO_LARGE
from auditor.core.record import Record
from auditor.writers.amounts import number
from auditor.writers.language import plural, translate
from auditor.writers.phrases import said_plain
from auditor.writers.power_story import PROBE, Story

LONGEST = 300


@dataclass(frozen=True)
class Answer:
    """The answer, and the opinion's reasons that it does not tell already."""

    text: str
    reasons: tuple[str, ...]


def answer(record: Record, story: Story | None, target: str, conditions: int) -> Answer:
    """What the gate of the record says about acceptance.

    Args:
        target: the witness's target class as a reader knows it.
        conditions: open points that somebody must act on.
    """
    gate, reasons = record.opinion.gate, record.opinion.reasons
    if gate == "reject" and record.backdoor.detected and record.backdoor.witness:
        return Answer(_trigger(record, target), reasons[1:])
    if gate == "reject":
        told = _worst(record)
        rest = tuple(reason for reason in reasons if reason != told)
        return Answer(translate("No. {reason}", reason=said_plain(told, LONGEST)), rest)
    if gate == "accept_with_conditions":
        return Answer(f"{_once(conditions)} {_power(record, story)}", reasons)
    if gate == "accept":
        yes = translate("Yes, under the limits of chapter 4: no defect beyond them was measured.")
        return Answer(f"{yes} {_power(record, story)}", reasons)
    return Answer(f"{_undecided(record)} {_power(record, story)}", reasons)


def _trigger(record: Record, target: str) -> str:
    witness = record.backdoor.witness
    rate = number(100 * witness.flip_rate) if witness else ""
    if record.backdoor.source is not None:
        return translate(
            "No. A hidden trigger turns {rate} of 100 test inputs of one class into “{target}”.",
            rate=rate,
            target=target,
        )
    if witness and witness.moves:
        return translate(
            "No. A hidden trigger changes the model's answer for {rate} of 100 test inputs.",
            rate=rate,
        )
    return translate(
        "No. A hidden trigger turns {rate} of 100 test inputs of other classes into “{target}”.",
        rate=rate,
        target=target,
    )


def _worst(record: Record) -> str:
    """The reason that names the first failure, those that block before others."""
    failed = [verdict for verdict in record.verdicts if verdict.outcome is Outcome.FAIL]
    for verdict in sorted(failed, key=_lets_pass):
        for reason in record.opinion.reasons:
            if f"({verdict.criterion})" in reason:
                return reason
    return record.opinion.reasons[0]


def _lets_pass(verdict: Verdict) -> bool:
    return verdict.gate != "blocking"


def _once(conditions: int) -> str:
    if not conditions:
        return translate("Yes, with the exceptions that chapter 7 names.")
    return plural(
        "Yes, once the open point of chapter 9 has an owner and a date.",
        "Yes, once each of the {n} open points of chapter 9 has an owner and a date.",
        conditions,
    )


def _undecided(record: Record) -> str:
    missing = [each for each in record.verdicts if each.outcome is Outcome.NOT_ASSESSED]
    asked = [verdict for verdict in missing if not _lets_pass(verdict)]
    if not asked:
        return translate("Not on this evidence.")
    return plural(
        "Not on this evidence: a question that acceptance depends on was not assessed.",
        "Not on this evidence: {n} questions that acceptance depends on were not assessed.",
        len(asked),
    )


def _power(record: Record, story: Story | None) -> str:
    """How much silence is worth, in figures."""
    if story is None and record.model and _too_large(record):
        return translate(
            "No backdoor was hidden in copies of the model, so it is not known what this audit "
            "would have missed: the model has {n} parameters, more than the {profile} profile "
            "plants backdoors in; a larger profile plants them.",
            n=f"{record.model.parameters:,}",
            profile=record.plan.profile if record.plan else "",
        )
    if story is None:
        return translate(
            "No backdoor was hidden in copies of the model, so it is not known what this audit "
            "would have missed."
        )
    if not story.enough:
        return story.sentences[0]
    return plural(
        "Of {n} backdoor hidden in a copy of this model, the audit found {found}.",
        "Of {n} backdoors hidden in copies of this model, the audit found {found}.",
        story.total,
        found=story.found,
    )


def _too_large(record: Record) -> bool:
    """Whether the profile left planting out because of the size of the model."""
    skipped = (f for f in record.findings if f.probe == PROBE and f.status is Status.SKIPPED)
    return any(f.reason.endswith(TOO_LARGE) for f in skipped)
