"""The detectors that are compared, each as one function of a model and a clean set.

Every scanner gives a score (higher is more suspicious), its own verdict at its own limit, and the
target it names. Cost is counted the same way for all: images that pass through any network, the
work of these passes, the wall time, and the highest memory of a process that did nothing else.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

from auditor.bench.baselines import mm_bd as margins
from auditor.bench.baselines import neural_cleanse as cleanse
from auditor.bench.counting import counted_passes
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.probes.reconstruction import Reconstruction
from auditor.probes.reconstruction_tables import ALPHA

MEGABYTE = 1024
"""``ru_maxrss`` counts kilobytes on Linux."""


@dataclass(frozen=True)
class Answer:
    """What a scanner says of one model; ``witness`` is None where it shows none."""

    score: float
    flagged: bool
    target: int
    witness: float | None = None


@dataclass(frozen=True)
class Cost:
    """What one answer cost: wall seconds, peak megabytes of the process, and image passes.

    Args:
        passes: inputs that went through any network (count).
        own_passes: those of them through the model that was scanned (count).
        seconds: wall time.
        megabytes: highest memory of the process.
        work: cost of all passes in forward passes of the scanned model, see
            `auditor.bench.counting`; None in results kept before it was counted.
    """

    passes: int
    own_passes: int
    seconds: float
    megabytes: float
    work: int | None = None


def auditor_scan(subject: Subject, clean: CleanSet, seed: int) -> Answer:
    """The shipped probe with its default effort; a search that says nothing accuses nobody."""
    finding, _ = Reconstruction().examine(subject, clean, Context(seed=seed))
    value = {name: measure.value for name, measure in finding.measures.items()}
    if "p_value" not in value:
        return Answer(0.0, False, 0)
    first = finding.tables["targets"][0]
    flagged = value["p_value"] <= ALPHA and bool(value["functional_witness"])
    witness = float(value["max_flip_rate"])
    return Answer(float(value["score"]), flagged, int(first["target"]), witness)


def neural_cleanse(
    subject: Subject, clean: CleanSet, seed: int, settings: cleanse.Settings | None = None
) -> Answer:
    """Sequential Neural Cleanse with its own rule."""
    outcome = cleanse.neural_cleanse(subject, clean, seed, settings)
    return Answer(outcome.index, outcome.index > cleanse.FLAGGED, outcome.target)


def neural_cleanse_short(subject: Subject, clean: CleanSet, seed: int) -> Answer:
    """The same with one batch an epoch, a tenth of the steps, for the small form."""
    settings = cleanse.Settings(inputs=cleanse.Settings.batch)
    return neural_cleanse(subject, clean, seed, settings)


def mm_bd(subject: Subject, clean: CleanSet, seed: int) -> Answer:
    """Maximum margins with their own rule; the clean set is not used."""
    outcome = margins.mm_bd(subject, seed)
    return Answer(1 - outcome.p_value, outcome.p_value <= margins.FLAGGED, outcome.target)


Scanner = Callable[[Subject, CleanSet, int], Answer]
SCANNERS: dict[str, Scanner] = {
    "auditor": auditor_scan,
    "neural_cleanse": neural_cleanse,
    "mm_bd": mm_bd,
    "neural_cleanse_short": neural_cleanse_short,
}
FULL = ("auditor", "neural_cleanse", "mm_bd")
QUICK = ("auditor", "neural_cleanse_short", "mm_bd")
"""What the benchmark compares, and what its small form does."""


def measured(scanner: Scanner, subject: Subject, clean: CleanSet, seed: int) -> tuple[Answer, Cost]:
    """An answer and its cost; the peak is the process's, so give each scan a process."""
    started = time.perf_counter()
    with counted_passes(subject.network, clean.x[:1]) as passes:
        answer = scanner(subject, clean, seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    seconds = round(time.perf_counter() - started, 3)
    return answer, Cost(passes.every, passes.own, seconds, round(peak, 1), round(passes.work))
