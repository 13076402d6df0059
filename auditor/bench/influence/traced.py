"""What is measured of one poisoned model: traces, times beside captum, wrong labels, removal."""

from __future__ import annotations

import time
from typing import Any

import torch
import torch.nn.functional as F

from auditor.bench.influence.captum_runs import WAYS, captum_run
from auditor.bench.influence.cases import Case, fashion_network, trained
from auditor.bench.influence.controls import poisoned_controls, reconstructed
from auditor.core.subject import CleanSet
from auditor.methods.influence import (
    GradientStore,
    Queries,
    gas,
    keep,
    residual_gas,
    self_influences,
    tracin,
)
from auditor.methods.influence.label_errors import by_course

QUERIES = 20
LARGE = 1500
"""Training samples from which captum's default way, one sample at a time, is left out."""


def flips(case: Case) -> dict[str, Any]:
    """Average precision of wrong labels, two ways, and the seconds."""
    start = time.process_time()
    value = case.precision(self_influences(case.sources()))
    self_s, start = time.process_time() - start, time.process_time()
    course = case.precision(by_course(case.networks, case.train))
    return {
        "self_influence_ap": value, "self_influence_s": self_s,
        "course_ap": course, "course_s": time.process_time() - start,
    }  # fmt: skip


def ceiling(case: Case, others: CleanSet, seed: int, epochs: int = 4) -> dict[str, Any]:
    """How well the loss ranks wrong labels under a network that saw many other images, all with
    the labels they came with: about the most that any ranking of these samples can reach."""
    (network,) = trained(fashion_network, others, seed, (epochs,))
    with torch.no_grad():
        logits = torch.cat([network(part) for part in torch.split(case.train.x, 500)])
        right = (network(case.held_out.x).argmax(1) == case.held_out.y).float().mean()
    loss = F.cross_entropy(logits, case.train.y, reduction="none")
    return {"taught_with": len(others), "accuracy": float(right), "ap": case.precision(loss)}


def backdoor(case: Case, seed: int) -> dict[str, Any]:
    """Traces beside captum's, then the controls and the trigger that the audit's scan finds."""
    return _traces(case) | poisoned_controls(case, seed) | reconstructed(case, seed)


def _traces(case: Case) -> dict[str, Any]:
    asked = case.triggered(2 * QUERIES)
    first, later = (Queries(asked.x[k::2], asked.y[k::2]) for k in range(2))
    runs = {
        way: captum_run(case, first, later, way)
        for way in (WAYS if len(case.train) < LARGE else WAYS[1:])
    }
    kept, first_s, later_s = timed(case, first, later)
    ours = tracin(kept, first)
    start = time.process_time()
    traced = residual_gas(kept, [case.group(case.stamp)])[:, 0]
    found: dict[str, Any] = {
        "trace_ap": case.precision(traced), "trace_s": time.process_time() - start,
        "gas_ap": case.precision(gas(kept, first)), "tracin_ap": case.precision(ours.mean(1)),
        "first_s": first_s, "later_s": later_s, "stored_mb": sum(k.bytes for k in kept) / 1e6,
    }  # fmt: skip
    for way, run in runs.items():
        found |= {
            f"captum_{way}_ap": case.precision(run.scores.mean(1)),
            f"captum_{way}_first_s": run.first_s, f"captum_{way}_later_s": run.later_s,
        }  # fmt: skip
        if way == "sample_wise":
            found["error"] = float((ours - run.scores).abs().max())
            found["largest_score"] = float(run.scores.abs().max())
    return found


def timed(case: Case, first: Queries, later: Queries) -> tuple[list[GradientStore], float, float]:
    """Stores of all checkpoints, and the seconds of a first and of a later query set."""
    start = time.process_time()
    kept = [keep(source) for source in case.sources()]
    tracin(kept, first)
    first_s, start = time.process_time() - start, time.process_time()
    tracin(kept, later)
    return kept, first_s, time.process_time() - start
