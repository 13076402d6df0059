"""Several copies at once, each on a thread of its own.

A search in one small network keeps two threads busy three quarters of the time at best, as its
operations are short; two searches with one thread each keep both busy. Every copy starts from a
network that no other touches, and its seeds are its own, so that rows do not depend on what runs
beside them; they come in the order of the plan, whatever ends first.
Limits: pictures of more than `SIDE` pixels need the memory, and keep several threads busy anyway.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event

import torch

from auditor.core.probe import Context, OutOfTime
from auditor.core.subject import Subject
from auditor.power.agenda import Task
from auditor.power.scene import Report, Row, Scene, shares

SIDE = 64
"""Pixels a side up to which copies are made side by side."""
MOST = 4
"""Copies at once: each needs memory of its own, and all of them share one interpreter."""
Do = Callable[[Task, Scene, Report], list[Row]]


def abreast(scene: Scene) -> int:
    """How many copies are made at once: one for each of torch's threads up to `MOST`, or one."""
    spec = scene.subject.spec
    small = spec.kind == "image" and max(spec.shape[1:]) <= SIDE
    return min(MOST, torch.get_num_threads()) if small and shares(scene) else 1


def side_by_side(
    planned: Sequence[Task], scene: Scene, context: Context, do: Do
) -> list[tuple[Task, list[Row]]]:
    """The tasks that were done in time, in planned order, each with its rows.

    Each is kept as soon as it is done (`Context.once`), so that an interrupted run goes on.
    """
    kept = [float(task.key in context.parts) for task in planned]
    count, progress = abreast(scene), _Progress(context, kept)
    with _divided(count), ThreadPoolExecutor(count) as pool:

        def submit(number: int, task: Task) -> Future[list[Row]]:
            return pool.submit(_kept, task.key, _Make(task, scene, progress, number, do))

        futures = [submit(number, task) for number, task in enumerate(planned)]
        try:
            wait(futures)
        finally:
            progress.stopped.set()
    return [
        (task, future.result())
        for task, future in zip(planned, futures, strict=True)
        if _in_time(future)
    ]


def _kept(key: str, make: _Make) -> list[Row]:
    """The rows of a task, made or from the interrupted run; what fails here ends all others."""
    with make.progress.halting():
        return make.progress.context.once(key, make)


def _in_time(future: Future[list[Row]]) -> bool:
    return not isinstance(future.exception(), OutOfTime)


@contextmanager
def _divided(count: int) -> Iterator[None]:
    """Torch's threads divided among so many copies."""
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads // count))
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _Progress:
    """What all copies together tell: the share that is done, and when to stop."""

    context: Context
    shares: list[float]
    stopped: Event = field(default_factory=Event)

    def check(self, number: int, share: float, note: str) -> None:
        self.shares[number] = share
        if self.stopped.is_set():
            raise OutOfTime(note)
        self.context.check(sum(self.shares) / len(self.shares), note)

    @contextmanager
    def halting(self) -> Iterator[None]:
        """Whatever ends one copy early ends all others."""
        try:
            yield
        except BaseException:
            self.stopped.set()
            raise


@dataclass(frozen=True)
class _Make:
    """Makes the rows of one task from a network that is its own."""

    task: Task
    scene: Scene
    progress: _Progress
    number: int
    do: Do

    def __call__(self) -> list[Row]:
        if self.progress.stopped.is_set():
            raise OutOfTime
        rows = self.do(self.task, _apart(self.scene), self._report)
        self.progress.shares[self.number] = 1.0
        return rows

    def _report(self, share: float, note: str) -> None:
        self.progress.check(self.number, share, note)


def _apart(scene: Scene) -> Scene:
    """The same scene around a network that is called from nowhere else."""
    own = scene.subject
    return replace(scene, subject=Subject(copy.deepcopy(own.network), own.spec, own.origin))
