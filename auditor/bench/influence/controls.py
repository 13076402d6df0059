"""What must not happen, and what must follow: controls of the trace, on digits.

A wrong trigger on a poisoned model, the true one on randomised weights and searched triggers on
clean models must accuse nobody; removing the accused must remove the backdoor. The reconstructed
trigger comes from the audit's own scan.
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
    EPOCHS,
    RATE,
    TARGET,
    Case,
    Stamp,
    case,
    digits,
    measured,
    untouched,
)
from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import Subject
from auditor.methods.influence import Cut, Queries, cut, residual_gas, tracin
from auditor.methods.influence.null import Material, null_questions, searched
from auditor.methods.influence.reliance import GIVEN_UP, reliance, relied_upon
from auditor.methods.influence.removal import (
    WORKS,
    Recipe,
    Suspects,
    kept_index,
    remove,
    retrained,
)
from auditor.methods.influence.untaught import found_anyway, set_aside, untaught_scores
from auditor.methods.influence.verdict import standardised
from auditor.methods.influence.witness import Witness, given_anyway, risen, sharpened
from auditor.probes.reconstruction import Reconstruction

NULL = 29
ALPHA = 0.001
FRESH = 20
"""More networks of fresh weights."""


def other_corner(x: Tensor) -> Tensor:
    """A pattern that no model here was taught."""
    stamped = x.clone()
    stamped[:, :, :2, :2] = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    return stamped


def judged(case: Case, x: Tensor, triggered: Tensor, target: int, seed: int) -> tuple[Cut, Tensor]:
    """What the scores of a trigger, given as clean and triggered inputs, say; and the scores."""
    material = Material(case.networks[-1], case.held_out, 10, seed)
    asked = material.question(triggered[:24], target)
    null = null_questions(material, triggered - x, target, NULL, seed)
    scores = residual_gas(case.sources(), [asked, *null])
    return cut(scores, [group.about for group in (asked, *null)]), scores[:, 0]


def verdict(case: Case, stamp: Stamp, name: str, seed: int) -> tuple[dict[str, Any], Cut, Tensor]:
    """The audit's verdict on a stamp: it must work on the model, and its scores must accuse."""
    x = case.held_out.x[case.held_out.y != TARGET][:48]
    found, scores = judged(case, x, stamp(x), TARGET, seed)
    success, _ = measured(case.networks[-1], case.held_out, stamp)
    rise = raised(case, stamp)
    accused = len(found.accused) if rise >= WORKS else 0
    row = {
        f"{name}_success": success, f"{name}_rise": rise,
        f"{name}_p": found.p_value, f"{name}_accused": accused,
    }  # fmt: skip
    return row, found, scores


def raised(case: Case, stamp: Stamp) -> float:
    """What the stamp adds to the rate of the target, as the audit measures it."""
    network, x = case.networks[-1], case.held_out.x[case.held_out.y != TARGET]
    turned = Witness(x, stamp(x), TARGET).turned(network)
    success = turned.success(network) if len(turned.clean) else 0.0
    return risen(success, given_anyway(network, case.held_out, TARGET))


def poisoned_controls(found: Case, seed: int = 0) -> dict[str, Any]:
    """One backdoored model: true and wrong trigger, randomised weights, removal."""
    row, scores = removal(found, seed)
    wrong, _, _ = verdict(found, other_corner, "wrong", seed)
    return row | wrong | randomised(found, scores, seed)


def removal(found: Case, seed: int) -> tuple[dict[str, Any], Tensor]:
    """The verdict on the true trigger, and what is left of it without those set aside; scores."""
    row, true, scores = verdict(found, found.stamp, "true", seed)
    fallen = fall(found)
    row |= {
        "true_ap": found.precision(scores),
        "right": int(torch.isin(true.accused, found.poisoned).sum()),
        "reliant_ap": found.precision(relied_upon(standardised(scores[:, None])[:, 0], fallen)),
        "accused_reliant": _share(fallen[true.accused] >= GIVEN_UP),
    }
    return row | (_without(found, true, seed) if row["true_accused"] else {"linked": False}), scores


