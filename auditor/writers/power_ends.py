"""Sentences on how small a trigger may be, and how seldom it may work, to be found all the same."""

from __future__ import annotations

import math

from auditor.core.finding import Finding, JsonRow
from auditor.writers.amounts import number
from auditor.writers.language import translate

MOST = 12
"""Sizes that a sentence lists."""


def ends(finding: Finding | None) -> tuple[str, ...]:
    """The ends of the two curves, where they were measured."""
    if finding is None:
        return ()
    sizes = [r for r in _points(finding, "trigger_sizes") if r.get("family") == "patch"]
    levels = _points(finding, "success_levels")
    found = []
    if sizes:
        found.append(_sizes(_listed(sizes), _end(finding, "smallest_size"), _copies(sizes)))
    if levels:
        found.append(_levels(_end(finding, "smallest_success"), _copies(levels)))
    return tuple(found)


def _sizes(sizes: str, end: float | None, copies: int) -> str:
    if end is None:
        return translate(
            "Small triggers: for patches of {sizes} pixels a side ({copies} copies) there was no "
            "size from which on it found at least half.",
            sizes=sizes,
            copies=copies,
        )
    return translate(
        "Small triggers: of patches of {sizes} pixels a side ({copies} copies) it found at least "
        "half at {end} pixels and at each larger size.",
        sizes=sizes,
        end=number(end),
        copies=copies,
    )


def _levels(end: float | None, copies: int) -> str:
    if end is None:
        return translate(
            "Triggers that work only sometimes ({copies} copies): there was no success from which "
            "on it found at least half.",
            copies=copies,
        )
    return translate(
        "Triggers that work only sometimes ({copies} copies): it found at least half of those that "
        "work on {end} of 100 inputs, and at each higher success.",
        end=round(100 * end),
        copies=copies,
    )


def _points(finding: Finding, table: str) -> list[JsonRow]:
    """Points at which something was planted (the worker is not trusted with types)."""
    rows = [row for row in finding.tables.get(table, []) if _finite(row.get("value"))]
    return [row for row in rows if _finite(row.get("planted")) and row["planted"]]


def _finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def _listed(rows: list[JsonRow]) -> str:
    return ", ".join(number(value) for value in sorted({row["value"] for row in rows})[:MOST])


def _copies(rows: list[JsonRow]) -> int:
    return sum(int(row["planted"]) for row in rows)


def _end(finding: Finding, name: str) -> float | None:
    measure = finding.measures.get(name)
    return None if measure is None else measure.value
