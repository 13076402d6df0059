"""The class that is oddly hard to reach: what hiding from this search leaves behind.

Who trains a backdoor with this very search in the loss teaches the model that no found trigger may
lead to the target. The target does not become like other classes: it becomes harder to reach than
any, as no honest class is against its students. Only the lower end of the joint contrast is looked
at, which takes nothing from the upper one. Limits: who hides just as far as needed leaves no such
sign; the null are the clean classes of the development bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from auditor.methods.calibration import JOINT, of_several, shipped
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.scatter import Null, fit


@dataclass(frozen=True)
class Shunned:
    """The class that is hardest to reach, and the chance that any class of a clean model is so."""

    target: int
    p_value: float


def hardest(suspicion: Contrast) -> Shunned:
    """The class with the lowest joint contrast, corrected for the number of classes.

    Of two classes the one is as hard as the other is easy, so that nothing is said.
    """
    joint = suspicion.by_statistic[JOINT]
    place = int(joint.argmin())
    one = _mirrored(suspicion.kind).exceedance(-float(joint[place]))
    p_value = 1.0 if len(joint) == 2 else of_several(one, len(joint))
    return Shunned(int(suspicion.classes[place]), p_value)


@cache
def _mirrored(kind: str) -> Null:
    return fit([-score for score in shipped()["statistics"][kind][JOINT]["scores"]])
