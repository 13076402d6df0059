"""``auditor bench influence --quick``: minutes on one core, on scikit-learn's digits.

Tracing a trigger on 2% of the samples and finding 5% wrong labels, over several seeds, beside
captum on the same checkpoints and queries; then the controls of one model, and ten verdicts on each
of two clean ones. Only attacks that work are counted. About a minute of a free core; the whole
benchmark has every figure on more models.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any

import torch

from auditor.bench.influence.captum_runs import captum_run
from auditor.bench.influence.cases import Case, backdoored, flipped
from auditor.bench.influence.controls import clean_verdicts, poisoned_controls, summary
from auditor.bench.influence.full import EPOCHS, WORKS
from auditor.bench.influence.paired import Round, medians, questions, rounds
from auditor.bench.influence.traced import QUERIES, flips
from auditor.methods.influence import Queries, gas, residual_gas, tracin

CONTROLLED = 1
CLEAN_MODELS = 2
ROUNDS = 3
"""Times that captum and the store are asked in turn, on each model."""


@dataclass(frozen=True)
class Traced:
    """One backdoored model: average precisions, captum's times and ours in turn, and the largest
    difference between the scores of both over the largest score (float32)."""

    ours: float
    plain_gas: float
    captum: float
    rounds: list[Round]
    relative_error: float


def quick(seeds: int = 3) -> dict[str, Any]:
    """Means over ``seeds`` models; ratios are captum's time over ours, median of all rounds."""
    torch.set_num_threads(1)
    started, spent = time.perf_counter(), time.process_time()
    cases = working(seeds)
    traced = [trace(case) for case in cases]
    first, later = medians([one for t in traced for one in t.rounds])
    controls = [poisoned_controls(case, seed) for seed, case in enumerate(cases[:CONTROLLED])]
    clean = [row for seed in range(CLEAN_MODELS) for row in clean_verdicts(seed, epochs=EPOCHS)]
    wrong = [flips(flipped(seed)) for seed in range(seeds)]
    return {
        "trace_ap": statistics.mean(t.ours for t in traced),
        "captum_trace_ap": statistics.mean(t.captum for t in traced),
        "plain_gas_trace_ap": statistics.mean(t.plain_gas for t in traced),
        "flips_ap": statistics.mean(row["course_ap"] for row in wrong),
        "self_influence_flips_ap": statistics.mean(row["self_influence_ap"] for row in wrong),
        "later_query_ratio": later,
        "first_query_ratio": first,
        "max_abs_error": double_error(cases[0]),
        "float32_relative_error": max(t.relative_error for t in traced),
        **summary(controls, clean),
        "models": len(traced),
        "wall_s": round(time.perf_counter() - started, 1),
        "processor_s": round(time.process_time() - spent, 1),
    }


def working(count: int) -> list[Case]:
    """The first ``count`` seeds whose attack succeeds on a share ``WORKS`` of held-out inputs."""
    found: list[Case] = []
    seed = 0
    while len(found) < count:
        case = backdoored(seed)
        found += [case] if case.success >= WORKS else []
        seed += 1
    return found


def trace(case: Case) -> Traced:
    """Captum's sample-wise way is its fastest exact one; ours keeps rows for later questions."""
    first, later = questions(case, QUERIES)
    kept, theirs, found = rounds(case, first, later, ROUNDS)
    ours = tracin(kept, first)
    return Traced(
        ours=case.precision(residual_gas(kept, [case.group(case.stamp)])[:, 0]),
        plain_gas=case.precision(gas(kept, first)),
        captum=case.precision(theirs.scores.mean(1)),
        rounds=found,
        relative_error=float((ours - theirs.scores).abs().max() / theirs.scores.abs().max()),
    )


def double_error(case: Case, samples: int = 300) -> float:
    """Largest difference from captum's scores when both compute in float64.

    In float32 the two round differently, by a few units in the last place of large scores.
    """
    exact = case.doubled(samples)
    asked = exact.triggered(QUERIES)
    theirs = captum_run(exact, asked, Queries(asked.x[:1], asked.y[:1]))
    return float((tracin(exact.sources(), asked) - theirs.scores).abs().max())
