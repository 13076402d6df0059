"""Copies made side by side: at once, apart from each other, and in the order of the plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Barrier, Event
from typing import Any

import pytest
import torch

from auditor.core.probe import Context, OutOfTime
from auditor.core.spec import InputSpec
from auditor.core.subject import Subject
from auditor.power.agenda import Task
from auditor.power.scene import Report, Row, Scene
from auditor.power.side_by_side import MOST, SIDE, abreast, side_by_side

PLANNED = [Task("implant", name, seed) for seed, name in enumerate(("patch", "blend", "warp"))]
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    assert torch.get_num_threads() == 2, "the worker's threads come back"
    torch.set_num_threads(before)


@pytest.fixture
def scene(scene_of: Callable[[float], Scene]) -> Scene:
    """One whose students serve for all copies."""
    return replace(scene_of(0.5), shared=True)


def test_as_many_as_there_are_threads_where_students_are_shared_and_pictures_small(
    scene: Scene,
) -> None:
    def of(*shape: int) -> Scene:
        spec = InputSpec(kind="image", shape=shape, classes=10)
        return replace(scene, subject=Subject(scene.subject.network, spec))

    table = InputSpec(kind="tabular", shape=(13,), classes=10)
    assert abreast(scene) == abreast(of(3, SIDE, SIDE)) == 2
    assert abreast(of(3, SIDE + 1, SIDE)) == 1
    assert abreast(replace(scene, shared=False)) == 1
    assert abreast(replace(scene, subject=Subject(scene.subject.network, table))) == 1


def test_two_are_made_at_once_from_networks_of_their_own_in_planned_order(scene: Scene) -> None:
    both, networks, threads = Barrier(2), [], []

    def do(task: Task, own: Scene, report: Report) -> list[Row]:
        if task.name != "warp":
            both.wait(PATIENCE)  # raises unless the other is at work, too
        networks.append(own.subject.network)
        threads.append(torch.get_num_threads())
        return [{"family": task.name}]

    kept: dict[str, Any] = {}
    done = side_by_side(PLANNED, scene, Context(keep=kept.__setitem__), do)
    assert [(task, rows[0]["family"]) for task, rows in done] == [(t, t.name) for t in PLANNED]
    assert kept == {task.key: rows for task, rows in done}
    assert len({id(n) for n in (*networks, scene.subject.network)}) == 4
    assert threads == [1, 1, 1]


def test_when_time_ends_in_one_the_other_stops_and_what_was_done_counts(scene: Scene) -> None:
    late = Event()

    def do(task: Task, own: Scene, report: Report) -> list[Row]:
        if task.name == "blend":
            late.set()
            raise OutOfTime("here")
        if task.name == "warp":
            assert late.wait(PATIENCE)
            while True:
                report(0.5, "goes on until it is told to stop")
        return [{"family": task.name}]

    done = side_by_side(PLANNED, scene, Context(), do)
    assert [task.name for task, _ in done] == ["patch"]


def test_a_fault_is_not_taken_for_the_end_of_time(scene: Scene) -> None:
    def do(task: Task, own: Scene, report: Report) -> list[Row]:
        raise ZeroDivisionError(task.name)

    with pytest.raises(ZeroDivisionError):
        side_by_side(PLANNED, scene, Context(), do)


def test_where_a_copy_cannot_be_kept_the_others_stop(scene: Scene) -> None:
    begun: list[str] = []

    def do(task: Task, own: Scene, report: Report) -> list[Row]:
        begun.append(task.name)
        end = time.monotonic() + PATIENCE
        while task.name == "blend" and time.monotonic() < end:
            report(0.5, "goes on until it is told to stop")
        return []

    def keep(name: str, rows: list[Row]) -> None:
        raise BrokenPipeError(name)

    with pytest.raises(BrokenPipeError):
        side_by_side(PLANNED, scene, Context(keep=keep), do)
    assert "warp" not in begun


def test_what_was_kept_counts_when_time_has_ended(scene: Scene) -> None:
    def do(task: Task, own: Scene, report: Report) -> list[Row]:
        raise OutOfTime(task.name)

    parts: dict[str, list[Row]] = {task.key: [{"family": task.name}] for task in PLANNED[1:]}
    done = side_by_side(PLANNED, scene, Context(parts=parts), do)
    assert [task.name for task, _ in done] == ["blend", "warp"]


def test_many_threads_are_shared_among_few_copies(scene: Scene) -> None:
    seen: list[int] = []

    def do(task: Task, own: Scene, report: Report) -> list[Row]:
        seen.append(torch.get_num_threads())
        return []

    torch.set_num_threads(16)
    try:
        assert abreast(scene) == MOST
        side_by_side(PLANNED, scene, Context(), do)
    finally:
        torch.set_num_threads(2)
    assert seen == [16 // MOST] * 3


def test_progress_counts_all_copies_and_what_was_kept(scene: Scene) -> None:
    told: list[float] = []

    def do(task: Task, own: Scene, report: Report) -> list[Row]:
        report(0.5, task.name)
        return []

    context = Context(report=lambda share, note: told.append(share), parts={PLANNED[0].key: []})
    side_by_side(PLANNED, replace(scene, shared=False), context, do)
    assert told == pytest.approx([0.5, 5 / 6])
