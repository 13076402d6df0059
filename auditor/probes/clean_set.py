"""What the auditor's own clean set is made of.

Purpose: every later figure rests on these samples; too few in a class, or the same input twice,
weakens all of them.
Limits: the overlap with the vendor's training data is unknown while that data is not supplied;
wrong labels are estimated by ``influence.clean``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject


@probe
@dataclass(frozen=True)
class CleanSetProbe(Probe):
    """Counts samples, classes and duplicates."""

    id = "data.clean_set"
    title = "The auditor's clean set"
    measures: ClassVar[Mapping[str, str]] = {
        "n": "number of samples",
        "min_per_class": "samples of the smallest class, 0 if one is missing",
        "classes_missing": "classes of the model without a sample",
        "duplicates": "samples whose input occurred before, bit for bit",
        "contradictions": "duplicates that carry another label than the first occurrence",
        "overlap_known": "whether the overlap with the training data could be measured",
    }

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Count."""
        counts = clean.y.bincount(minlength=subject.classes).tolist()
        duplicates, contradictions = _repeated(clean)
        missing = sum(count == 0 for count in counts)
        context.check(1.0, "clean set")
        return Result(
            measures={
                "n": _count(len(clean)),
                "min_per_class": _count(min(counts)),
                "classes_missing": _count(missing),
                "duplicates": _count(duplicates),
                "contradictions": _count(contradictions),
                "overlap_known": False,
            },
            tables={"classes": _rows(subject, counts)},
            caveats=_caveats(missing, duplicates, contradictions),
        )


def _count(value: int) -> Measure:
    return Measure(value=value, unit="count")


def _rows(subject: Subject, counts: list[int]) -> list[JsonRow]:
    return [{"class": k, "label": subject.spec.label(k), "n": n} for k, n in enumerate(counts)]


def _repeated(clean: CleanSet) -> tuple[int, int]:
    """Repeated inputs, and those among them whose label differs from the first one's."""
    first: dict[bytes, int] = {}
    duplicates = contradictions = 0
    for row, label in zip(clean.x.numpy(), clean.y.tolist(), strict=True):
        key = row.tobytes()
        if key in first:
            duplicates += 1
            contradictions += first[key] != label
        first.setdefault(key, label)
    return duplicates, contradictions


def _caveats(missing: int, duplicates: int, contradictions: int) -> tuple[str, ...]:
    stated = (
        (True, "No training data was supplied: its overlap with the clean set is unknown."),
        (missing, f"{missing} of the model's classes have no clean sample and stay untested."),
        (
            duplicates,
            f"{duplicates} inputs occur more than once; intervals count them as "
            "independent and are a little too narrow.",
        ),
        (contradictions, f"{contradictions} repeated inputs carry contradicting labels."),
    )
    return tuple(sentence for holds, sentence in stated if holds)
