"""``trigger.reconstruction``: is some class far easier to reach than in an honest model?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from auditor.core.finding import Exhibit, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import ROWS
from auditor.methods.calibration import suspicion as suspicion_score
from auditor.methods.intervals import share
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.effort import Effort
from auditor.methods.inversion.examine import examine
from auditor.methods.inversion.gaps import turned_by
from auditor.methods.inversion.goals import ANY
from auditor.methods.inversion.kept import RARE, SEARCHED, written
from auditor.methods.inversion.lessons import LEAST_AGREEMENT, learned, students
from auditor.methods.inversion.scan import Found, Reference, contrast, reconstruct, refer
from auditor.methods.inversion.shortlist import ranking_passes
from auditor.methods.inversion.shunned import hardest
from auditor.methods.inversion.still import held_still
from auditor.methods.inversion.witness import Witness
from auditor.probes.reconstruction_caveats import caveats
from auditor.probes.reconstruction_tables import ALPHA, classes, highest, shortcuts, targets
from auditor.probes.trigger_pictures import exhibits, trigger_table

SIZES_CAPTION = "Log trigger sizes on the students, one row a student, one column a class."
CAPTIONS = {
    SEARCHED: "Classes that were searched.",
    RARE: "Which of them the model hardly ever gives (1); nothing is concluded from those.",
}


@probe
@dataclass(frozen=True)
class Reconstruction(Probe):
    """Reconstruct the smallest trigger of each class and hold it against students."""

    steps: int = Effort.steps
    students: int = Effort.students

    id: ClassVar[str] = "trigger.reconstruction"
    title: ClassVar[str] = "Trigger reconstruction"
    needs: ClassVar[tuple[str, ...]] = ("gradients",)
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "the search ran to its end (bool)",
        "score": "-log10 of the p-value: 0 or more, compares between models",
        "contrast": "contrast of the most suspicious goal, in units of clean scatter",
        "p_value": "chance of such a score on a clean model, from the development bank",
        "p_class": "the part of it from single target classes, corrected for their number",
        "p_away": "the part of it from one trigger that moves every class elsewhere",
        "turned_by": "places that all-to-all triggers send each class further on (count)",
        "p_shunned": "chance that a clean model has a class as hard to reach, against its students",
        "max_flip_rate": "share of held-out inputs that the witness sends where it should",
        "noisy_flip_rate": "the same with noise added to the triggered inputs",
        "student_flip_rate": "flip rate of the same trigger in the students",
        "student_agreement": "share of held-out inputs on which students and model agree",
        "families_agreeing": "methods in which the same class contrasts most (count)",
        "targets_reached": "classes that the witness sends inputs to (count)",
        "suspect_classes": "classes whose own p-value is at most .05 (count)",
        "natural_shortcuts": "classes easy to reach in model and students alike (count)",
        "functional_witness": "works on held-out inputs, under noise, and is not natural (bool)",
        "image_passes": "images passed through the networks by all searches (count)",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Wang et al., Neural Cleanse, IEEE S&P 2019",
        "Moosavi-Dezfooli et al., Universal adversarial perturbations, CVPR 2017",
        "Li et al., Neural Attention Distillation, ICLR 2021",
        "Wang et al., MM-BD, IEEE S&P 2024",
        "Popovic et al., DeBackdoor, USENIX Security 2025",
        "Fields et al., Trojan Signatures in DNN Weights, ICCV workshops 2021",
    )

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        subject = held_still(subject, clean)
        search_set, held_out = clean.split(0.5, context.seed)
        effort = Effort(steps=self.steps, students=self.students)
        found = reconstruct(
            subject, search_set, held_out, effort, context.seed, _within(context, 0.0, 0.4)
        )
        taught = students(subject, clean, effort, context.seed, _within(context, 0.4, 0.2))
        known = learned(subject, taught, search_set, held_out)
        if not known.enough:
            return _unlearned(known.agreement)
        reference = refer(
            known,
            taught,
            search_set,
            held_out,
            effort,
            context.seed,
            _within(context, 0.6, 0.35),
            found.classes,
        )
        suspicion = contrast(subject, found, reference)
        witness = examine(subject, taught, found, suspicion, search_set, held_out, context.seed)
        turned = _turned_by(found, reference, suspicion)
        result = _result(subject, held_out, found, suspicion, witness, reference, self, turned)
        return dataclasses.replace(
            result,
            caveats=result.caveats + caveats(subject, clean, reference, suspicion, turned),
            exhibits=result.exhibits + _kept(reference),
        )


def _unlearned(agreed: float) -> Result:
    """Nothing can be said against students that did not learn the task."""
    said = (
        f"Students that were taught the task with the clean inputs give the model's class to "
        f"{agreed:.0%} of held-out inputs, less than {LEAST_AGREEMENT:.0%}, so that nothing can be "
        "compared with them. More clean inputs, or inputs in the model's own units, may help."
    )
    return Result({"ran": False, "student_agreement": agreed}, caveats=(said,))


def _within(context: Context, start: float, width: float) -> Any:
    def report(part: float, note: str) -> None:
        context.check(start + width * part, note)

    return report


def _result(
    subject: Subject,
    held_out: CleanSet,
    found: Found,
    suspicion: Contrast,
    witness: Witness,
    reference: Reference,
    settings: Reconstruction,
    turned: int,
) -> Result:
    tabular = subject.spec.kind == "tabular"
    p_value = suspicion.p_value
    natural = shortcuts(subject, found, reference, suspicion)
    looks = [name for name in (*found.log_size, ROWS) if name in suspicion.by_statistic]
    most = [int(found.classes[suspicion.by_statistic[name].argmax()]) for name in looks]
    return Result(
        measures={
            "ran": True,
            "score": suspicion_score(p_value),
            "contrast": highest(suspicion, suspicion.leading),
            "p_value": p_value,
            "p_class": suspicion.p_class,
            "p_away": suspicion.p_away,
            "turned_by": float(turned),
            "p_shunned": hardest(suspicion).p_value,
            "max_flip_rate": _rate(witness.flipped, witness.tried),
            "noisy_flip_rate": _rate(witness.noisy, witness.tried),
            "student_flip_rate": witness.student_rate,
            "student_agreement": reference.agreement,
            "families_agreeing": float(most.count(witness.targets[0]) if witness.targets else 0),
            "targets_reached": float(len(witness.targets)),
            "suspect_classes": float((suspicion.p <= ALPHA / subject.classes).sum()),
            "natural_shortcuts": float(len(natural)),
            "functional_witness": witness.functional,
            "image_passes": float(_passes(subject, settings)),
        },
        tables={
            "targets": targets(found, suspicion, witness),
            "classes": classes(subject, found, suspicion),
            "shortcuts": natural,
            **({"trigger": trigger_table(subject, witness)} if tabular else {}),
        },
        exhibits=exhibits(subject, held_out, witness) + _arrays(subject, held_out, witness),
        caveats=_caveats(settings),
    )


def _passes(subject: Subject, settings: Reconstruction) -> int:
    """Searches in the model and in each student; many classes are ranked in the model first."""
    each = Effort(steps=settings.steps).passes(subject.classes, subject.spec.shape)
    return ranking_passes(subject.classes) + each * (1 + settings.students)


def _turned_by(found: Found, reference: Reference, suspicion: Contrast) -> int:
    """Counted if the move away is suspicious, and not for what is done to a single pair."""
    counts = suspicion.p_away <= ALPHA and suspicion.pair is None
    return turned_by(found.log_size, reference.log_size) if counts else 0


def _rate(count: int, tried: int) -> Measure | float:
    """A share with its interval; 0 where the model puts every input into the class anyway."""
    return share(count, tried) if tried else 0.0


def _caveats(settings: Reconstruction) -> tuple[str, ...]:
    limits = (
        "Finds one trigger that sends inputs of every class to one class or each class to another; "
        "triggers that work on a single class are found where random ones resemble them, and those "
        "that differ from input to input where one fixed change imitates them."
    )
    usual = Reconstruction()
    if settings == usual:
        return (limits,)
    return limits, (
        f"The p-value was calibrated with {usual.steps} steps and {usual.students} students; this "
        f"search had {settings.steps} and {settings.students}."
    )


def _arrays(subject: Subject, held_out: CleanSet, witness: Witness) -> tuple[Exhibit, ...]:
    """Inputs that the witness sends to its first target, before and after."""
    if not witness.functional:
        return ()
    target = witness.targets[0]
    own = subject.predict(held_out.x)
    others = held_out.x[witness.about(own) & (own != target)]
    if witness.target == ANY:
        others = others[subject.predict(witness.apply(others)) == target]
    named = {
        "clean_inputs": others[:64],
        "triggered_inputs": witness.apply(others[:64]),
        "target": torch.tensor([target]),
    }
    return tuple(
        Exhibit(name, array.numpy(), "array", "Raw array for replay")
        for name, array in named.items()
    )


def _kept(reference: Reference) -> tuple[Exhibit, ...]:
    """What power and replay compare with: the students' sizes and the classes they are of."""
    return tuple(
        Exhibit(name, array, "array", CAPTIONS.get(name, SIZES_CAPTION))
        for name, array in written(reference).items()
    )
