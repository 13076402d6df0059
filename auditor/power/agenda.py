"""What is made and looked at, in which order.

Rounds: each round plants every family once and then looks at its share of the clean controls, so
that an audit that runs out of time has a little of everything; the curves come last. Seeds do not
depend on how much is planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.attacks.implants.weak import fits
from auditor.core.spec import InputSpec

LIGHTS, CONTROLS, SIZES, LEVELS = 50_021, 100_003, 200_003, 300_007
"""Seeds of the other kinds of task lie this far from those of implants."""
DRAWS = 1_000_003
"""Seeds of further draws lie this far from those of first draws."""
GRID = {
    "patch": (1.0, 2.0, 3.0, 4.0, 6.0),
    "blend": (0.05, 0.1, 0.2, 0.3),
    "feature_value": (1.0, 2.0, 3.0, 4.0),
}
"""Sizes: pixels a side; share of the picture; number of features."""
SHORT_GRID = {"patch": (1.0, 2.0), "feature_value": (1.0,)}
"""What the implants of the families themselves, which count as points too, leave open."""
LEVEL_GRID, SHORT_LEVELS = (0.35, 0.5, 0.65, 0.8), (0.35, 0.65)
LEVEL_WIDTH = 0.15


@dataclass(frozen=True)
class Task:
    """One copy to be made and looked at.

    ``what`` is ``implant``, ``control`` (clean relative), ``light`` (light relative), ``size`` or
    ``level``; ``value`` is the size or the lowest success wanted.
    """

    what: str
    name: str
    seed: int
    value: float = 0.0

    @property
    def key(self) -> str:
        """Names the task among all of one trial."""
        return f"{self.what} {self.name} {self.value:g} {self.seed}"


@dataclass(frozen=True)
class Wish:
    """How much of each: implants of each family, controls, light relatives, implants a point.

    ``short`` curves have the few points that the other implants leave open.
    """

    families: tuple[str, ...]
    implants: int
    controls: int = 0
    lights: int = 0
    points: int = 0
    short: bool = False


def agenda(wish: Wish, spec: InputSpec, seed: int) -> list[Task]:
    """All tasks in their order."""
    rounds = [*_rounds(wish, seed)]
    rounds[1:1] = [[Task("light", "", seed + LIGHTS + n) for n in range(wish.lights)]]
    parts = [*rounds, *_sizes(wish, spec, seed), *_levels(wish, seed)]
    return [task for part in parts for task in part]


def _rounds(wish: Wish, seed: int) -> Iterator[list[Task]]:
    done, number = 0, 0
    for turn in range(wish.implants):
        upto = round(wish.controls * (turn + 1) / wish.implants)
        planted = [
            Task("implant", name, seed + number + place) for place, name in enumerate(wish.families)
        ]
        yield planted + [Task("control", "", seed + CONTROLS + n) for n in range(done, upto)]
        done, number = upto, number + len(wish.families)


def _sizes(wish: Wish, spec: InputSpec, seed: int) -> Sequence[list[Task]]:
    cells = [
        (family, size)
        for family, sizes in (SHORT_GRID if wish.short else GRID).items()
        for size in sizes
        if fits(family, spec.shape, size)
    ]
    return [
        [
            Task("size", family, seed + SIZES + turn * len(cells) + place, size)
            for place, (family, size) in enumerate(cells)
        ]
        for turn in range(wish.points)
    ]


def _levels(wish: Wish, seed: int) -> Sequence[list[Task]]:
    grid = SHORT_LEVELS if wish.short else LEVEL_GRID
    return [
        [
            Task("level", "low_success", seed + LEVELS + turn * len(grid) + place, level)
            for place, level in enumerate(grid)
        ]
        for turn in range(wish.points)
    ]
