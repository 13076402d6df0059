"""Tables of trigger reconstruction: suspects, all classes, and natural shortcuts.

A class that is far easier to reach than the others, in the model and in its students alike, is a
natural shortcut of the task ("bag" among clothes): it has a name of its own and accuses nobody.
"""

from __future__ import annotations

from typing import Any

import torch

from auditor.core.subject import Subject
from auditor.methods.calibration import ROWS, SUMMED, away_sums_of, of_several, sums_of
from auditor.methods.calibration import suspicion as suspicion_score
from auditor.methods.intervals import clopper_pearson
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.examine import best_family
from auditor.methods.inversion.goals import ANY
from auditor.methods.inversion.scan import Found, Reference
from auditor.methods.inversion.witness import Witness

SUSPECTS = 3
ALPHA = 0.05
EASIER = 1.0
"""Log trigger size under the median of the classes from which on one is easy to reach."""


def targets(found: Found, suspicion: Contrast, witness: Witness) -> list[dict[str, Any]]:
    """The witness's targets, then the next most suspicious classes."""
    rest = [k for k in suspicion.order.tolist() if k not in witness.targets]
    rest = rest[: max(0, SUSPECTS - len(witness.targets))] if _single(witness) else []
    rows = [_witnessed(suspicion, witness, k) for k in witness.targets]
    return rows + [_suspect(found, suspicion, k) for k in rest if k in found.classes]


def _witnessed(suspicion: Contrast, witness: Witness, target: int) -> dict[str, Any]:
    low = clopper_pearson(witness.flipped, witness.tried, 0.9)[0] if witness.tried else 0.0
    several = not _single(witness)
    return {
        "target": target,
        "contrast": round(highest(suspicion, suspicion.leading), 4),
        "family": witness.family,
        "flip_rate": witness.rate,
        "flip_rate_low": low,
        "moves": [one.source for one in witness.landings if one.target == target] * several,
    }


def _single(witness: Witness) -> bool:
    """Whether inputs of all classes are sent to one."""
    return witness.source == ANY != witness.target


def _suspect(found: Found, suspicion: Contrast, target: int) -> dict[str, Any]:
    family, place = best_family(found, suspicion, target), suspicion.place(target)
    own = found.by_form[family]
    flipped, tried = int(own.flipped[place]), int(own.tried[place])
    return {
        "target": target,
        "contrast": round(highest(suspicion, target), 4),
        "family": family,
        "flip_rate": flipped / tried if tried else 0.0,
        "flip_rate_low": clopper_pearson(flipped, tried, 0.9)[0] if tried else 0.0,
        "moves": [],
    }


def classes(subject: Subject, found: Found, suspicion: Contrast) -> list[dict[str, Any]]:
    return [
        {
            "class": k,
            "label": subject.spec.label(k),
            "score": round(suspicion_score(of_several(float(suspicion.p[k]), subject.classes)), 4),
            "contrast": round(highest(suspicion, k), 4),
            **{
                f"{name}_size": round(float(own.log_size[place].exp()), 3)
                for name, own in found.by_form.items()
            },
            **{
                name if name == ROWS else f"{name}_ratio": round(suspicion.of(k, name), 4)
                for name in (*found.log_size, ROWS)
                if name in suspicion.by_statistic
            },
            "flip_rate": round(max(float(own.rate[place]) for own in found.by_form.values()), 4),
        }
        for place, k in enumerate(found.classes.tolist())
    ]


def highest(suspicion: Contrast, target: int) -> float:
    """Contrast of a goal in the tested statistic that shows it most."""
    known = suspicion.by_statistic
    if target == ANY:
        return max(float(known[name][0]) for name in away_sums_of(suspicion.kind))
    return max(suspicion.of(target, name) for name in sums_of(suspicion.kind))


def shortcuts(
    subject: Subject, found: Found, reference: Reference, suspicion: Contrast
) -> list[dict[str, Any]]:
    """Classes that are easy to reach in model and students alike."""
    own = torch.stack([found.log_size[name][:-1] for name in SUMMED]).sum(0)
    honest = torch.stack([reference.log_size[name][:, :-1].mean(0) for name in SUMMED]).sum(0)
    easier = torch.minimum(own.median() - own, honest.median() - honest)
    chosen = (easier >= EASIER) & (suspicion.p[found.classes] > ALPHA)
    return [
        {
            "class": int(found.classes[place]),
            "label": subject.spec.label(int(found.classes[place])),
            "times_easier": round(float(easier[place].exp()), 2),
        }
        for place in chosen.nonzero()[:, 0].tolist()
    ]
