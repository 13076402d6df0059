"""The fleet's summary as JSON, CSV and one static HTML page.

Purpose: a buyer of many models sees them side by side. Names come from a file that somebody else
may have written: in CSV they are kept from being read as a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from auditor.writers.atomic import write_atomic
from auditor.writers.fleet_page import page

COLUMNS = (
    "name", "gate", "outcome", "p_value", "q_value", "score", "detected", "target", "flip_rate",
    "failed", "folder", "sha256", "problem",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(summary: Mapping[str, Any], out: Path) -> list[Path]:
    """Write ``fleet.json``, ``fleet.csv`` and ``fleet.html`` into the fleet's folder."""
    text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
    return [
        write_atomic(out / "fleet.json", f"{text}\n".encode()),
        write_atomic(out / "fleet.csv", table(summary["deliveries"]).encode()),
        write_atomic(out / "fleet.html", page(summary).encode()),
    ]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV after RFC 4180."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    text = "" if value is None else str(value)
    formula = isinstance(value, str) and text.startswith(FORMULA)
    return f"'{text}" if formula else text
