"""Writers print the record: each turns it into one file of the audit folder.

``WRITERS`` maps a name to ``write(record, out) -> path``. The order is the order to run them in:
the manifest lists what the others wrote, so it is last. The editions of the report also take what
the catalogue says beside the verdicts, and a language; ``write_all`` hands both on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache, partial
from pathlib import Path
from typing import Protocol

from auditor.core.criterion import Guide
from auditor.core.record import Record
from auditor.core.registry import Registry
from auditor.writers import (
    csv_tables,
    cyclonedx,
    html,
    in_toto,
    junit,
    manifest,
    oscal,
    pdf,
    record_json,
    sarif,
)
from auditor.writers.editions import ANNEX, BOARD, REPORT, Edition
from auditor.writers.language import SOURCE

Writer = Callable[[Record, Path], Path]


class Page(Protocol):
    """A module that writes an edition: from the record, or from a page rendered before."""

    def write(self, record: Record, out: Path, guide: Guide, spoken: str, edition: Edition) -> Path:
        """Render and write."""

    def write_page(
        self, page: str, record: Record, out: Path, spoken: str, edition: Edition
    ) -> Path:
        """Write what was rendered."""


PAGES: dict[str, tuple[Page, Edition]] = {
    "html": (html, REPORT),
    "pdf": (pdf, REPORT),
    "board-html": (html, BOARD),
    "board-pdf": (pdf, BOARD),
    "annex-html": (html, ANNEX),
    "annex-pdf": (pdf, ANNEX),
}
PDFS = {name: edition for name, (page, edition) in PAGES.items() if page is pdf}
WRITERS: Registry[Writer] = Registry("writer")
WRITERS.add("record", record_json.write)
for _name, (_page, _edition) in PAGES.items():
    WRITERS.add(_name, partial(_page.write, edition=_edition))
WRITERS.add("findings-csv", csv_tables.write_findings)
WRITERS.add("measures-csv", csv_tables.write_measures)
WRITERS.add("junit", junit.write)
WRITERS.add("sarif", sarif.write)
WRITERS.add("oscal", oscal.write)
WRITERS.add("cyclonedx", cyclonedx.write)
WRITERS.add("in-toto", in_toto.write)
WRITERS.add("manifest", manifest.write)


def write_all(
    record: Record,
    out: Path,
    views_only: bool = False,
    guide: Guide = html.NO_GUIDE,
    language: str = SOURCE,
    without: Collection[str] = (),
) -> list[Path]:
    """Run every writer; ``views_only`` leaves the record itself as it is.

    Args:
        guide: what the catalogue says beside the verdicts, for the reports.
        language: code of the reports' language.
        without: names of writers that are left out.
    """

    @cache
    def rendered(edition: Edition) -> str:
        return html.render(record, out, guide, language, edition)

    def write(name: str) -> Path:
        if name not in PAGES:
            return WRITERS[name](record, out)
        page, edition = PAGES[name]
        return page.write_page(rendered(edition), record, out, language, edition)

    left_out = {*without, "record"} if views_only else {*without}
    return [write(name) for name in WRITERS if name not in left_out]
