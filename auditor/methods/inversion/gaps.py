"""Gaps: by how much each goal is easier in the delivered model than in its students.

Log ratios of trigger sizes, students to model, each minus the median of the other classes', so that
a model that is easier to fool as a whole does not contrast. The move "away", from every class to
any other, is held against the median of all classes: an all-to-all backdoor makes it easy while no
single class becomes so. It also sends every class equally many places further on, which random
triggers show: one number of places is held against the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from auditor.methods.calibration import AWAY, PAIRED, RANDOM, ROWS, SUMMED, TOTAL, TURNED, away_name
from auditor.methods.inversion.pairs import highest_pair

Gaps = dict[str, Tensor]
COUNTED = {RANDOM: 32, TURNED: 256}
"""One in so many random triggers counts: those that move, or turn, most beyond the students."""


def raw_contrast(
    own: Mapping[str, Tensor], students: Mapping[str, Tensor], rows: Tensor | None = None
) -> Gaps:
    """Log size on the students minus log size on the model, against the classes.

    Args:
        own: log sizes of each form's candidates ``(m + 1,)``, the move away last; of random
            triggers one row each, ``(triggers, m + 1)``, and ``(triggers, K - 1)`` for `TURNED`.
        students: the same with one more dimension in front.
        rows: contrast of the last layer's rows, ``(m,)``, if they can be read; students have no
            part in it.

    Returns:
        ``(m,)`` for each form, for ``total`` and for ``rows``, ``(1,)`` for each form and total
        with ``away_`` before, and ``(1,)`` for how far classes are turned; each over the scatter
        that the median itself brings in.
    """
    gaps = {
        name: _gap(name, students[name].mean(0) - size)
        for name, size in own.items()
        if name != PAIRED
    }
    turned = gaps.pop(TURNED, None)
    few, all_ = (spread(len(next(iter(gaps.values()))) - fewer) for fewer in (2, 1))
    found = {name: against_others(gap[:-1]) / few for name, gap in gaps.items()}
    found |= {away_name(name): (gap[-1:] - gap[:-1].median()) / all_ for name, gap in gaps.items()}
    if turned is not None:
        found[away_name(TURNED)] = _furthest(turned)
        found[away_name(PAIRED)] = highest_pair(own, students)
    if rows is not None:
        found[ROWS] = rows / few
    for prefix in ("", AWAY):
        found[prefix + TOTAL] = torch.stack([found[prefix + name] for name in SUMMED]).sum(0)
    return found


def _gap(name: str, gaps: Tensor) -> Tensor:
    """One gap for each candidate, ``(m + 1,)``: of many triggers the mean of the largest."""
    if gaps.dim() == 1:
        return gaps
    return gaps.topk(-(-len(gaps) // COUNTED[name]), dim=0).values.mean(0)


def _furthest(turned: Tensor) -> Tensor:
    """The largest of K - 1 turns against the others, ``(1,)``; of two classes there is but one."""
    if len(turned) == 1:
        return torch.zeros(1)
    return against_others(turned).amax(0, keepdim=True) / spread(len(turned) - 1)


def turned_by(own: Mapping[str, Tensor], students: Mapping[str, Tensor]) -> int:
    """Number of places that random triggers send classes further on, most beyond the students.

    Arguments as for `raw_contrast`; 0 without random triggers.
    """
    if TURNED not in own:
        return 0
    return 1 + int(_gap(TURNED, students[TURNED].mean(0) - own[TURNED]).argmax())


def own_scatter(students: Mapping[str, Tensor]) -> dict[str, float]:
    """How far the students are apart: root mean square contrast of each against the others.

    Args:
        students: as for `raw_contrast`.

    Returns:
        A value for each statistic of `raw_contrast`; none if there is only one student.
    """
    count = len(next(iter(students.values())))
    if count == 1:
        return {}
    found = []
    for number in range(count):
        others = torch.arange(count) != number
        one = {name: sizes[number] for name, sizes in students.items()}
        rest = {name: sizes[others] for name, sizes in students.items()}
        found.append(raw_contrast(one, rest))
    return {
        name: float(torch.cat([gaps[name] for gaps in found]).square().mean().sqrt())
        for name in found[0]
    }


def spread(count: int) -> float:
    """Scatter of a value minus the median of ``count`` others, in units of the value's own.

    For normal values; within 4%, exact for one other.

    >>> round(spread(1), 2), round(spread(9), 2)
    (1.41, 1.08)
    """
    return math.sqrt(1 + math.pi / 2 / (count + math.pi / 2 - 1))


def against_others(gap: Tensor) -> Tensor:
    """Each entry of ``(m,)`` minus the median of the m - 1 others.

    >>> against_others(torch.tensor([1.0, 0.25])).tolist()
    [0.75, -0.75]
    """
    others = gap.repeat(len(gap), 1)[~torch.eye(len(gap), dtype=torch.bool)]
    return gap - others.view(len(gap), -1).quantile(0.5, dim=1)
