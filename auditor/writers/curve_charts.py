"""Charts of what happens to accuracy and power: under attack, disturbance, and by family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.core.finding import JsonRow
from auditor.core.record import Power
from auditor.writers import plotting
from auditor.writers.amounts import interval, number
from auditor.writers.language import translate
from auditor.writers.phrases import words
from auditor.writers.plotting import ROWS, Chart, first_of
from auditor.writers.power_view import family_words
from auditor.writers.text import clean


def curve(rows: list[JsonRow], _: frozenset[int]) -> Chart:
    """Accuracy left under attack, one panel a norm."""
    norms = sorted({clean(row.get("norm", ""), 20) for row in rows})[:3]
    parts = {
        norm: sorted(
            (row for row in rows if clean(row.get("norm", ""), 20) == norm),
            key=lambda row: row["epsilon"],
        )
        for norm in norms
    }

    def panel(axes: Any, norm: str) -> None:
        x = [row["epsilon"] for row in parts[norm]]
        y = [row["accuracy"] for row in parts[norm]]
        ends = [[row[end] for row in parts[norm]] for end in ("low", "high")]
        axes.fill_between(x, *ends, color=plotting.ACCENT, alpha=0.15, linewidth=0)
        axes.plot(x, y, "o-", color=plotting.ACCENT, linewidth=1.6, markersize=4)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(left=0)
        axes.grid(True, axis="both")
        axes.set_title(words(norm), loc="left", fontweight="bold")
        axes.set_xlabel(translate("attack budget ε (inputs in [0, 1])"))

    def draw(axes: Any) -> None:
        several = axes if isinstance(axes, list) else [axes]
        for each, norm in zip(several, norms, strict=True):
            panel(each, norm)
        several[0].set_ylabel(translate("accuracy left"))

    ends = [
        translate(
            "{norm}: {first} at ε = {start} falling to {last} at ε = {end}",
            norm=norm,
            first=number(part[0]["accuracy"]),
            start=number(part[0]["epsilon"]),
            last=number(part[-1]["accuracy"]),
            end=number(part[-1]["epsilon"]),
        )
        for norm, part in parts.items()
    ]
    alt = translate("Accuracy under attack. {ends}.", ends="; ".join(ends))
    caption = translate("Accuracy left against the attack's budget; the band is the 95% interval.")
    return Chart(plotting.svg(draw, 2.15, len(norms)), alt, caption)


def corruptions(rows: list[JsonRow], _: frozenset[int]) -> Chart:
    """Accuracy under each disturbance, a bar for each severity, worst first."""
    kinds: dict[str, list[JsonRow]] = {}
    for row in rows:
        kinds.setdefault(clean(row.get("kind", ""), 26), []).append(row)
    worst = sorted(kinds, key=lambda kind: min(row["accuracy"] for row in kinds[kind]))[:ROWS]
    most = max(len(kinds[kind]) for kind in worst)
    thick = 0.72 / most

    def draw(axes: Any) -> None:
        for y, kind in enumerate(worst):
            ordered = sorted(kinds[kind], key=lambda row: row["severity"])
            for step, row in enumerate(ordered):
                shade = 0.35 + 0.65 * (step + 1) / len(ordered)
                at = y + (step - (len(ordered) - 1) / 2) * thick
                axes.barh(at, row["accuracy"], thick * 0.86, color=plotting.ACCENT, alpha=shade)
        plotting.lines(axes, [words(kind)[:30] for kind in worst])
        axes.set_xlim(0, 1)
        axes.set_xlabel(translate("accuracy; severity rises from light to dark"))

    low = min(rows, key=lambda row: row["accuracy"])
    alt = translate(
        "Accuracy under ordinary disturbance. Lowest: {kind} at severity {severity}, "
        "accuracy {accuracy}.",
        kind=words(clean(low.get("kind", ""), 26)),
        severity=number(low["severity"]),
        accuracy=number(low["accuracy"]),
    )
    height = plotting.height_for(1) + 0.11 * sum(len(kinds[k]) for k in worst) + 0.1 * len(worst)
    caption = translate("Accuracy under disturbance, worst first.") + first_of(list(kinds))
    return Chart(plotting.svg(draw, height), alt, caption)


def power_chart(power: Sequence[Power], floor: float | None) -> Chart | None:
    """Detection rate by family with interval, and the floor that the policy asks for."""
    known = [
        (family_words(row.family)[:30], (row.rate, row.low, row.high))
        for row in power
        if row.rate is not None and row.low is not None and row.high is not None
    ]
    if not known:
        return None

    def draw(axes: Any) -> None:
        for y, (_, value) in enumerate(known):
            plotting.span(axes, y, value, plotting.ACCENT)
        plotting.lines(axes, [name for name, _ in known])
        axes.set_xlim(-0.01, 1.01)
        if floor is not None:
            axes.axvline(floor, color=plotting.ALARM, linewidth=1, linestyle=(0, (4, 2)))
        axes.set_xlabel(translate("share of planted backdoors found, with 95% interval"))

    says = "; ".join(
        f"{name} {number(value)} ({interval(low, high)})" for name, (value, low, high) in known
    )
    wanted = (
        ""
        if floor is None
        else (
            " "
            + translate(
                "The dashed line is the floor of {floor} that the policy sets.", floor=number(floor)
            )
        )
    )
    return Chart(
        plotting.svg(draw, plotting.height_for(len(known))),
        translate("Share of planted backdoors found by family: {says}.", says=says) + wanted,
        translate("Share of planted backdoors that the same scan found.") + wanted,
    )
