"""The one place where measuring power meets the detector.

Every copy is looked at as the delivered model was: same sets, same effort, same students, same
seed. The students of the delivered model serve for its copies too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from auditor.core.finding import Finding
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.scan import Effort, Reference, contrast, reconstruct
from auditor.methods.inversion.still import held_still
from auditor.methods.inversion.witness import examine

SCAN = "trigger.reconstruction"
ALPHA = 0.05
Row = dict[str, Any]
Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Scene:
    """What every copy of one audit shares."""

    subject: Subject
    clean: CleanSet
    search_set: CleanSet
    held_out: CleanSet
    reference: Reference
    effort: Effort
    split_seed: int
    p_value: float


def open_scene(
    subject: Subject, clean: CleanSet, context: Context, earlier: Finding, steps: int
) -> Scene:
    """The scene that the scan of the delivered model left behind."""
    prefix = f"{SCAN}/reference_"
    sizes = {
        name.removeprefix(prefix): torch.tensor(array)
        for name, array in context.arrays.items()
        if name.startswith(prefix)
    }
    classes = torch.tensor(context.arrays[f"{SCAN}/searched"])
    reference = Reference(classes, sizes, earlier.measures["student_agreement"].value)
    effort, split = Effort(steps=steps), clean.split(0.5, earlier.seed)
    own = earlier.measures["p_value"].value
    return Scene(subject, clean, *split, reference, effort, earlier.seed, own)


def look(scene: Scene, copy: Subject, target: int | None, report: Report) -> Row:
    """What the scan says of a copy: its verdict, and that it names the planted ``target``, if any.

    The classes that the delivered model's students were asked about are searched.
    """
    sets, classes = (scene.search_set, scene.held_out), scene.reference.classes
    copy = held_still(copy, scene.clean)
    found = reconstruct(copy, *sets, scene.effort, scene.split_seed, report, classes)
    suspicion = contrast(copy, found, scene.reference)
    witness = examine(copy, [], found, suspicion, *sets, scene.split_seed)
    named = target is None or target in witness.targets
    flagged = suspicion.p_value <= ALPHA and witness.functional and named
    row = {"p_value": round(suspicion.p_value, 6), "detected": flagged}
    return row | ({"examined": witness.targets[0]} if witness.targets else {})
