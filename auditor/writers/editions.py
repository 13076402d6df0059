"""The three editions of one record: the report, two pages for a board, the technical annex."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.writers.language import mark
from auditor.writers.tables_view import USUAL, Cut


@dataclass(frozen=True)
class Edition:
    """One edition: the stem of its files, its template, how much of each finding it shows.

    Args:
        attaches: whether the PDF carries record and evidence with it.
    """

    name: str
    title: str
    cut: Cut = USUAL
    attaches: bool = False

    @property
    def template(self) -> str:
        """File name of the template."""
        return f"{self.name}.html.jinja"


REPORT = Edition("report", mark("Model audit report"), attaches=True)
BOARD = Edition("board", mark("Model audit: board edition"))
ANNEX = Edition(
    "annex",
    mark("Model audit: technical annex"),
    Cut(rows=400, columns=14, pictures=48, full=True),
)
EDITIONS = (REPORT, BOARD, ANNEX)
