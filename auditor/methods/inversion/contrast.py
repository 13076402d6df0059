"""Contrast: how far each goal's gap stands out, in units of clean models' scatter.

See `gaps` for what is compared, `auditor.methods.calibration` for what clean models show.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.methods.calibration import (
    TOTAL,
    away_name,
    away_p_value,
    class_p_values,
    fused,
    led_by_pair,
    of_several,
    p_value_of,
)
from auditor.methods.inversion.gaps import Gaps
from auditor.methods.inversion.goals import ANY


@dataclass(frozen=True)
class Contrast:
    """Standardised contrasts of one model.

    Args:
        classes: the classes that were searched, ``(m,)``.
        count: number of classes K of the model.
        kind: which null holds, see `auditor.methods.calibration.kind_of`.
        by_statistic: ``(m,)`` for each form and for their ``total``; ``(1,)`` for the move away.
        likeliest: source and target that random triggers pair most, see `pairs`, None without.
    """

    classes: Tensor
    count: int
    kind: str
    by_statistic: Gaps
    likeliest: tuple[int, int] | None = None

    @property
    def _listed(self) -> dict[str, list[float]]:
        return {name: value.tolist() for name, value in self.by_statistic.items()}

    @property
    def total(self) -> Tensor:
        """Contrast of the forms that see most triggers together, ``(m,)``."""
        return self.by_statistic[TOTAL]

    @property
    def p(self) -> Tensor:
        """Chance that one given class of a clean model contrasts as much, ``(K,)``.

        1 for classes that were not searched.
        """
        searched = class_p_values(self._listed, self.kind)
        return torch.ones(self.count).index_copy(0, self.classes, torch.tensor(searched))

    @property
    def p_away(self) -> float:
        """Chance that the move away contrasts as much in a clean model."""
        return away_p_value(self._listed, self.kind)

    @property
    def p_class(self) -> float:
        """Chance that any class of a clean model contrasts as much as the most suspicious one."""
        return of_several(float(self.p.min()), self.count)

    @property
    def p_value(self) -> float:
        """Chance that a clean model contrasts as much in any class or in the move away."""
        score = fused(self.p_class, self.p_away, self.count)
        return p_value_of(score, self.kind)

    @property
    def leading(self) -> int:
        """What the p-value comes from: a class, or ``ANY`` for the move away."""
        alone = fused(1.0, self.p_away, self.count), fused(self.p_class, 1.0, self.count)
        return ANY if alone[0] > alone[1] else int(self.order[0])

    @property
    def pair(self) -> tuple[int, int] | None:
        """Source and target, if the p-value comes from what is done to a single pair."""
        paired = self.leading == ANY and led_by_pair(self._listed, self.kind)
        return self.likeliest if paired else None

    @property
    def order(self) -> Tensor:
        """Classes, most suspicious first, ``(K,)``."""
        return self.p.argsort(stable=True)

    def chance(self, target: int) -> float:
        """P-value of one class, or of the move away."""
        return self.p_away if target == ANY else float(self.p[target])

    def of(self, target: int, statistic: str) -> float:
        """One statistic of a searched class, or of the move away."""
        if target == ANY:
            return float(self.by_statistic[away_name(statistic)][0])
        return float(self.by_statistic[statistic][self.place(target)])

    def place(self, target: int) -> int:
        """Position of a searched class, or of the move away, among the candidates."""
        if target == ANY:
            return len(self.classes)
        return int((self.classes == target).nonzero()[0, 0])
