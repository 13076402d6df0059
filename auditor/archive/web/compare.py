"""Two archived audits side by side: which criteria were judged otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from auditor.core.criterion import Outcome
from auditor.writers.wording import OUTCOMES, Tone

NOWHERE = Tone("na", "Not a criterion")


@dataclass(frozen=True)
class Row:
    """One criterion in both audits."""

    criterion: str
    title: str
    first: Tone
    second: Tone

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.first != self.second


def compare(first: dict[str, Any], second: dict[str, Any]) -> list[Row]:
    """Criteria of both records: those that differ first, then by id."""
    sides = [{str(v["criterion"]): v for v in record["verdicts"]} for record in (first, second)]
    rows = [
        Row(name, _title(name, sides), _tone(sides[0].get(name)), _tone(sides[1].get(name)))
        for name in sorted(sides[0].keys() | sides[1].keys())
    ]
    return sorted(rows, key=lambda row: not row.changed)


def _title(name: str, sides: list[dict[str, Any]]) -> str:
    return str((sides[1].get(name) or sides[0][name])["title"])


def _tone(verdict: dict[str, Any] | None) -> Tone:
    if verdict is None:
        return NOWHERE
    try:
        return OUTCOMES[Outcome(verdict["outcome"])]
    except ValueError:
        return Tone("na", str(verdict["outcome"]))
