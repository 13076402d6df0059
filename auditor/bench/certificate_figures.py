"""What the certificates of many models say together, and whether any was broken."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from auditor.bench.certificates import Certified
from auditor.bench.scores import uniformity
from auditor.probes.smoothing import RADII


def figures(models: Sequence[Certified], share: float) -> list[dict[str, Any]]:
    """One row for clean models and one for attacked ones.

    Args:
        models: certified and attacked.
        share: of the inputs of other classes that a trigger must lead to its class.
    """
    groups = {
        "clean": [one for one in models if one.family == "clean"],
        "attacked": [one for one in models if one.family != "clean"],
    }
    return [_row(name, group, share) for name, group in groups.items() if group]


def _row(name: str, models: Sequence[Certified], share: float) -> dict[str, Any]:
    lengths = [one.measures["ruled_out"] for one in models]
    flagged = [one.measures["flagged_below"] for one in models if "flagged_below" in one.measures]
    p_values = [one.measures["p_value"] for one in models if "p_value" in one.measures]
    return {
        "models": name,
        "n": len(models),
        "certified": [round(median(row), 4) for row in zip(*(m.certified for m in models),
                                                           strict=True)],
        "turned": sum(one.turned for one in models),
        "held": sum(one.held for one in models),
        "ruled_out": sum(length > 0 for length in lengths),
        "length": round(median(lengths), 4),
        "longest": round(max(lengths), 4),
        "reached": sum(one.reached for one in models),
        "tried": sum(one.tried for one in models),
        "robust": sum((one.robust or 0) >= share for one in models),
        "trigger": _middle([one.length for one in models if one.length is not None]),
        "broken": sum((one.excluded or 0) >= share for one in models),
        "within": sum(bool(one.excluded) for one in models),
        "flagged_below": sum(length > 0 for length in flagged),
        "p_values": uniformity(p_values) if p_values else None,
    }  # fmt: skip


def _middle(values: Sequence[float]) -> float | None:
    return round(median(values), 4) if values else None


SAID = {
    "models without a trigger of some length": ("ruled_out", "n"),
    "inputs turned within their radius": ("turned", "held"),
    "inputs led to a class within what is ruled out": ("reached", "tried"),
    "models whose own trigger is robust": ("robust", "n"),
    "models whose own trigger is ruled out": ("broken", "n"),
}
"""Headings, and what is counted of what."""


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table with a column for each group of models."""
    lines = [["", *(f"{row['models']} models" for row in rows)], ["---"] * (1 + len(rows))]
    for said, (hits, total) in SAID.items():
        lines.append([said, *(f"{row[hits]} of {row[total]}" for row in rows)])
    for said, key in (("length ruled out, median", "length"), ("at most", "longest"),
                      ("length of its own trigger, median", "trigger")):  # fmt: skip
        lines.append([said, *("-" if row[key] is None else f"{row[key]:.2f}" for row in rows)])
    for place, radius in enumerate(RADII):
        certified = [f"{row['certified'][place]:.2f}" for row in rows]
        lines.append([f"certified accuracy at {radius:g} sigma, median", *certified])
    lines.append(["p-value among clean relatives at most .05", *map(_below, rows)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _below(row: dict[str, Any]) -> str:
    if (found := row["p_values"]) is None:
        return "-"
    below = found["below"]
    return f"{round(below['value'] * below['n'])} of {below['n']} (uniform: p = {found['ks_p']})"
