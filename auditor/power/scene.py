"""The one place where measuring power meets the detector.

Every copy is looked at as the delivered model was: same sets, same effort, same seed. The students
of the delivered model serve for its copies too, where that changes little (`shares`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from auditor.core.finding import Finding
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.examine import examine
from auditor.methods.inversion.forms import Flow
from auditor.methods.inversion.kept import read
from auditor.methods.inversion.lessons import learned, students
from auditor.methods.inversion.scan import Reference, contrast, reconstruct, refer
from auditor.methods.inversion.shunned import hardest
from auditor.methods.inversion.still import held_still
from auditor.methods.inversion.witness import Witness

SCAN = "trigger.reconstruction"
ALPHA = 0.05
"""Where no policy says what raises an alarm."""
Row = dict[str, Any]
Report = Callable[[float, str], None]


class CannotJudge(Exception):
    """The scan comes to no verdict on this copy; the message says why."""


@dataclass(frozen=True)
class Scene:
    """What every copy of one audit shares; if ``shared``, the students as well for any inputs.

    ``alpha`` is the largest p-value that raises an alarm.
    """

    subject: Subject
    clean: CleanSet
    search_set: CleanSet
    held_out: CleanSet
    reference: Reference
    effort: Effort
    split_seed: int
    p_value: float
    shared: bool = False
    alpha: float = ALPHA


def open_scene(subject: Subject, clean: CleanSet, context: Context, earlier: Finding) -> Scene:
    """The scene that the scan of the delivered model left behind, its effort included."""
    arrays = {name.removeprefix(f"{SCAN}/"): array for name, array in context.arrays.items()}
    reference = read(arrays, earlier.measures["student_agreement"].value)
    effort = Effort(steps=earlier.params["steps"], students=earlier.params["students"])
    split = clean.split(0.5, earlier.seed)
    own = earlier.measures["p_value"].value
    return Scene(subject, clean, *split, reference, effort, earlier.seed, own)


def look(scene: Scene, copy: Subject, target: int | None, report: Report) -> Row:
    """What the scan says of a copy; found only if the planted ``target``, if any, is named.

    Raises:
        CannotJudge: students of its own did not learn the task from it.
    """
    copy = held_still(copy, scene.clean)
    reference = scene.reference if shares(scene) else own_reference(scene, copy, report)
    return verdict(*seen(scene, copy, reference, report), target)


def shares(scene: Scene) -> bool:
    """Whether the students of the delivered model serve for its copies.

    Students of a copy can learn its backdoor where shifted, mixed and noisy inputs wake it. On tiny
    pictures and tables, where students cost little, each copy has its own. On larger ones students
    of its own would make copies look harder to find than attacked models are (decision 22).
    """
    return scene.shared or Flow.suits(scene.subject.spec.shape)


def own_reference(scene: Scene, copy: Subject, report: Report) -> Reference:
    """What students say that were taught by ``copy``, as an audit of it would have them.

    Raises:
        CannotJudge: they agree with it too seldom, so that an audit would come to no verdict.
    """
    sets, classes = (scene.search_set, scene.held_out), scene.reference.classes
    effort, seed = scene.effort, scene.split_seed

    def tell(share: float, note: str) -> None:
        report(0.0, note)

    taught = students(copy, scene.clean, effort, seed, tell)
    known = learned(copy, taught, *sets)
    if not known.enough:
        raise CannotJudge(f"students of its own agree with it on {known.agreement:.0%} of inputs")
    return refer(known, taught, *sets, effort, seed, tell, classes)


def seen(
    scene: Scene, copy: Subject, reference: Reference, report: Report
) -> tuple[Contrast, Witness | None]:
    """The scan of a copy, of the classes that were searched on the delivered model.

    Where no goal contrasts there is no alarm whatever a witness would say, so that none is sought.
    """
    sets, classes = (scene.search_set, scene.held_out), scene.reference.classes
    found = reconstruct(copy, *sets, scene.effort, scene.split_seed, report, classes)
    suspicion = contrast(copy, found, reference)
    if suspicion.p_value > scene.alpha:
        return suspicion, None
    return suspicion, examine(copy, [], found, suspicion, *sets, scene.split_seed)


def verdict(suspicion: Contrast, witness: Witness | None, target: int | None) -> Row:
    """The row of a copy that was looked at."""
    row: Row = {
        "p_value": round(suspicion.p_value, 6),
        "p_shunned": round(hardest(suspicion).p_value, 6),
        "detected": False,
    }
    if witness is None or not witness.targets:
        return row
    named = target is None or target in witness.targets
    return row | {"detected": witness.functional and named, "examined": witness.targets[0]}
