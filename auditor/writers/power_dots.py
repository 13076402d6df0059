"""The figure of measured power: every dot is one copy of the delivered model.

Full where the audit found the backdoor hidden in it, hollow where it did not. First the kinds that
the sentence above the figure counts, then those that it does not count, then clean copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.writers import plotting
from auditor.writers.language import translate
from auditor.writers.plotting import Chart

DOTS = 40
GAP = None
"""An empty line between the groups."""


@dataclass(frozen=True)
class Line:
    """One line of dots: ``found`` of ``total`` copies; clean ones are alarms if found.

    ``counted``: by the sentence above the figure.
    """

    name: str
    found: int
    total: int
    clean: bool = False
    counted: bool = True


def dots(lines: Sequence[Line]) -> Chart:
    """The figure, its groups one below the other."""
    rows = _grouped(lines)

    def draw(axes: Any) -> None:
        for y, line in enumerate(rows):
            for x in range(min(line.total, DOTS) if line else 0):
                _dot(axes, x, y, line, x < line.found)
        plotting.lines(axes, [f"{r.name} ({r.found}/{r.total})" if r else "" for r in rows])
        axes.grid(False)
        axes.set_xticks([])
        axes.set_xlim(-1, max(min(line.total, DOTS) for line in lines))
        axes.spines["bottom"].set_visible(False)

    return Chart(plotting.svg(draw, plotting.height_for(len(rows)) - 0.25), _alt(rows), _says(rows))


def _grouped(lines: Sequence[Line]) -> list[Any]:
    groups = (
        [line for line in lines if line.counted and not line.clean],
        [line for line in lines if not line.counted],
        [line for line in lines if line.clean],
    )
    return [row for group in groups if group for row in (GAP, *group)][1:]


def _dot(axes: Any, x: int, y: int, line: Line, found: bool) -> None:
    colour = plotting.ALARM if line.clean and found else plotting.ACCENT
    marker = "D" if line.clean and found else "o"
    edge = colour if line.counted and (found or not line.clean) else plotting.MUTED
    face = edge if found else "none"
    axes.plot([x], [y], marker, markersize=6, color=edge, markerfacecolor=face, markeredgewidth=1)


def _alt(rows: Sequence[Line | None]) -> str:
    says = "; ".join(
        translate(
            "{family} {found} of {total}", family=line.name, found=line.found, total=line.total
        )
        for line in rows
        if line
    )
    return translate("Copies in which the audit raised an alarm: {says}.", says=says)


def _says(rows: Sequence[Line | None]) -> str:
    said = translate(
        "One dot is one copy of this model. Full: the audit found the backdoor that was hidden in "
        "it. Hollow: it did not. Diamond: a false alarm on a clean copy."
    )
    if all(line is None or line.counted for line in rows):
        return said
    return said + " " + translate("Grey dots are not counted in the sentence above.")
