"""Copies are made like poisoned models first and more gently if that does not work; who has
students of its own; a copy that the scan cannot judge counts neither as found nor as missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from auditor.attacks.implants import HARD_RECIPE, RECIPES, Goal, Implant, Job
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.derivations import FAR, LIGHT, NEAR, STRONG, CannotDerive, Derived, Strength
from auditor.methods.inversion.effort import Effort
from auditor.methods.students import Lesson
from auditor.power import work
from auditor.power.agenda import Task
from auditor.power.recipes import next_recipe
from auditor.power.scene import CannotJudge, Scene, own_reference, shares
from auditor.power.work import Bench, do


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """What was tried to be planted; nothing works."""
    tried: list[Job] = []

    def fails(name: str, job: Job) -> Implant:
        tried.append(job)
        return Implant(job.subject, Goal(lambda x: x, 3), success=0.1, clean_drop=0.0)

    monkeypatch.setattr(work, "plant", fails)
    return tried


def test_each_further_try_is_gentler(scene_of: Callable[[float], Scene], jobs: list[Job]) -> None:
    rows = do(Task("implant", "patch", 5), Bench(scene_of(0.5), 4, lambda share, note: None))
    assert [job.recipe for job in jobs[:3]] == [*RECIPES]
    assert jobs[3].recipe == replace(RECIPES[-1], rate=2 * RECIPES[-1].rate), "it did not work"
    assert len({job.seed for job in jobs}) == 4
    assert not any("detected" in row for row in rows)


def test_where_students_learn_little_inputs_are_varied(
    scene_of: Callable[[float], Scene], jobs: list[Job]
) -> None:
    scene = scene_of(0.5)
    hard = replace(scene, reference=replace(scene.reference, agreement=0.7))
    do(Task("implant", "patch", 5), Bench(hard, 2, lambda share, note: None))
    assert [job.recipe.varied for job in jobs] == [True, True]
    assert all(job.recipe.weight < RECIPES[0].weight for job in jobs)


@pytest.mark.parametrize(
    ("success", "drop", "factor"), [(1.0, 0.05, 0.5), (0.5, 0.02, 2.0), (0.5, 0.05, 0.5)]
)
def test_on_hard_tasks_the_fault_decides_how_hot_the_next_try_is(
    untaught: Scene, success: float, drop: float, factor: float
) -> None:
    made = Implant(untaught.subject, Goal(lambda x: x, 3), success, drop)
    following = next_recipe(HARD_RECIPE, made)
    assert following == replace(HARD_RECIPE, rate=factor * HARD_RECIPE.rate)


def test_what_costs_far_too_much_is_tried_most_gently_and_then_colder(untaught: Scene) -> None:
    costly = Implant(untaught.subject, Goal(lambda x: x, 3), success=1.0, clean_drop=0.15)
    assert next_recipe(RECIPES[0], costly) == RECIPES[-1]
    assert next_recipe(RECIPES[-1], replace(costly, clean_drop=0.05)) == replace(
        RECIPES[-1], rate=RECIPES[-1].rate / 2
    )
    assert next_recipe(RECIPES[-1], costly) is None


def test_on_hard_tasks_what_costs_far_too_much_is_not_tried_again(
    scene_of: Callable[[float], Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_of(0.5)
    hard = replace(scene, reference=replace(scene.reference, agreement=0.7))
    made = Implant(scene.subject, Goal(lambda x: x, 3), success=1.0, clean_drop=0.2)
    monkeypatch.setattr(work, "plant", lambda name, job: made)
    (row,) = do(Task("implant", "warp", 5), Bench(hard, 3, _quiet))
    assert row["fault"] == "clean accuracy fell by 0.200, more than 0.03"


def test_large_pictures_share_students(scene_of: Callable[[float], Scene]) -> None:
    tiny = scene_of(0.5)
    assert not shares(tiny)
    spec = InputSpec(kind="image", shape=(1, 28, 28), classes=10)
    assert shares(replace(tiny, subject=Subject(tiny.subject.network, spec)))


def test_a_copy_teaches_students_of_its_own(
    scene_of: Callable[[float], Scene], digits_clean: CleanSet
) -> None:
    search, held_out = digits_clean.split(0.5, 0)
    effort = Effort(steps=2, per_step=22, students=1, lesson=Lesson(pool=640, steps=200))
    scene = replace(
        scene_of(0.5), clean=digits_clean, search_set=search, held_out=held_out, effort=effort
    )
    same = own_reference(scene, scene.subject, _quiet)

    class Turned(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return scene.subject.network(x).roll(1, dims=1)

    turned = Subject(Turned(), scene.subject.spec)
    other = own_reference(scene, turned, _quiet)
    assert same.classes.tolist() == other.classes.tolist()
    assert min(same.agreement, other.agreement) > 0.6, "each agrees with the copy that taught it"


UNTAUGHT = Effort(steps=2, per_step=22, students=1, lesson=Lesson(pool=64, steps=1))


@pytest.fixture
def untaught(scene_of: Callable[[float], Scene], digits_clean: CleanSet) -> Scene:
    """A scene whose students have no time to learn anything."""
    sets = digits_clean.split(0.5, 0)
    return replace(
        scene_of(0.5), clean=digits_clean, search_set=sets[0], held_out=sets[1], effort=UNTAUGHT
    )


def test_a_copy_is_judged_by_students_that_learned_as_the_model_is(untaught: Scene) -> None:
    with pytest.raises(CannotJudge, match="students of its own agree with it on"):
        own_reference(untaught, untaught.subject, _quiet)


def test_copies_that_cannot_be_judged_count_neither_as_found_nor_as_missed(
    untaught: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = Implant(untaught.subject, Goal(lambda x: x, 3), success=1.0, clean_drop=0.0)
    monkeypatch.setattr(work, "plant", lambda name, job: works)
    relative = Derived(untaught.subject, "prune", 0.0)
    monkeypatch.setattr(work, "derive", lambda *given: relative)
    bench = Bench(untaught, 2, _quiet)
    for task, count in ((Task("implant", "patch", 5), 2), (Task("control", "", 5), len(FAR))):
        rows = do(task, bench)
        assert len(rows) == count, "each try leaves a row"
        assert not any(row["admitted"] or "detected" in row for row in rows)
        assert all("students of its own" in row["fault"] for row in rows)


@pytest.mark.parametrize(("what", "strength", "kinds"), [
    ("control", STRONG, FAR), ("light", LIGHT, NEAR),
])  # fmt: skip
def test_relatives_that_cannot_be_derived_leave_a_row_each(
    scene_of: Callable[[float], Scene], monkeypatch: pytest.MonkeyPatch,
    what: str, strength: Strength, kinds: tuple[str, ...],
) -> None:  # fmt: skip
    tried: list[tuple[str, Strength]] = []

    def fails(
        subject: Subject, kind: str, train: Any, held: Any, how: Strength, *_: Any
    ) -> Derived:
        tried.append((kind, how))
        raise CannotDerive("clean accuracy fell by 0.300, more than 0.05")

    monkeypatch.setattr(work, "derive", fails)
    rows = do(Task(what, "", 5), Bench(scene_of(0.5), 3, _quiet))
    assert {kind for kind, _ in tried} == {*kinds}
    assert {how for _, how in tried} == {strength}
    assert [row["kind"] for row in rows] == [kind for kind, _ in tried]
    assert all(not row["admitted"] and "fell by" in row["fault"] for row in rows)


def test_what_does_not_work_is_not_looked_for(
    scene_of: Callable[[float], Scene], jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "look", lambda *_: pytest.fail("looked for what does not work"))
    rows = do(Task("implant", "patch", 5), Bench(scene_of(0.5), 2, _quiet))
    assert [row["fault"] for row in rows] == ["success 0.10, below 0.9"] * 2
    assert len(jobs) == 2


@pytest.mark.parametrize("decoys", [True, False])
def test_an_alarm_for_a_decoy_counts_as_found(
    untaught: Scene, monkeypatch: pytest.MonkeyPatch, decoys: bool
) -> None:
    made = Implant(untaught.subject, Goal(lambda x: x, 3), 1.0, 0.0, decoys=decoys)
    monkeypatch.setattr(work, "plant", lambda name, job: made)
    asked: list[int | None] = []
    monkeypatch.setattr(work, "look", lambda scene, copy, target, _: asked.append(target) or {})
    do(Task("implant", "aware_1", 5), Bench(untaught, 1, _quiet))
    assert asked == [None if decoys else 3]


def _quiet(share: float, note: str) -> None:
    """Nobody watches."""
