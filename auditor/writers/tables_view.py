"""A finding's table as text: cut to what the edition has room for, columns of like decimals."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.core.finding import JsonRow
from auditor.writers.amounts import cell, column
from auditor.writers.language import plural, translate
from auditor.writers.phrases import plain_words, words
from auditor.writers.plotting import Chart
from auditor.writers.text import clean

# Columns whose text is the tool's own; all other text may be a supplier's and stays as it is.
OWN_TEXT = frozenset({"kind", "norm", "run", "family", "change", "fault", "group"})


DIGESTS = frozenset({"sha256", "digest"})


@dataclass(frozen=True)
class Cut:
    """How much of each finding an edition shows.

    Args:
        rows: of a table; ``drawn_rows`` where a chart stands above it.
        tasted: rows that are shown of a table that is longer than that.
        full: whether this is the edition that the others point to for the rest.
    """

    rows: int = 14
    drawn_rows: int = 12
    tasted: int = 5
    columns: int = 9
    pictures: int = 12
    full: bool = False


USUAL = Cut()


@dataclass(frozen=True)
class TableView:
    """A table cut to what fits; ``left_out`` says what was cut."""

    title: str
    columns: list[str]
    numeric: list[bool]
    digests: list[bool]
    rows: list[list[str]]
    left_out: str
    chart: Chart | None


def table_view(name: str, rows: list[JsonRow], cut: Cut, chart: Chart | None = None) -> TableView:
    """Rows as text: the first columns and rows, and a note on what was left out."""
    every = [key for key in dict.fromkeys(k for row in rows for k in row) if _says(rows, key)]
    keys = every[: cut.columns]
    kept = rows[: _room(cut, chart, len(rows))]
    return TableView(
        title=words(name),
        columns=[clean(words(key), 40) for key in keys],
        numeric=[_all_numbers(kept, key) for key in keys],
        digests=[key in DIGESTS for key in keys],
        rows=[list(row) for row in zip(*(_column(kept, key) for key in keys), strict=True)],
        left_out=_left_out(len(rows) - len(kept), len(every) - len(keys), cut),
        chart=chart,
    )


def _says(rows: list[JsonRow], key: str) -> bool:
    """Whether a column holds anything at all."""
    return any(row.get(key) not in (None, "", [], {}) for row in rows)


def _room(cut: Cut, chart: Chart | None, length: int) -> int:
    """Rows to show: all, or of a long table the first few, or none beside a chart of it."""
    if cut.full:
        return cut.rows
    if chart is None:
        return length if length <= cut.rows else cut.tasted
    return 0 if chart.complete or length > cut.drawn_rows else length


def _all_numbers(rows: list[JsonRow], key: str) -> bool:
    values = [row.get(key) for row in rows if row.get(key) is not None]
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _column(rows: list[JsonRow], key: str) -> list[str]:
    if not _all_numbers(rows, key):
        return [_text(key, row.get(key)) for row in rows]
    shown = iter(column([row[key] for row in rows if row.get(key) is not None]))
    return ["–" if row.get(key) is None else next(shown) for row in rows]


def _text(key: str, value: object) -> str:
    if key in OWN_TEXT and isinstance(value, str):
        return words(value) if key in {"kind", "norm"} else plain_words(value)
    return cell(value)


def _left_out(rows: int, columns: int, cut: Cut) -> str:
    parts = []
    if rows > 0:
        parts.append(plural("{n} more row", "{n} more rows", rows))
    if columns > 0:
        parts.append(plural("{n} more column", "{n} more columns", columns))
    if not parts:
        return ""
    listed = ", ".join(parts)
    if cut.full:
        return translate("{parts} in record.json", parts=listed)
    return translate("{parts} in the technical annex", parts=listed)