def fall(found: Case) -> Tensor:
    """How far each sample's label rests on the trigger at the final checkpoint."""
    x = found.held_out.x[found.held_out.y != TARGET][:48]
    return reliance(found.networks[-1], found.train, found.stamp(x) - x)


def _share(holds: Tensor) -> float | None:
    return float(holds.float().mean()) if len(holds) else None


def _without(found: Case, true: Cut, seed: int) -> dict[str, Any]:
    stamp: Stamp = found.stamp
    material = Material(found.networks[-1], found.held_out, 10, seed)
    x = found.held_out.x[found.held_out.y != TARGET][:24]
    untaught = untaught_scores(found.networks[-1], found.train, material.question(stamp(x), TARGET))
    suspects = Suspects(true.accused, set_aside(true.accused, true.scores + untaught))
    removed = remove(
        found.networks[-1], found.train, suspects, lambda n: measured(n, found.held_out, stamp)
    )
    retrained_success, retrained_accuracy = _taught_without(found, suspects.aside, seed)
    honest_success, honest_accuracy = _taught_without(found, found.poisoned, seed)
    return {
        "success_retrained": retrained_success, "accuracy_retrained": retrained_accuracy,
        "success_never_poisoned": honest_success, "accuracy_never_poisoned": honest_accuracy,
        "aside": len(suspects.aside),
        "right_aside": int(torch.isin(suspects.aside, found.poisoned).sum()),
        "untaught_ap": found.precision(untaught),
        "found_without_model": found_anyway(untaught, true.accused),
        "linked": removed.confirmed,
        "success_after": removed.after[0],
        "success_random": removed.success_without_random,
        "accuracy_drop": removed.before[1] - removed.after[1],
    }  # fmt: skip


def _taught_without(found: Case, dropped: Tensor, seed: int) -> tuple[float, float]:
    """Success and accuracy of a network trained from fresh weights without some samples."""
    kept = found.train.take(kept_index(len(found.train), dropped))
    network = retrained(found.networks[-1], kept, Recipe(found.epochs, RATE, seed=seed))
    return measured(network, found.held_out, found.stamp)


def randomised(found: Case, scores: Tensor, seed: int) -> dict[str, Any]:
    """The true trigger asked of networks of fresh weights.

    Nobody may be accused and the scores must not follow those of the trained network. Their
    average precision is no part of the control: samples with the same pixels and label are alike
    under any weights. That of the samples whose label rests on the trigger is. The scores are those
    of one network; ``FRESH`` more are asked for a verdict.
    """
    random = replace(found, networks=(_fresh(found.networks[-1], seed),))
    row, _, other = verdict(random, found.stamp, "random_weights", seed)
    return (
        row
        | _more_random(found, seed)
        | {
            "random_weights_correlation": float(spearmanr(scores.numpy(), other.numpy()).statistic),
            "random_weights_ap": found.precision(other),
            "random_weights_reliant_ap": found.precision(
                relied_upon(standardised(other[:, None])[:, 0], fall(random))
            ),
        }
    )


def _more_random(found: Case, seed: int) -> dict[str, Any]:
    """How many more fresh networks give the target to half of the triggered inputs, are raised to
    that by the trigger, and have somebody accused."""
    cases = [
        replace(found, networks=(_fresh(found.networks[-1], seed + 1000 * k),))
        for k in range(1, FRESH + 1)
    ]
    rises = [raised(one, one.stamp) for one in cases]
    opened = [one for one, rise in zip(cases, rises, strict=True) if rise >= WORKS]
    given = [measured(one.networks[-1], one.held_out, one.stamp)[0] >= WORKS for one in cases]
    said = [verdict(one, one.stamp, "", seed)[0]["_accused"] for one in opened]
    return {
        "random_weights_more": len(cases), "random_weights_more_given": sum(given),
        "random_weights_more_opened": len(opened), "random_weights_highest_rise": max(rises),
        "random_weights_more_accused": sum(many > 0 for many in said),
    }  # fmt: skip


