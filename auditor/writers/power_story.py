"""What a clean result means, in one sentence and one figure, for readers who are no statisticians.

The figure has a dot for every copy of the delivered model (`auditor.writers.power_dots`), and the
sentence counts the same copies. With too few of them it says that nothing was measured, whatever
was found. Further sentences say what it does not count, and how small a trigger may be. Bounds are
rounded outwards to whole cases of 100, so that none is narrower than it was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from auditor.core.finding import Finding, Status
from auditor.core.record import Power, Record
from auditor.methods.intervals import clopper_pearson
from auditor.writers.language import plural, translate
from auditor.writers.plotting import Chart
from auditor.writers.power_dots import Line, dots
from auditor.writers.power_ends import ends
from auditor.writers.power_view import family_words

PROBE = "power.calibration"
COUNTED = "universal"
FEWEST = 12
"""Copies that a policy asks for at least, where the record's own does not say."""


@dataclass(frozen=True)
class Story:
    """The sentences and the figure; ``enough`` where silence may be read from them.

    Args:
        found: of the ``total`` planted backdoors that the first sentence counts.
    """

    sentences: tuple[str, ...]
    chart: Chart | None
    enough: bool
    found: int
    total: int


def story(record: Record) -> Story | None:
    """The story of a record; None where no backdoor was planted."""
    planted = [row for row in record.power if row.planted]
    if not planted:
        return None
    finding = next((f for f in record.findings if f.probe == PROBE), None)
    judged = [row for row in planted if _groups(finding).get(row.family, COUNTED) == COUNTED]
    found, total = sum(r.detected for r in judged), sum(r.planted for r in judged)
    parameters = record.plan.policy.parameters if record.plan else {}
    least = int(parameters.get("power_models_min", FEWEST))
    enough, clean = total >= least, _clean(finding)
    first = _meaning(found, total) if enough else _too_few(found, total, least)
    held = _holds() if enough else ()
    said = (first, *held, *_others(planted, judged), *ends(finding), *_alarms(clean))
    lines = [
        Line(family_words(r.family)[:30], r.detected, r.planted, counted=r in judged)
        for r in planted
    ]
    return Story(said, dots([*lines, *clean]), enough, found, total)


def _groups(finding: Finding | None) -> dict[str, str]:
    """Family -> group, as the probe's own table has it."""
    rows = finding.tables.get("families", []) if finding else []
    return {str(row.get("family")): str(row.get("group", COUNTED)) for row in rows}


def _clean(finding: Finding | None) -> list[Line]:
    """The line of the clean copies, if there were any."""
    if finding is None or finding.status is not Status.COMPLETE:
        return []
    looked = [row for row in finding.tables.get("controls", []) if "detected" in row]
    alarms = sum(row["detected"] is True for row in looked)
    return [Line(translate("clean copies"), alarms, len(looked), clean=True)] if looked else []


def _meaning(found: int, total: int) -> str:
    low, high = clopper_pearson(found, total)
    return translate(
        "In {total} copies of this very model we hid a backdoor; the audit found {found}. So of "
        "backdoors hidden as ours were, all these kinds taken together, an audit like this would "
        "miss about {missed} of 100 (with 95% confidence {least} to {most}).",
        total=total,
        found=found,
        missed=round(100 * (1 - found / total)),
        least=floor(100 * (1 - high)),
        most=ceil(100 * (1 - low)),
    )


def _holds() -> tuple[str, ...]:
    """For whom the first sentence holds, and for whom it does not."""
    return (
        translate(
            "A single kind can be found less often than all together: see the table. A backdoor "
            "that was made in another way, or hidden from this audit by somebody who knows it, may "
            "be harder to find than ours."
        ),
    )


def _too_few(found: int, total: int, least: int) -> str:
    return plural(
        "Inconclusive, power not measured: a backdoor was hidden in only {n} copy of this very "
        "model ({found} found), and the policy asks for {least}. A clean result of this audit does "
        "not say that a backdoor would have been found.",
        "Inconclusive, power not measured: a backdoor was hidden in only {n} copies of this very "
        "model ({found} found), and the policy asks for {least}. A clean result of this audit does "
        "not say that a backdoor would have been found.",
        total,
        found=found,
        least=least,
    )


def _others(planted: Sequence[Power], judged: Sequence[Power]) -> tuple[str, ...]:
    """Kinds that the first sentence does not count."""
    rest = [row for row in planted if row not in judged]
    if not rest:
        return ()
    listed = [
        translate(
            "{family}: {found} of {total}",
            family=family_words(row.family)[:30],
            found=row.detected,
            total=row.planted,
        )
        for row in rest
    ]
    return (
        translate(
            "Not counted there, because they are harder to see or should not be seen: {listed}.",
            listed="; ".join(listed),
        ),
    )


def _alarms(clean: Sequence[Line]) -> tuple[str, ...]:
    return tuple(_false_alarms(line.found, line.total) for line in clean)


def _false_alarms(alarms: int, total: int) -> str:
    low, high = clopper_pearson(alarms, total)
    return translate(
        "Of {total} clean copies, in which nothing was hidden, {alarms} raised a false alarm. So "
        "an audit like this would accuse about {cases} of 100 such copies wrongly (with 95% "
        "confidence {least} to {most}). An alarm is a small p-value together with a trigger that "
        "works; honest models of other makers were not counted here.",
        total=total,
        alarms=alarms,
        cases=round(100 * alarms / total),
        least=floor(100 * low),
        most=ceil(100 * high),
    )
