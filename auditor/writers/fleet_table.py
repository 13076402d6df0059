"""The fleet's summary as JSON, CSV and one static HTML page.

Purpose: a buyer of many models sees them side by side. Names come from a file that somebody else
may have written: escaped in HTML, and in CSV kept from being read as a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from auditor.writers.atomic import write_atomic

COLUMNS = (
    "name", "gate", "outcome", "p_value", "q_value", "score", "detected", "target", "flip_rate",
    "failed", "folder", "sha256", "problem",
)  # fmt: skip
HEADINGS = {
    "name": "Delivery", "gate": "Gate", "outcome": "Opinion", "p_value": "p", "q_value": "q",
    "score": "Score", "detected": "Backdoor", "target": "To class", "flip_rate": "Works on",
    "failed": "Failed criteria", "folder": "Report", "sha256": "SHA-256", "problem": "Not audited",
}  # fmt: skip
SHAPES = {
    "accept": "\u2713",
    "reject": "\u2717",
    "inconclusive": "?",
    "accept_with_conditions": "!",
}
STYLE = """
body{font:16px/1.45 system-ui,sans-serif;margin:2rem;color:#1a202c;background:#fff}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.5rem 0}
th,td{border-bottom:1px solid #a0aec0;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:#edf2f7}td.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:.85em;overflow-wrap:anywhere}.accept{color:#0B6E4F}.reject{color:#A4161A}
.accept_with_conditions{color:#8A5A00}.inconclusive{color:#4A5568}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
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


def page(summary: Mapping[str, Any]) -> str:
    """One HTML page: no script, nothing from elsewhere."""
    head = "".join(f'<th scope="col">{HEADINGS[name]}</th>' for name in COLUMNS)
    body = "\n".join(_line(row) for row in summary["deliveries"])
    counts = ", ".join(f"{n} {_gate(gate)}" for gate, n in summary["counts"].items() if n)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>Fleet of {len(summary["deliveries"])} deliveries</title><style>{STYLE}</style></head>
<body><main><h1>{escape(_gate(summary["gate"]).capitalize())}: the worst of
{len(summary["deliveries"])} deliveries</h1><p>{escape(counts)}.</p>
<table><caption>{escape(summary["multiplicity"])}</caption>
<thead><tr>{head}</tr></thead><tbody>
{body}
</tbody></table></main></body></html>
"""


def _line(row: Mapping[str, Any]) -> str:
    return f"<tr>{''.join(_column(name, row[name]) for name in COLUMNS)}</tr>"


def _column(name: str, value: Any) -> str:
    if name == "name":
        return f'<th scope="row">{escape(str(value)[:200])}</th>'
    if name == "gate":
        return f'<td class="{escape(value)}">{SHAPES[value]} {escape(_gate(value))}</td>'
    if name == "detected":
        return f"<td>{'' if value is None else 'found' if value else 'not found'}</td>"
    if name == "folder" and value:
        return f'<td><a href="{escape(_address(value))}/report.html">report</a></td>'
    if isinstance(value, float):
        return f'<td class="n">{value:.3g}</td>'
    text = escape(_cell(value)[:500])
    return f"<td><code>{text}</code></td>" if name == "sha256" else f"<td>{text}</td>"


def _address(folder: str) -> str:
    """A relative address, whatever the folder is called."""
    from urllib.parse import quote

    return f"./{quote(folder)}"


def _gate(gate: str) -> str:
    return gate.replace("_", " ")
