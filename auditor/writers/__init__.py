"""Writers print the record: each turns it into one file of the audit folder.

``WRITERS`` maps a name to ``write(record, out) -> path``. The order is the order to run them in:
the manifest lists what the others wrote, so it is last. ``html`` and ``pdf`` also take the
catalogue's mappings to outside frameworks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

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
from auditor.writers.view import Mappings

Writer = Callable[[Record, Path], Path]

REPORTS = {"html": html, "pdf": pdf}
WRITERS: Registry[Writer] = Registry("writer")
WRITERS.add("record", record_json.write)
WRITERS.add("html", html.write)
WRITERS.add("pdf", pdf.write)
WRITERS.add("findings-csv", csv_tables.write_findings)
WRITERS.add("measures-csv", csv_tables.write_measures)
WRITERS.add("junit", junit.write)
WRITERS.add("sarif", sarif.write)
WRITERS.add("oscal", oscal.write)
WRITERS.add("cyclonedx", cyclonedx.write)
WRITERS.add("in-toto", in_toto.write)
WRITERS.add("manifest", manifest.write)


def write_all(
    record: Record, out: Path, views_only: bool = False, mappings: Mappings = html.NO_MAPPINGS
) -> list[Path]:
    """Run every writer; ``views_only`` leaves the record itself as it is.

    Args:
        mappings: criterion id -> framework -> entries, for the reports' criteria matrix.
    """
    reports = {name: partial(report.write, mappings=mappings) for name, report in REPORTS.items()}
    names = [name for name in WRITERS if not (views_only and name == "record")]
    return [reports.get(name, WRITERS[name])(record, out) for name in names]
