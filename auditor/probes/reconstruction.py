"""``trigger.reconstruction``: is some class far easier to reach than in an honest model?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from auditor.core.finding import Exhibit, Result
from auditor.core.probe import Context, Probe, probe
from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import TESTED, model_p_value
from auditor.methods.calibration import suspicion as suspicion_score
from auditor.methods.intervals import clopper_pearson, share
from auditor.methods.inversion.scan import (
    Contrast,
    Effort,
    Recovered,
    Reference,
    contrast,
    reconstruct,
    refer,
    students,
)
from auditor.methods.inversion.witness import Witness, best_family, examine
from auditor.probes.trigger_pictures import exhibits, trigger_table

SUSPECTS = 3
ALPHA = 0.05


@probe
@dataclass(frozen=True)
class Reconstruction(Probe):
    """Reconstruct the smallest trigger of each class and hold it against students."""

    steps: int = 150
    students: int = 3

    id: ClassVar[str] = "trigger.reconstruction"
    title: ClassVar[str] = "Trigger reconstruction"
    needs: ClassVar[tuple[str, ...]] = ("gradients",)
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "the search ran to its end (bool)",
        "score": "-log10 of the p-value: 0 or more, compares between models",
        "contrast": "contrast of the most suspicious class, in units of clean scatter",
        "p_value": "chance of such a score on a clean model, from the development bank",
        "max_flip_rate": "held-out flip rate of the most suspicious class's trigger",
        "noisy_flip_rate": "the same with noise added to the triggered inputs",
        "student_flip_rate": "flip rate of the same trigger in the students",
        "student_agreement": "share of held-out inputs on which students and model agree",
        "families_agreeing": "parametrisations in which the same class contrasts most (count)",
        "suspect_classes": "classes whose own p-value is at most .05 (count)",
        "functional_witness": "works on held-out inputs, under noise, and is not natural (bool)",
        "image_passes": "images passed forward and backward by the searches (count)",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Wang et al., Neural Cleanse, IEEE S&P 2019",
        "Moosavi-Dezfooli et al., Universal adversarial perturbations, CVPR 2017",
        "Li et al., Neural Attention Distillation, ICLR 2021",
    )

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        search_set, held_out = clean.split(0.5, context.seed)
        effort = Effort(steps=self.steps, students=self.students)
        found = reconstruct(
            subject, search_set, held_out, effort, context.seed, _within(context, 0.0, 0.4)
        )
        taught = students(subject, clean, effort, context.seed, _within(context, 0.4, 0.2))
        reference = refer(
            subject,
            taught,
            search_set,
            held_out,
            effort,
            context.seed,
            _within(context, 0.6, 0.35),
        )
        suspicion = contrast(found, reference)
        witness = examine(subject, taught, found, suspicion, search_set, held_out, context.seed)
        result = _result(subject, held_out, found, suspicion, witness, reference, self)
        return dataclasses.replace(result, exhibits=result.exhibits + _kept(reference))


def _within(context: Context, start: float, width: float) -> Any:
    def report(part: float, note: str) -> None:
        context.check(start + width * part, note)

    return report


def _result(
    subject: Subject,
    held_out: CleanSet,
    found: dict[str, Recovered],
    suspicion: Contrast,
    witness: Witness,
    reference: Reference,
    settings: Reconstruction,
) -> Result:
    classes = subject.classes
    tabular = subject.spec.kind == "tabular"
    p_value = model_p_value(float(suspicion.p.min()), classes)
    agreeing = sum(int(suspicion.by_statistic[name].argmax()) == witness.target for name in found)
    passes = Effort(steps=settings.steps).passes(classes, subject.spec.shape)
    return Result(
        measures={
            "ran": True,
            "score": suspicion_score(p_value),
            "contrast": _highest(suspicion, witness.target),
            "p_value": p_value,
            "max_flip_rate": share(witness.flipped, witness.tried),
            "noisy_flip_rate": share(witness.noisy, witness.tried),
            "student_flip_rate": witness.student_rate,
            "student_agreement": reference.agreement,
            "families_agreeing": float(agreeing),
            "suspect_classes": float((suspicion.p <= ALPHA / classes).sum()),
            "functional_witness": witness.functional,
            "image_passes": float(passes * (1 + settings.students)),
        },
        tables={
            "targets": _targets(found, suspicion, witness),
            "classes": _classes(subject, found, suspicion),
            **({"trigger": trigger_table(subject, witness)} if tabular else {}),
        },
        exhibits=exhibits(subject, held_out, witness) + _arrays(subject, held_out, witness),
        caveats=_caveats(settings),
    )


def _caveats(settings: Reconstruction) -> tuple[str, ...]:
    limits = (
        "Finds triggers that send inputs of every class to one class; source-specific, all-to-all, "
        "warped and strongly input-dependent triggers can stay hidden."
    )
    usual = Reconstruction()
    if settings == usual:
        return (limits,)
    return limits, (
        f"The p-value was calibrated with {usual.steps} steps and {usual.students} students; this "
        f"search had {settings.steps} and {settings.students}."
    )


def _targets(
    found: dict[str, Recovered], suspicion: Contrast, witness: Witness
) -> list[dict[str, Any]]:
    rows = []
    for target in suspicion.order[:SUSPECTS].tolist():
        family = best_family(found, suspicion, target)
        own = found[family]
        flipped, tried = int(own.flipped[target]), int(own.tried[target])
        if target == witness.target:
            family, flipped, tried = witness.family, witness.flipped, witness.tried
        low = clopper_pearson(flipped, tried, 0.9)[0] if tried else 0.0
        rows.append(
            {
                "target": target,
                "contrast": round(_highest(suspicion, target), 4),
                "family": family,
                "flip_rate": flipped / tried if tried else 0.0,
                "flip_rate_low": low,
            }
        )
    return rows


def _classes(
    subject: Subject, found: dict[str, Recovered], suspicion: Contrast
) -> list[dict[str, Any]]:
    return [
        {
            "class": k,
            "label": subject.spec.label(k),
            "score": round(
                suspicion_score(model_p_value(float(suspicion.p[k]), subject.classes)), 4
            ),
            "contrast": round(_highest(suspicion, k), 4),
            **{
                f"{name}_size": round(float(own.log_size[k].exp()), 3)
                for name, own in found.items()
            },
            **{f"{name}_ratio": round(float(suspicion.by_statistic[name][k]), 4) for name in found},
            "flip_rate": round(max(float(own.rate[k]) for own in found.values()), 4),
        }
        for k in range(subject.classes)
    ]


def _highest(suspicion: Contrast, target: int) -> float:
    """Contrast of a class in the tested statistic that shows it most."""
    tested = (name for name in TESTED if name in suspicion.by_statistic)
    return max(float(suspicion.by_statistic[name][target]) for name in tested)


def _arrays(subject: Subject, held_out: CleanSet, witness: Witness) -> tuple[Exhibit, ...]:
    if not witness.functional:
        return ()
    others = held_out.x[subject.predict(held_out.x) != witness.target][:64]
    target = torch.tensor([witness.target])
    named = {
        "clean_inputs": others,
        "triggered_inputs": witness.apply(others),
        "target": target,
    }
    return tuple(
        Exhibit(name, array.numpy(), "array", "Raw array for replay")
        for name, array in named.items()
    )


def _kept(reference: Reference) -> tuple[Exhibit, ...]:
    caption = "Log trigger sizes on the students, one row a student, one column a class."
    return tuple(
        Exhibit(f"reference_{name}", sizes.numpy(), "array", caption)
        for name, sizes in reference.log_size.items()
    )