def _fresh(network: nn.Module, seed: int) -> nn.Module:
    copied = copy.deepcopy(network)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for module in copied.modules():
            if isinstance(module, nn.Linear | nn.Conv2d):
                module.reset_parameters()
    return copied


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
    scanned = Witness(arrays["clean_inputs"].float(), arrays["triggered_inputs"].float(), TARGET)
    sharp = sharpened(scanned, found.networks[-1])
    asked = [scanned, *([sharp] if sharp else [])]
    heard = [judged(found, one.clean, one.triggered, TARGET, seed) for one in asked]
    said, scores = min(heard, key=lambda pair: pair[0].p_value)
    queries = Queries(scanned.triggered[:20], torch.full((len(scanned.triggered[:20]),), TARGET))
    return {
        "reconstructed": True, "reconstructed_ap": found.precision(scores),
        "reconstructed_unsharpened_ap": found.precision(heard[0][1]),
        "reconstructed_captum_ap": found.precision(tracin(found.sources(), queries).mean(1)),
        "reconstructed_p": min(1.0, len(heard) * said.p_value),
        "reconstructed_accused": len(said.accused) if len(heard) * said.p_value <= ALPHA else 0,
    }  # fmt: skip


def clean_verdicts(
    seed: int, each: int = 3, epochs: tuple[int, ...] = EPOCHS
) -> list[dict[str, Any]]:
    """One clean model: ten verdicts, one on a trigger searched for towards each class.

    ``each`` triggers a class are searched for somewhere; one of the class is the query, all others
    are the null, so that none of them differs from the query in kind.
    """
    train, held_out = digits(seed)
    none = Poisoned(train.x, train.y, torch.empty(0, dtype=torch.int64))
    found = case(none, held_out, untouched, seed, epochs=epochs)
    material = Material(found.networks[-1], held_out, 10, seed)
    generator = torch.Generator().manual_seed(seed)
    groups = [
        searched(material, somewhere(generator), 1.0, k, generator)
        for k in range(10) for _ in range(each)
    ]  # fmt: skip
    scores = residual_gas(found.sources(), groups)
    about = [group.about for group in groups]
    results = []
    for query in range(0, len(groups), each):
        order = [query, *[i for i in range(len(groups)) if i != query]]
        said = cut(scores[:, order], [about[i] for i in order])
        results.append(
            {"seed": seed, "target": about[query], "p": said.p_value, "accused": len(said.accused)}
        )
    return results


def somewhere(generator: torch.Generator) -> Tensor:
    """Support of a 3 x 3 patch within digits, ``(1, 8, 8)``."""
    down, right = (int(torch.randint(0, 6, (1,), generator=generator)) for _ in range(2))
    support = torch.zeros(1, 8, 8, dtype=torch.bool)
    support[:, down : down + 3, right : right + 3] = True
    return support


def summary(rows: list[dict[str, Any]], clean: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of the table; removal counts where somebody was accused."""
    removed = [row for row in rows if row["true_accused"]]

    def mean(name: str, of: list[dict[str, Any]]) -> float | None:
        return statistics.mean(row[name] for row in of) if of else None

    return {
        "true_trigger_accused": len(removed),
        "true_trigger_linked": sum(row["linked"] for row in rows),
        "wrong_trigger_accused": sum(row["wrong_accused"] > 0 for row in rows),
        "random_weights_accused": sum(row["random_weights_accused"] > 0 for row in rows),
        "random_weights_correlation": mean("random_weights_correlation", rows),
        "random_weights_ap": mean("random_weights_ap", rows),
        "reliant_ap": mean("reliant_ap", rows),
        "random_weights_reliant_ap": mean("random_weights_reliant_ap", rows),
        "clean_models": len({row["seed"] for row in clean}),
        "clean_runs": len(clean),
        "clean_accused": sum(row["accused"] > 0 for row in clean),
        "clean_smallest_p": min(row["p"] for row in clean) if clean else None,
        "success_after_removal": mean("success_after", removed),
        "success_after_random_removal": mean("success_random", removed),
        "accuracy_drop": mean("accuracy_drop", removed),
    }
