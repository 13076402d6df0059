"""The same verdicts read along an outside framework: by article, ALTAI, NIST, ATLAS and others.

Purpose: a reader who answers for Article 15 wants to see Article 15, and above all what of it
nobody looked at. Every id of the pinned edition is a row, so what no criterion touches is an empty
row and not a missing one. Pure functions; a writer prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from auditor.core.criterion import Verdict
from auditor.core.finding import Frozen
from auditor.criteria.catalogue import Catalogue
from auditor.criteria.checks import Taxonomy

GROUP = re.compile(r"Art\. \d+|Annex [IVXL]+|Recital \d+")
LAW = "eu_ai_act"


class Entry(Frozen):
    """One criterion in a row.

    Args:
        ref: the exact provision or entry, such as ``Art. 15(5)``.
        outcome: of the verdict; empty where the audit has none for the criterion.
        relation: how far the test goes (``direct``, ``partial``, ``context``), where stated.
    """

    criterion: str
    title: str
    ref: str
    outcome: str = ""
    confidence: str = ""
    tier: str = ""
    relation: Literal["direct", "partial", "context"] | None = None
    note: str = ""


class Row(Frozen):
    """One article or id; without entries nothing here looked at it."""

    ref: str
    title: str
    entries: tuple[Entry, ...] = ()


class View(Frozen):
    """One framework in its pinned edition."""

    framework: str
    title: str
    edition: str
    source: str
    rows: tuple[Row, ...]

    @property
    def covered(self) -> int:
        """Rows that at least one criterion touches."""
        return sum(bool(row.entries) for row in self.rows)

    @property
    def empty(self) -> tuple[Row, ...]:
        """Rows that nothing here looked at."""
        return tuple(row for row in self.rows if not row.entries)


def views(
    catalogue: Catalogue, taxonomies: Mapping[str, Taxonomy], verdicts: Sequence[Verdict] = ()
) -> dict[str, View]:
    """All frameworks of the catalogue, by name."""
    return {name: view(catalogue, taxonomies, name, verdicts) for name in catalogue.frameworks}


def view(
    catalogue: Catalogue,
    taxonomies: Mapping[str, Taxonomy],
    framework: str,
    verdicts: Sequence[Verdict] = (),
) -> View:
    """One framework, its ids in the order of the edition; the law's grouped by article.

    Raises:
        KeyError: the framework is not pinned.
    """
    taxonomy = taxonomies[framework]
    entries: dict[str, list[Entry]] = {}
    for entry in _entries(catalogue, framework, {v.criterion: v for v in verdicts}):
        entries.setdefault(_row(framework, entry.ref), []).append(entry)
    order = dict.fromkeys(_row(framework, ref) for ref in taxonomy.ids)
    rows = tuple(
        Row(ref=ref, title=taxonomy.ids.get(ref) or "", entries=tuple(entries.get(ref, ())))
        for ref in order
    )
    return View(
        framework=framework,
        title=taxonomy.title,
        edition=taxonomy.edition,
        source=taxonomy.source,
        rows=rows,
    )


def _row(framework: str, ref: str) -> str:
    """The row an id belongs to: its article for the law, itself elsewhere.

    >>> _row("eu_ai_act", "Art. 15(5) third subpara."), _row("atlas", "AML.T0018.000")
    ('Art. 15', 'AML.T0018.000')
    """
    group = GROUP.match(ref) if framework == LAW else None
    return group[0] if group else ref


def _entries(
    catalogue: Catalogue, framework: str, verdicts: Mapping[str, Verdict]
) -> Iterator[Entry]:
    for criterion in catalogue.criteria:
        verdict = verdicts.get(criterion.id)
        for reference in criterion.maps_to.get(framework, ()):
            yield Entry(
                criterion=criterion.id,
                title=criterion.title,
                ref=reference.ref,
                outcome=verdict.outcome.value if verdict else "",
                confidence=verdict.confidence if verdict else "",
                tier=verdict.tier if verdict else "",
                relation=reference.relation,
                note=reference.note,
            )
