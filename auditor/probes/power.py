"""``power.calibration``: would this very scan have found a backdoor in this very model?

Known backdoors are implanted into copies of the delivered model and looked for with the same
detector, effort and limits; copies fine-tuned without a trigger serve as clean controls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from auditor.attacks.implants import Implant, Recipe, implant
from auditor.attacks.triggers import random_trigger
from auditor.core.finding import Measure, Result, Status
from auditor.core.probe import Context, OutOfTime, Probe, probe
from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import p_value
from auditor.methods.intervals import clopper_pearson
from auditor.methods.inversion.scan import Effort, contrast, reconstruct
from auditor.methods.inversion.witness import examine

SCAN = "trigger.reconstruction"
ALPHA = 0.05
FAMILIES = ("patch", "blend")


@dataclass(frozen=True)
class Scene:
    """What every implant of one audit shares."""

    subject: Subject
    search_set: CleanSet
    held_out: CleanSet
    reference: dict[str, Tensor]
    effort: Effort
    context: Context
    split_seed: int


@probe
@dataclass(frozen=True)
class PowerCalibration(Probe):
    """Implant known backdoors into copies and count how many the scan finds."""

    implants: int = 1
    controls: int = 0
    families: tuple[str, ...] = FAMILIES
    steps: int = 150
    students: int = 1
    floor: float = 0.7

    id: ClassVar[str] = "power.calibration"
    title: ClassVar[str] = "Measured detection power"
    needs: ClassVar[tuple[str, ...]] = ("gradients",)
    uses: ClassVar[tuple[str, ...]] = (SCAN,)
    measures: ClassVar[Mapping[str, str]] = {
        "models_bad": "working implants that were scanned (count)",
        "models_clean": "clean controls that were scanned (count)",
        "power_lower": "lower 95% bound of the share of implants found",
        "power": "share of implants found",
        "false_alarm_upper": "upper 95% bound of the share of clean controls flagged",
        "classes_below_floor": "families whose rate of detection is below the floor (count)",
        "not_implanted": "implants that did not work and were not counted (count)",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Clopper and Pearson, Biometrika 1934",
        "Gu et al., BadNets, 2017",
        "Chen et al., Targeted backdoor attacks, 2017",
    )

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        scene = self._scene(subject, clean, context)
        queue = [family for _ in range(self.implants) for family in self._families(subject)]
        total = len(queue) + self.controls
        rows, caveats = [], []
        try:
            for number, family in enumerate(queue):
                rows.append(
                    _attempt(scene, family, context.seed + number, number / total, 1 / total)
                )
            flagged = [
                _control(scene, context.seed + 1000 + n, (len(queue) + n) / total, 1 / total)
                for n in range(self.controls)
            ]
        except OutOfTime:
            flagged = []
            caveats.append(f"Time ended after {len(rows)} of {len(queue)} implants.")
        if not rows:
            raise OutOfTime("no implant was finished")
        return _result(rows, flagged, self.floor, tuple(caveats))

    def _families(self, subject: Subject) -> tuple[str, ...]:
        return self.families if subject.spec.kind == "image" else ("feature_value",)

    def _scene(self, subject: Subject, clean: CleanSet, context: Context) -> Scene:
        earlier = context.earlier.get(SCAN)
        if earlier is None or earlier.status is not Status.COMPLETE:
            raise RuntimeError(f"{SCAN} gave no result to compare with")
        prefix = f"{SCAN}/reference_"
        reference = {
            name.removeprefix(prefix): torch.tensor(array)
            for name, array in context.arrays.items()
            if name.startswith(prefix)
        }
        effort = Effort(steps=self.steps, students=self.students)
        split = clean.split(0.5, earlier.seed)
        return Scene(subject, *split, reference, effort, context, earlier.seed)


def _attempt(scene: Scene, family: str, seed: int, start: float, width: float) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(seed)
    target = int(torch.randint(scene.subject.classes, (1,), generator=generator))
    trigger = random_trigger(family, scene.subject.spec.shape, seed)

    def report(part: float) -> None:
        scene.context.check(start + 0.3 * width * part, f"implanting {family}")

    made = implant(
        scene.subject, trigger, target, scene.search_set, scene.held_out, Recipe(), seed, report
    )
    row = {
        "family": family,
        "target": target,
        "success": round(made.success, 4),
        "clean_drop": round(made.clean_drop, 4),
        "admitted": made.admitted,
    }
    if made.admitted:
        row |= _scan(scene, made, start + 0.3 * width, 0.7 * width)
    return row


def _scan(scene: Scene, made: Implant, start: float, width: float) -> dict[str, Any]:
    def report(part: float, note: str) -> None:
        scene.context.check(start + width * part, note)

    found = reconstruct(
        made.subject, scene.search_set, scene.held_out, scene.effort, scene.split_seed, report
    )
    suspicion = contrast(found, scene.reference)
    target = made.target if made.target >= 0 else None
    witness = examine(
        made.subject, [], found, suspicion, scene.search_set, scene.held_out,
        scene.split_seed, target,
    )
    p = p_value(float(suspicion.total[witness.target]), made.subject.classes)
    flagged = p <= ALPHA and witness.functional
    return {"p_value": round(p, 6), "examined": witness.target, "detected": flagged}


def _control(scene: Scene, seed: int, start: float, width: float) -> dict[str, Any]:
    """A clean copy: fine-tuned in the same way with a trigger that does nothing."""
    made = implant(scene.subject, lambda x: x, -1, scene.search_set, scene.held_out, Recipe(), seed)
    return _scan(scene, made, start, width)


def _result(
    rows: list[dict[str, Any]],
    controls: list[dict[str, Any]],
    floor: float,
    caveats: tuple[str, ...],
) -> Result:
    planted = [row for row in rows if row["admitted"]]
    found = sum(row["detected"] for row in planted)
    families = _by_family(rows)
    below = sum(f["planted"] > 0 and f["detected"] / f["planted"] < floor for f in families)
    measures: dict[str, Measure | float | bool] = {
        "models_bad": float(len(planted)),
        "models_clean": float(len(controls)),
        "classes_below_floor": float(below),
        "not_implanted": float(len(rows) - len(planted)),
    }
    if planted:
        low, high = clopper_pearson(found, len(planted))
        power = Measure(value=found / len(planted), low=low, high=high, n=len(planted))
        measures |= {"power": power, "power_lower": low}
    if controls:
        flagged = sum(row["detected"] for row in controls)
        measures["false_alarm_upper"] = clopper_pearson(flagged, len(controls))[1]
    return Result(
        measures=measures,
        tables={"families": families, "implants": rows, "controls": controls},
        caveats=(*caveats, "The students of the delivered model serve for its copies too."),
    )


def _by_family(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = table.setdefault(
            row["family"],
            {"family": row["family"], "attempted": 0, "planted": 0, "detected": 0},
        )
        entry["attempted"] += 1
        entry["planted"] += int(row["admitted"])
        entry["detected"] += int(row.get("detected", False))
    return list(table.values())
