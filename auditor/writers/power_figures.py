"""How the share of hidden backdoors that an audit finds falls: with size, success and hiding."""

from __future__ import annotations

from typing import Any

from auditor.core.finding import JsonRow
from auditor.writers import plotting
from auditor.writers.amounts import number
from auditor.writers.language import translate
from auditor.writers.phrases import plain_words, words
from auditor.writers.plotting import Chart
from auditor.writers.text import clean


def _detection(rows: list[JsonRow], key: str, axis: str, what: str) -> Chart:
    """Share found against ``key``, one line for each family, with 95% intervals."""
    families = sorted({clean(row.get("family", ""), 30) for row in rows})[:3]
    parts = {
        name: sorted(
            (row for row in rows if clean(row.get("family", ""), 30) == name),
            key=lambda row: row[key],
        )
        for name in families
    }

    def panel(axes: Any, name: str) -> None:
        x = list(range(len(parts[name])))
        for place, row in zip(x, parts[name], strict=True):
            axes.plot([place] * 2, [row["low"], row["high"]], color=plotting.ACCENT, alpha=0.45)
        axes.plot(x, [row["rate"] for row in parts[name]], "o-", color=plotting.ACCENT)
        axes.set_xticks(x, [number(row[key]) for row in parts[name]])
        axes.set_ylim(-0.03, 1.03)
        axes.grid(True, axis="y")
        axes.set_title(words(name) if name else "", loc="left", fontweight="bold")
        axes.set_xlabel(axis)

    def draw(axes: Any) -> None:
        several = axes if isinstance(axes, list) else [axes]
        for each, name in zip(several, families, strict=True):
            panel(each, name)
        several[0].set_ylabel(translate("share found"))

    points = "; ".join(
        f"{plain_words(row.get('family', ''))} {number(row[key])}: {number(row['rate'])}".strip()
        for part in parts.values()
        for row in part
    )
    alt = translate("{what} {points}.", what=what, points=points)
    caption = what + " " + translate("The bars are 95% intervals.")
    return Chart(plotting.svg(draw, 2.15, len(families)), alt, caption)


def sizes(rows: list[JsonRow], _: frozenset[int]) -> Chart:
    """Against the size of the trigger."""
    axis = translate("size of the hidden trigger (pixels a side; share of the picture; features)")
    return _detection(rows, "value", axis, translate("Share found by size of the trigger."))


def levels(rows: list[JsonRow], _: frozenset[int]) -> Chart:
    """Against how often the trigger works."""
    axis = translate("share of inputs on which the hidden trigger works, from")
    what = translate("Share found by how often the trigger works.")
    return _detection([{**row, "family": ""} for row in rows], "value", axis, what)


def hiding(rows: list[JsonRow], _: frozenset[int]) -> Chart:
    """Against how hard the attacker hides, one panel for each way of hiding."""
    axis = translate("weight of hiding from this audit in the attacker's training")
    what = translate("Share found by how hard an attacker who knows this audit hides.")
    ways = {
        "capped": translate("hides just far enough"),
        "aware": translate("hides among decoys"),
    }
    named = [{**row, "family": ways.get(str(row.get("attacker")), "")} for row in rows]
    return _detection(named, "weight", axis, what)
