"""What must not happen, and what must follow: controls of the trace, on digits.

A wrong trigger on a poisoned model and searched triggers on clean models must accuse nobody;
randomised weights must lose the ranking; removing the accused must remove the backdoor. The
reconstructed trigger comes from the audit's own scan.
"""

from __future__ import annotations

import copy
import statistics
from dataclasses import replace
from typing import Any

import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from auditor.attacks.poisoned import Poisoned
from auditor.bench.influence.cases import (
    TARGET,
    Case,
    Stamp,
    backdoored,
    case,
    digits,
    measured,
    untouched,
)
from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import Subject
from auditor.methods.influence import Cut, cut, residual_gas
from auditor.methods.influence.null import Material, null_questions, question
from auditor.methods.influence.removal import remove
from auditor.probes.reconstruction import Reconstruction

NULL = 19


def other_corner(x: Tensor) -> Tensor:
    """A pattern that no model here was taught."""
    stamped = x.clone()
    stamped[:, :, :2, :2] = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    return stamped


def judged(case: Case, x: Tensor, triggered: Tensor, target: int, seed: int) -> tuple[Cut, Tensor]:
    """Verdict on a trigger given as clean and triggered inputs, and the raw scores ``(n,)``."""
    material = Material(case.networks[-1], case.held_out, 10)
    generator = torch.Generator().manual_seed(seed)
    asked = question(material, triggered[:24], target, generator)
    null = null_questions(material, triggered - x, target, NULL, seed)
    scores = residual_gas(case.sources(), [asked, *null])
    return cut(scores[:, 0], scores[:, 1:]), scores[:, 0]


def poisoned_controls(seed: int) -> dict[str, Any]:
    """One backdoored model at 2%: true, wrong and reconstructed trigger, removal."""
    found = backdoored(seed)
    x = found.held_out.x[found.held_out.y != TARGET][:48]
    true, scores = judged(found, x, found.stamp(x), TARGET, seed)
    wrong, _ = judged(found, x, other_corner(x), TARGET, seed)
    accused = true.accused if len(true.accused) else scores.topk(len(found.poisoned)).indices
    stamp: Stamp = found.stamp
    removal = remove(
        found.networks[-1], found.train, accused, lambda n: measured(n, found.held_out, stamp)
    )
    links = bool(len(wrong.accused)) and remove(
        found.networks[-1], found.train, wrong.accused,
        lambda n: measured(n, found.held_out, other_corner),
    ).confirmed  # fmt: skip
    return {
        "seed": seed, "success": found.success, "true_p": true.p_value,
        "accused": len(true.accused), "true_ap": found.precision(scores),
        "right": int(torch.isin(true.accused, found.poisoned).sum()),
        "wrong_p": wrong.p_value, "wrong_accused": len(wrong.accused),
        "wrong_linked": links, "linked": bool(len(true.accused)) and removal.confirmed,
        "random_weights_rank_correlation": _randomised(found, scores),
        "removed_by_verdict": bool(len(true.accused)),
        "success_after": removal.after[0], "success_random": removal.success_without_random,
        "accuracy_drop": removal.before[1] - removal.after[1],
    }  # fmt: skip


def _randomised(found: Case, scores: Tensor) -> float:
    """Rank correlation with the scores of a network of fresh weights."""
    network = copy.deepcopy(found.networks[-1])
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            module.reset_parameters()
    random = replace(found, networks=(network,))
    other = residual_gas(random.sources(), [random.group(random.stamp)])[:, 0]
    return float(spearmanr(scores.numpy(), other.numpy()).statistic)


def reconstructed(found: Case, seed: int) -> dict[str, Any]:
    """Average precision with the scan's own witness; none if the scan found none that works."""
    shape = tuple(found.train.x.shape[1:])
    subject = Subject(found.fresh(), InputSpec(kind="image", shape=shape, classes=10))
    scan = Reconstruction(steps=100, students=2)
    clean = found.held_out.take(torch.arange(500))
    _, result = scan.examine(subject, clean, Context(seed=seed))
    arrays = {e.name: torch.as_tensor(e.array) for e in result.exhibits if e.kind == "array"}
    if "triggered_inputs" not in arrays or int(arrays["target"][0]) != TARGET:
        return {"reconstructed": False}
    triggered, x = arrays["triggered_inputs"].float(), arrays["clean_inputs"].float()
    verdict, scores = judged(found, x, triggered, TARGET, seed)
    return {
        "reconstructed": True, "reconstructed_ap": found.precision(scores),
        "reconstructed_p": verdict.p_value, "reconstructed_accused": len(verdict.accused),
    }  # fmt: skip


def clean_verdicts(seed: int) -> list[dict[str, Any]]:
    """One clean model: a trigger searched for towards each class, judged like a witness."""
    train, held_out = digits(seed)
    none = Poisoned(train.x, train.y, torch.empty(0, dtype=torch.int64))
    found = case(none, held_out, untouched, seed)
    material = Material(found.networks[-1], held_out, 10)
    change = torch.zeros(1, 1, 8, 8)
    change[:, :, 3:6, 3:6] = 1.0
    results = []
    # One searched trigger towards each class: the class left out is never asked about.
    for number, group in enumerate(null_questions(material, change, 10, 10, seed)):
        x, target = group.asked.x, int(group.asked.y[0])
        verdict, _ = judged(found, x - change, x, target, 100 * seed + number)
        results.append(
            {"seed": seed, "target": target, "p": verdict.p_value, "accused": len(verdict.accused)}
        )
    return results


def summary(rows: list[dict[str, Any]], clean: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of the table."""
    return {
        "models": len(rows),
        "verdicts_true": sum(row["accused"] > 0 for row in rows),
        "linked_true": sum(row["linked"] for row in rows),
        "verdicts_wrong_trigger": sum(row["wrong_accused"] > 0 for row in rows),
        "linked_wrong_trigger": sum(row["wrong_linked"] for row in rows),
        "clean_runs": len(clean),
        "clean_accused": sum(row["accused"] > 0 for row in clean),
        "success_after": statistics.mean(row["success_after"] for row in rows),
        "success_random": statistics.mean(row["success_random"] for row in rows),
        "accuracy_drop": statistics.mean(row["accuracy_drop"] for row in rows),
        "random_weights": statistics.mean(row["random_weights_rank_correlation"] for row in rows),
    }
