"""The benchmark's figures for readers: a Markdown table and a picture of every score.

Only numbers of the run appear; what was not measured is a dash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from auditor.bench.detection import Scan
from auditor.writers import plotting

COLUMNS = {
    "AUROC": "auroc",
    "found at 5% false alarms": "tpr_at_5_fpr",
    "clean flagged": "clean_flagged",
    "attacked flagged": "attacked_flagged",
    "target right": "target_right",
    "witness success": "witness_success",
    "image passes": "image_passes",
    "of the model": "own_passes",
    "work in its forward passes": "work",
    "seconds": "seconds",
    "MB": "megabytes",
}


OF_A_COUNT = {
    "AUROC": "auroc",
    "clean flagged": "clean_flagged",
    "attacked flagged": "attacked_flagged",
    "image passes": "image_passes",
    "seconds": "seconds",
}


def table(summary: dict[str, Any]) -> str:
    """Markdown: scanners, AUROC by family, false alarms by kind, and all by number of classes."""
    head = ["detector", *COLUMNS]
    rows = [
        [name, *(cell(found[key]) for key in COLUMNS.values())] for name, found in summary.items()
    ]
    families = sorted({family for found in summary.values() for family in found["families"]})
    lower = [
        [
            family,
            *(cell(found["families"].get(family, {}).get("auroc")) for found in summary.values()),
        ]
        for family in families
    ]
    kinds = sorted({kind for found in summary.values() for kind in found["clean_kinds"]})
    alarms = [
        [kind, *(cell(found["clean_kinds"].get(kind)) for found in summary.values())]
        for kind in kinds
    ]
    tables = (
        _markdown(head, rows),
        _markdown(["AUROC by family", *summary], lower),
        _markdown(["flagged without a backdoor", *summary], alarms),
        _markdown(["classes", "detector", *OF_A_COUNT], _by_classes(summary)),
    )
    said = [_uniform(name, found["clean_p_values"]) for name, found in summary.items()]
    return "\n\n".join([*tables, *(line for line in said if line)]) + "\n"


def _by_classes(summary: dict[str, Any]) -> list[list[str]]:
    """A row for each number of classes and detector."""
    counts = {int(count) for found in summary.values() for count in found["class_counts"]}
    return [
        [str(count), name, *(cell(of_it[key]) for key in OF_A_COUNT.values())]
        for count in sorted(counts)
        for name, found in summary.items()
        if (of_it := found["class_counts"].get(str(count)))
    ]


def _uniform(name: str, found: dict[str, Any] | None) -> str:
    """Whether the p-values of models without a backdoor are uniform."""
    if found is None:
        return ""
    below = found["below"]
    return (
        f"p-values of {name} on {below['n']} models without a backdoor: Kolmogorov-Smirnov against "
        f"uniform p = {found['ks_p']}; share at most .05 {_short(below['value'])}, upper 95% bound "
        f"{_short(below['upper'])}."
    )


def markdown_of_power(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table of implants found and attacked models found, by family."""
    head = ["family", "implants found", "n", "attacked models found", "n", "difference"]
    lines = [
        [
            row["family"],
            *_counted(row["implants"]),
            *_counted(row["attacked"]),
            _points(row),
            row["near"],
        ]
        for row in rows
    ]
    return _markdown([*head, "within 10 points"], lines) + "\n"


def markdown_of_hiding(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table of attackers who know the scan and how often they were found."""
    names = ("alarm", "named", "shunned")
    said = ("alarm", "target named", "oddly hard class")
    head = [f"{what}, {whose}" for whose in ("own students", "the model's") for what in said]
    keys = [f"{name}_{whose}" for whose in ("own", "shared") for name in names]
    lines = [
        [row["attacker"], f"{row['worked']} of {row['tried']}", *(cell(row[key]) for key in keys)]
        for row in rows
    ]
    return _markdown(["attacker", "worked", *head], lines) + "\n"


def markdown_of_nulls(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table of p-values by their calibration on clean models and what they find."""
    head = ["p-value", "clean models", "Kolmogorov-Smirnov p", "at most .05", "upper 95% bound"]
    lines = [
        [
            row["null"],
            str(row["below"]["n"]),
            str(row["ks_p"]),
            _short(row["below"]["value"]),
            _short(row["below"]["upper"]),
            cell(row.get("found")),
            str(row.get("attacked", 0)),
        ]
        for row in rows
    ]
    return _markdown([*head, "attacked models at most .05", "n"], lines) + "\n"


def _counted(value: dict[str, Any] | None) -> list[str]:
    return [cell(value), str(value["n"]) if value else "0"]


def _points(row: dict[str, Any]) -> str:
    if (gap := row["difference"]) is None:
        return "-"
    value, low, high = (f"{100 * gap[name]:+.0f}" for name in ("value", "low", "high"))
    return f"{value} points ({low} to {high})"


def cell(value: Any) -> str:
    """A number, or an estimate with its interval.

    >>> cell({"value": 0.9, "low": 0.8, "high": 0.95, "n": 20}), cell(None)
    ('.90 (.80 to .95)', '-')
    >>> cell({"value": 47104.0, "low": None, "high": None, "n": 2})
    '47,104'
    """
    if value is None:
        return "-"
    if value["low"] is None:
        return _short(value["value"])
    return f"{_short(value['value'])} ({_short(value['low'])} to {_short(value['high'])})"


def _short(number: float) -> str:
    """A share without its leading zero; seconds, megabytes and counts as they are read.

    >>> _short(0.95), _short(1.0), _short(74.24), _short(1495000.0)
    ('.95', '1', '74.2', '1,495,000')
    """
    if number < 1:
        return f"{number:.2f}".removeprefix("0")
    return f"{number:,.1f}" if number < 1000 and number % 1 else f"{number:,.0f}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def picture(scans: Sequence[Scan]) -> bytes:
    """SVG: for each scanner the rank of each model's score, clean and attacked by family."""
    names = list(dict.fromkeys(scan.scanner for scan in scans))
    families = ["clean", *sorted({scan.family for scan in scans} - {"clean"})]

    def draw(panels: Any) -> None:
        for axes, name in zip(panels if len(names) > 1 else [panels], names, strict=True):
            _strip(axes, [scan for scan in scans if scan.scanner == name], families)
            axes.set_title(name)

    return plotting.svg(draw, plotting.height_for(len(families)) + 0.3, len(names))


def _strip(axes: Any, scans: Sequence[Scan], families: Sequence[str]) -> None:
    scores = np.array([scan.answer.score for scan in scans])
    rank = scores.argsort().argsort() / max(1, len(scores) - 1)
    for place, scan in zip(rank, scans, strict=True):
        colour = plotting.ACCENT if scan.family == "clean" else plotting.ALARM
        filled = colour if scan.answer.flagged else "none"
        axes.plot(place, families.index(scan.family), "o", mec=colour, mfc=filled, markersize=4)
    plotting.lines(axes, list(families))
    axes.set_xlim(-0.05, 1.05)
    axes.set_xlabel("rank of the score (filled: flagged)")
