"""The fleet's summary as one HTML page that looks like the reports: no script, nothing fetched.

Names come from a file that somebody else may have written: cleaned and escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from auditor.writers import wording
from auditor.writers.amounts import chance, number
from auditor.writers.html import style_sheet
from auditor.writers.text import clean

HEADINGS = ("Delivery", "Decision", "Hidden trigger", "By chance", "q-value", "Failed criteria")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = (
    "main{padding-bottom:4rem}.tally{grid-template-columns:repeat(4,1fr)}h1{margin-top:0}"
    "h2.quiet{margin-top:2rem}th small{display:block;font-weight:400}"
    "@media(max-width:44rem){.tally{grid-template-columns:1fr}}"
)


def page(summary: Mapping[str, Any]) -> str:
    """One HTML page.

    Args:
        summary: ``gate``, ``counts`` (gate -> deliveries), ``multiplicity`` and ``deliveries``.
    """
    rows = summary["deliveries"]
    worst = wording.gate(summary["gate"])
    size = f"{len(rows)} deliver{'y' if len(rows) == 1 else 'ies'}"
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADINGS)
    body = "\n".join(_line(row) for row in rows)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fleet of {size}</title><style>{style_sheet()}{STYLE}</style></head>
<body><header class="cover">
<p class="brand"><span>{size}</span><span>Fleet audit</span></p></header>
<main><h1 class="small">The worst of {size}</h1>
<div class="gate {worst.tone.css}"><span class="shape {worst.tone.css} on"></span>
<div><p class="word">{worst.tone.word}</p><p class="lead">{worst.lead}</p></div></div>
<ul class="tally" aria-label="Deliveries by decision">{_tally(summary["counts"])}</ul>
<h2 class="quiet">Deliveries</h2>
<div class="scroll" role="region" aria-label="Deliveries" tabindex="0"><table class="data">
<thead><tr>{head}</tr></thead><tbody>
{body}
</tbody></table></div>
<p class="note">By chance: how many clean models would look at least as suspicious.
{escape(summary["multiplicity"])}</p></main></body></html>
"""


def _tally(counts: Mapping[str, int]) -> str:
    return "".join(
        f'<li class="{"" if counts.get(gate) else "none"}"><b>{counts.get(gate, 0)}</b>'
        f"{_chip(gate)}</li>"
        for gate in ("reject", "inconclusive", "accept_with_conditions", "accept")
    )


def _chip(gate: str) -> str:
    tone = wording.gate(gate).tone
    on = "" if tone.css == "pass" else " on"
    shape = f'<span class="shape {tone.css}{on}"></span>'
    return f'<span class="chip {tone.css}">{shape}<span>{tone.word}</span></span>'


def _line(row: Mapping[str, Any]) -> str:
    cells = (
        f'<th scope="row">{_name(row)}</th>',
        f"<td>{_chip(row['gate'])}</td>",
        f"<td>{_trigger(row)}</td>",
        f"<td>{_p(row['p_value'])}</td>",
        f"<td>{'–' if row['q_value'] is None else number(row['q_value'])}</td>",
        f"<td>{escape(clean(', '.join(map(str, row['failed'] or ())), 300)) or '–'}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _name(row: Mapping[str, Any]) -> str:
    """The name, leading to the report where there is one, with the item's digest."""
    name = escape(clean(row["name"], 120))
    if row["folder"]:
        name = f'<a href="./{quote(row["folder"])}/report.html">{name}</a>'
    digest = escape(clean(row["sha256"] or "", 80))[:16]
    return name + (f'<small><code class="hash">{digest}…</code></small>' if digest else "")


def _trigger(row: Mapping[str, Any]) -> str:
    if row["problem"]:
        return f"Not audited: {escape(clean(row['problem'], 400))}"
    if row["detected"] is None:
        return "not assessed"
    if not row["detected"]:
        return "none found"
    works = row["flip_rate"]
    share = "" if works is None else f", works on {number(100 * works)} of 100 test inputs"
    target = "" if row["target"] is None else f" to class {escape(clean(row['target'], 60))}"
    return f"found{target}{share}"


def _p(value: float | None) -> str:
    return "–" if value is None else chance(value)
