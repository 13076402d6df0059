"""What is measured of one poisoned model: traces, times beside captum, wrong labels, removal."""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch
import torch.nn.functional as F

from auditor.bench.influence.captum_runs import captum_run
from auditor.bench.influence.cases import Case, fashion_network, trained
from auditor.bench.influence.controls import poisoned_controls, reconstructed
from auditor.bench.influence.paired import medians, questions, rounds
from auditor.core.subject import CleanSet
from auditor.methods.influence import (
    gas,
    residual_gas,
    self_influences,
    tracin,
)
from auditor.methods.influence.label_errors import by_course

QUERIES = 20
ROUNDS = 3
LARGE = 1500
"""Training samples from which captum's default way, one sample at a time, is left out."""
SLOWLY = 1
"""Seed whose model captum is asked about in its default way, which has the sample-wise scores."""


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
    return _traces(case, seed) | poisoned_controls(case, seed) | reconstructed(case, seed)


def _traces(case: Case, seed: int) -> dict[str, Any]:
    first, later = questions(case, QUERIES)
    kept, theirs, found = rounds(case, first, later, ROUNDS)
    ways = ("default", "fast") if len(case.train) < LARGE and seed == SLOWLY else ("fast",)
    runs = {"sample_wise": theirs, **{way: captum_run(case, first, later, way) for way in ways}}
    ours = tracin(kept, first)
    start = time.process_time()
    traced = residual_gas(kept, [case.group(case.stamp)])[:, 0]
    first_ratio, later_ratio = medians(found)
    row: dict[str, Any] = {
        "trace_ap": case.precision(traced), "trace_s": time.process_time() - start,
        "gas_ap": case.precision(gas(kept, first)), "tracin_ap": case.precision(ours.mean(1)),
        "first_s": statistics.median(one.ours[0] for one in found),
        "later_s": statistics.median(one.ours[1] for one in found),
        "first_ratio": first_ratio, "later_ratio": later_ratio,
        "error": float((ours - theirs.scores).abs().max()),
        "relative_error": float((ours - theirs.scores).abs().max() / theirs.scores.abs().max()),
        "stored_mb": sum(k.bytes for k in kept) / 1e6,
    }  # fmt: skip
    for way, run in runs.items():
        row |= {
            f"captum_{way}_ap": case.precision(run.scores.mean(1)),
            f"captum_{way}_first_s": run.first_s, f"captum_{way}_later_s": run.later_s,
        }  # fmt: skip
    return row
