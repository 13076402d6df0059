"""Verdicts by subject area, and the same verdicts read along outside frameworks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.core.criterion import Guide, Verdict
from auditor.writers import wording
from auditor.writers.language import mark, translate

IN_ROW = ("eu_ai_act", "altai", "nist_aml", "atlas")
RELATIONS = {
    "direct": mark("supports {ref}"),
    "partial": mark("supports in part {ref}"),
    "context": mark("context for {ref}"),
}
OTHER = mark("relates to {ref}")


@dataclass(frozen=True)
class Reference:
    """A framework and the ids in it that a criterion is tied to."""

    framework: str
    text: str


@dataclass(frozen=True)
class Row:
    """One criterion of the matrix."""

    verdict: Verdict
    tone: wording.Tone
    references: list[Reference]


@dataclass(frozen=True)
class Area:
    """Criteria of one subject area."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Line:
    """One id of a framework, its short title, and the criteria tied to it (maybe none)."""

    key: str
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class FrameworkView:
    """One framework with every pinned id, those without a criterion too."""

    title: str
    lines: list[Line]


def areas(verdicts: Sequence[Verdict], guide: Guide) -> list[Area]:
    """All verdicts in catalogue order, grouped by the middle part of their ids."""
    grouped: dict[str, list[Row]] = {}
    for verdict in verdicts:
        parts = verdict.criterion.split("-")
        title = wording.AREAS.get(parts[1] if len(parts) > 2 else "", wording.FURTHER)
        grouped.setdefault(title, []).append(_row(verdict, guide))
    return [Area(title, rows) for title, rows in grouped.items()]


def _row(verdict: Verdict, guide: Guide) -> Row:
    mapped = guide.mappings.get(verdict.criterion, {})
    references = [
        Reference(guide.frameworks[name].title.split(" (")[0], _text(name, mapped[name]))
        for name in IN_ROW
        if mapped.get(name) and name in guide.frameworks
    ]
    return Row(verdict, wording.OUTCOMES[verdict.outcome], references)


def _text(framework: str, entries: Iterable[Any]) -> str:
    pairs = [_reference(entry) for entry in entries]
    if framework != "eu_ai_act":
        return ", ".join(ref for ref, _ in pairs)
    return "; ".join(translate(RELATIONS.get(relation, OTHER), ref=ref) for ref, relation in pairs)


def _reference(entry: Any) -> tuple[str, str]:
    """Id and relation of a catalogue entry, which is an id or ``{ref, relation, note}``."""
    if isinstance(entry, Mapping):
        note = f" ({entry['note']})" if entry.get("note") else ""
        return f"{entry['ref']}{note}", str(entry.get("relation") or "")
    return str(entry), ""


KINDS = {"Art.": 0, "Annex": 1, "Recital": 2}


def framework_views(verdicts: Sequence[Verdict], guide: Guide) -> list[FrameworkView]:
    """Views by article, ALTAI requirement, NIST and ATLAS id; empty without mappings."""
    if not guide.mappings:
        return []
    rows = [_row(verdict, guide) for verdict in verdicts]
    return [_framework(name, rows, guide) for name in IN_ROW if name in guide.frameworks]


def _framework(name: str, rows: list[Row], guide: Guide) -> FrameworkView:
    pinned = guide.frameworks[name].ids
    found: dict[str, list[Row]] = {key: [] for key in pinned}
    for row in rows:
        for entry in guide.mappings.get(row.verdict.criterion, {}).get(name, ()):
            found.setdefault(_key(entry), []).append(row)
    lines = [Line(key, pinned.get(key, ""), found[key]) for key in sorted(found, key=_natural)]
    return FrameworkView(guide.frameworks[name].title, lines)


def _key(entry: Any) -> str:
    """The id of a reference without what narrows it down."""
    return str(entry["ref"] if isinstance(entry, Mapping) else entry)


def _natural(key: str) -> list[tuple[int, str]]:
    """Sort key by which Art. 9 comes before Art. 15."""
    words = re.findall(r"\d+|\D+", key)
    first = [(KINDS.get(words[0].split(" ")[0], 9), "")] if words else []
    return first + [(int(word), "") if word.isdigit() else (10**9, word) for word in words]
