"""One finding for the page: measures in words, tables cut to size, pictures, charts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.core.finding import Finding, JsonRow
from auditor.core.record import Record
from auditor.writers import figures, wording
from auditor.writers.amounts import cell, column, interval, measure_value
from auditor.writers.pictures import Picture, pictures
from auditor.writers.text import clean, humanise

TABLE_ROWS = 24
TABLE_COLUMNS = 9
PICTURES = 12


@dataclass(frozen=True)
class MeasureView:
    """A measure as words."""

    name: str
    meaning: str
    value: str
    interval: str
    n: str


@dataclass(frozen=True)
class TableView:
    """A table cut to what fits on paper; ``left_out`` says what was cut."""

    title: str
    columns: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    left_out: str
    chart: figures.Chart | None


@dataclass(frozen=True)
class FindingView:
    """Everything that the page says about one finding."""

    finding: Finding
    tone: wording.Tone
    measures: list[MeasureView]
    tables: list[TableView]
    pictures: list[Picture]
    pictures_left_out: int
    files: int
    params: str


def finding_view(
    record: Record, finding: Finding, out: Path, suspects: frozenset[int]
) -> FindingView:
    """The view of one finding; pictures come from the evidence folder under ``out``."""
    shown = pictures(out, finding)
    return FindingView(
        finding=finding,
        tone=wording.STATUSES[finding.status],
        measures=_measures(record, finding),
        tables=_tables(finding, suspects),
        pictures=shown[:PICTURES],
        pictures_left_out=max(0, len(shown) - PICTURES),
        files=len(finding.evidence),
        params=", ".join(f"{k} = {_short(v)}" for k, v in sorted(finding.params.items())),
    )


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:120]


def _measures(record: Record, finding: Finding) -> list[MeasureView]:
    manifest = record.plan.probes.get(finding.probe) if record.plan else None
    meanings = manifest.measures if manifest else {}
    return [
        MeasureView(
            humanise(name),
            meanings.get(name, ""),
            measure_value(measure),
            interval(measure.low, measure.high),
            "" if measure.n is None else cell(measure.n),
        )
        for name, measure in finding.measures.items()
    ]


def _tables(finding: Finding, suspects: frozenset[int]) -> list[TableView]:
    drawn = figures.charts(finding, suspects)
    return [
        table_view(name, rows, drawn.get(name)) for name, rows in finding.tables.items() if rows
    ]


def table_view(name: str, rows: list[JsonRow], chart: figures.Chart | None = None) -> TableView:
    """Rows as text: the first columns and rows, and a note on what was left out."""
    every = list(dict.fromkeys(key for row in rows for key in row))
    keys = every[:TABLE_COLUMNS]
    kept = rows[:TABLE_ROWS]
    return TableView(
        title=humanise(name),
        columns=[clean(humanise(key), 40) for key in keys],
        numeric=[_all_numbers(kept, key) for key in keys],
        rows=[list(row) for row in zip(*(_column(kept, key) for key in keys), strict=True)],
        left_out=_left_out(len(rows) - len(kept), len(every) - len(keys)),
        chart=chart,
    )


def _all_numbers(rows: list[JsonRow], key: str) -> bool:
    values = [row.get(key) for row in rows if row.get(key) is not None]
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _column(rows: list[JsonRow], key: str) -> list[str]:
    if not _all_numbers(rows, key):
        return [cell(row.get(key)) for row in rows]
    shown = iter(column([row[key] for row in rows if row.get(key) is not None]))
    return ["–" if row.get(key) is None else next(shown) for row in rows]


def _left_out(rows: int, columns: int) -> str:
    parts = [
        f"{count} more {noun}{'s' if count > 1 else ''}"
        for count, noun in ((rows, "row"), (columns, "column"))
        if count > 0
    ]
    return f"{' and '.join(parts)} in record.json" if parts else ""
