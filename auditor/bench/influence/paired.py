"""captum and the gradient store in turn on the same questions: ratios that a busy machine spares.

Each round asks captum, then the store, a first and a later question. The two of a round meet the
same neighbours on the machine, so their ratio is taken within it, and the median over rounds is
told. Times are this process's seconds on the processor.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.bench.influence.captum_runs import Run, captum_run
from auditor.bench.influence.cases import Case
from auditor.methods.influence import GradientStore, Queries, keep, tracin

AGAIN = 3
"""Later questions to the store in a round: one is over in a few hundredths of a second."""


@dataclass(frozen=True)
class Round:
    """Seconds of one round: captum's, and the store's."""

    theirs: tuple[float, float]
    ours: tuple[float, float]

    @property
    def ratios(self) -> tuple[float, float]:
        """captum's time over the store's: first question, later question."""
        return self.theirs[0] / self.ours[0], self.theirs[1] / self.ours[1]


def questions(case: Case, count: int) -> tuple[Queries, Queries]:
    """Two sets of ``count`` triggered inputs that have none in common."""
    asked = case.triggered(2 * count)
    return Queries(asked.x[0::2], asked.y[0::2]), Queries(asked.x[1::2], asked.y[1::2])


def rounds(
    case: Case, first: Queries, later: Queries, many: int
) -> tuple[list[GradientStore], Run, list[Round]]:
    """The store and captum's scores of the last round, and all rounds."""
    found = []
    for _ in range(many):
        theirs = captum_run(case, first, later)
        kept, first_s, later_s = timed(case, first, later)
        found.append(Round((theirs.first_s, theirs.later_s), (first_s, later_s)))
    return kept, theirs, found


def timed(case: Case, first: Queries, later: Queries) -> tuple[list[GradientStore], float, float]:
    """Stores of all checkpoints, and the seconds of a first and of a later query set."""
    start = time.process_time()
    kept = [keep(source) for source in case.sources()]
    tracin(kept, first)
    first_s, start = time.process_time() - start, time.process_time()
    for _ in range(AGAIN):
        tracin(kept, later)
    return kept, first_s, (time.process_time() - start) / AGAIN


def medians(found: Sequence[Round]) -> tuple[float, float]:
    """Median ratios over rounds: first question, later question.

    >>> medians([Round((2.0, 6.0), (1.0, 1.0)), Round((9.0, 1.0), (3.0, 1.0))])
    (2.5, 3.5)
    """
    first, later = zip(*(one.ratios for one in found), strict=True)
    return statistics.median(first), statistics.median(later)
