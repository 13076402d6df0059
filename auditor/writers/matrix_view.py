"""Verdicts by subject area, and the same verdicts read along outside frameworks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.core.criterion import Verdict
from auditor.writers import wording

Mappings = Mapping[str, Mapping[str, Any]]
IN_ROW = ("eu_ai_act", "altai", "nist_aml", "atlas")
RELATIONS = {
    "direct": "supports",
    "partial": "supports in part",
    "context": "context for",
}


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
class FrameworkView:
    """One framework: each id with the criteria tied to it and how they came out."""

    title: str
    lines: list[tuple[str, list[Row]]]


def areas(verdicts: Sequence[Verdict], mappings: Mappings) -> list[Area]:
    """All verdicts in catalogue order, grouped by the middle part of their ids."""
    grouped: dict[str, list[Row]] = {}
    for verdict in verdicts:
        parts = verdict.criterion.split("-")
        title = wording.AREAS.get(parts[1] if len(parts) > 2 else "", "Further criteria")
        grouped.setdefault(title, []).append(_row(verdict, mappings))
    return [Area(title, rows) for title, rows in grouped.items()]


def _row(verdict: Verdict, mappings: Mappings) -> Row:
    mapped = mappings.get(verdict.criterion, {})
    references = [
        Reference(wording.FRAMEWORKS[name].split(" (")[0], _text(name, mapped[name]))
        for name in IN_ROW
        if mapped.get(name)
    ]
    return Row(verdict, wording.OUTCOMES[verdict.outcome], references)


def _text(framework: str, entries: Iterable[Any]) -> str:
    pairs = [_reference(entry) for entry in entries]
    if framework != "eu_ai_act":
        return ", ".join(ref for ref, _ in pairs)
    return "; ".join(f"{RELATIONS.get(relation, 'relates to')} {ref}" for ref, relation in pairs)


def _reference(entry: Any) -> tuple[str, str]:
    """Id and relation of a catalogue entry, which is an id or ``{ref, relation, note}``."""
    if isinstance(entry, Mapping):
        note = f" ({entry['note']})" if entry.get("note") else ""
        return f"{entry['ref']}{note}", str(entry.get("relation") or "")
    return str(entry), ""


KINDS = {"Art.": 0, "Annex": 1, "Recital": 2}


def framework_views(verdicts: Sequence[Verdict], mappings: Mappings) -> list[FrameworkView]:
    """Views by article, ALTAI requirement, NIST and ATLAS id; empty without mappings."""
    if not mappings:
        return []
    rows = [_row(verdict, mappings) for verdict in verdicts]
    return [_framework(name, rows, mappings) for name in IN_ROW]


def _framework(name: str, rows: list[Row], mappings: Mappings) -> FrameworkView:
    found: dict[str, list[Row]] = {}
    if name == "altai":
        found = {f"{index} {title}": [] for index, title in wording.ALTAI.items()}
    for row in rows:
        for entry in mappings.get(row.verdict.criterion, {}).get(name, ()):
            found.setdefault(_key(name, entry), []).append(row)
    lines = list(found.items()) if name == "altai" else sorted(found.items(), key=_natural)
    return FrameworkView(wording.FRAMEWORKS[name], lines)


def _key(name: str, entry: Any) -> str:
    ref = _reference(entry)[0]
    if name == "altai":
        return f"{ref} {wording.ALTAI.get(ref, '')}".strip()
    return ref.split(" (")[0] if name == "eu_ai_act" else ref


def _natural(item: tuple[str, list[Row]]) -> list[tuple[int, str]]:
    """Sort key by which Art. 9 comes before Art. 15."""
    words = re.findall(r"\d+|\D+", item[0])
    first = [(KINDS.get(words[0].split(" ")[0], 9), "")] if words else []
    return first + [(int(word), "") if word.isdigit() else (10**9, word) for word in words]
