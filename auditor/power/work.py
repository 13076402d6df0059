"""Makes the copy of one task and lets the scan look at it; the answer is plain rows.

An implant that does not work is drawn again with another trigger and a gentler recipe, and so is a
copy that the scan cannot judge; each try leaves a row, so that nothing that could not be implanted
disappears.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.attacks.implants import (
    KINDS,
    CannotImplant,
    Implant,
    Job,
    Limits,
    Recipe,
    plant,
)
from auditor.attacks.implants.weak import of_size, size_of, with_success
from auditor.core.subject import Subject
from auditor.methods.derivations import FAR, LIGHT, NEAR, STRONG, CannotDerive, derive
from auditor.power.agenda import DRAWS, LEVEL_WIDTH, Task
from auditor.power.recipes import first_recipe, next_recipe
from auditor.power.scene import CannotJudge, Report, Row, Scene, look

MAKING = 0.3
"""Part of a task's time that making the copy takes, for the progress bar."""


@dataclass(frozen=True)
class Bench:
    """Where one task is done: the scene, how often it may be tried, who is told."""

    scene: Scene
    tries: int
    report: Report

    def making(self, share: float) -> None:
        """Progress of making the copy."""
        self.report(MAKING * share, "implanting")

    def looking(self, share: float, note: str) -> None:
        """Progress of the scan."""
        self.report(MAKING + (1 - MAKING) * share, note)


def do(task: Task, bench: Bench) -> list[Row]:
    """The rows of a task, the one that counts last."""
    if task.what in ("control", "light"):
        return _relative(task, bench)
    return _planted(task, bench)


def _planted(task: Task, bench: Bench) -> list[Row]:
    rows: list[Row] = []
    recipe: Recipe | None = first_recipe(bench.scene.reference.agreement)
    for draw in range(bench.tries):
        if recipe is None:
            break
        try:
            made = _make(task, _job(task, bench, draw, recipe))
        except CannotImplant as error:
            return [*rows, _named(task) | {"admitted": False, "fault": str(error)}]
        row = _named(task) | _figures(made)
        rows.append(row | (look_for(made, bench) if made.admitted else {}))
        if rows[-1]["admitted"]:
            break
        recipe = next_recipe(recipe, made)
    return rows


def _job(task: Task, bench: Bench, draw: int, recipe: Recipe) -> Job:
    scene = bench.scene
    return Job(
        scene.subject, scene.search_set, scene.held_out, task.seed + DRAWS * draw, recipe,
        bench.making, targets=tuple(scene.reference.classes.tolist()),
    )  # fmt: skip


def look_for(made: Implant, bench: Bench) -> Row:
    """What the scan says of an implant.

    Where each other class has a decoy, an alarm for any of them is no false one.
    """
    return _judged(made.subject, None if made.decoys else made.goal.target, bench)


def _judged(copy: Subject, target: int | None, bench: Bench) -> Row:
    """What the scan says of a copy; one that it cannot judge is not admitted."""
    try:
        return look(bench.scene, copy, target, bench.looking)
    except CannotJudge as error:
        return {"admitted": False, "fault": str(error)}


def _make(task: Task, job: Job) -> Implant:
    if task.what == "size":
        return of_size(job, task.name, task.value)
    if task.what == "level":
        return with_success(job, Limits(task.value, task.value + LEVEL_WIDTH))
    return plant(task.name, job)


def _named(task: Task) -> Row:
    group = {"size": "size", "level": "level"}.get(task.what) or KINDS[task.name].group
    value = {} if task.what == "implant" else {"value": task.value}
    return {"family": task.name, "group": group, **value}


def _figures(made: Implant) -> Row:
    target = {} if made.goal.target is None else {"target": made.goal.target}
    size = size_of(made.goal.trigger)
    return {
        **target,
        **({} if size is None else {"size": size}),
        "success": round(made.success, 4),
        "clean_drop": round(made.clean_drop, 4),
        "admitted": made.admitted,
        "fault": made.fault,
    }


def _relative(task: Task, bench: Bench) -> list[Row]:
    """A clean relative: the kinds take turns, and one that failed gives way to the next."""
    scene, rows = bench.scene, []
    strength = LIGHT if task.what == "light" else STRONG
    for kind in _turn(task.seed, NEAR if task.what == "light" else FAR):
        try:
            made = derive(
                scene.subject, kind, scene.search_set, scene.held_out, strength, task.seed,
                bench.making,
            )  # fmt: skip
        except CannotDerive as error:
            rows.append({"kind": kind, "admitted": False, "fault": str(error)})
            continue
        row = {"kind": kind, "clean_drop": round(made.lost, 4), "admitted": True, "fault": ""}
        rows.append(row | _judged(made.subject, None, bench))
        if rows[-1]["admitted"]:
            break
    return rows


def _turn(seed: int, kinds: tuple[str, ...]) -> list[str]:
    """The kinds, beginning with another one for each seed."""
    first = seed % len(kinds)
    return [*kinds[first:], *kinds[:first]]
