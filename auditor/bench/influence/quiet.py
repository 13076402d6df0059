"""What the probes say of honest training data, and of labels that taught a mistake.

Purpose: stated rates of false verdicts are promises; here every verdict about training data is
asked of models that learned from honest data only: the battery, the trace of their own mistakes,
and the trace of a trigger that a search finds on the whole picture. The trigger asks about the
class that the battery suspects most, and the samples of that test are handed over as suspects
whether or not it was rejected: how often would honest suspects be linked to a trigger, by training
again and, which counts for nothing, by unlearning?
Limits: small networks, digits and Fashion-MNIST. Searched triggers stand for what a scan finds on a
clean model, where it mostly finds nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from auditor.attacks.poisoned import Poisoned
from auditor.bench.influence.cases import RATE, Case
from auditor.core.finding import Finding
from auditor.core.probe import Context
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject, TrainingSet
from auditor.methods.influence.battery import battery
from auditor.methods.influence.features import features
from auditor.methods.influence.null import Material, searched
from auditor.probes.data_battery import DataBattery
from auditor.probes.influence_mistakes import Mistakes
from auditor.probes.influence_training import BATTERY, SOURCE, TrainingInfluence

STRENGTH = 0.5
"""Of the searched trigger, on every pixel."""
LARGE = 1500
"""Training samples from which nothing is trained again."""
PAIRS = {"digits": (7, 1), "fashion": (8, 9)}
"""Class, and the label that part of it is given: no honest network takes one for the other."""


def honest(train: CleanSet) -> Poisoned:
    """A training set in which nothing was changed."""
    return Poisoned(train.x, train.y, torch.empty(0, dtype=torch.int64))


def mislabelled(train: CleanSet, data: str, share: float, seed: int) -> Poisoned:
    """A share of one class, drawn at random, under another class's label."""
    taken, label = PAIRS[data]
    members = (train.y == taken).nonzero()[:, 0]
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(members), generator=generator)
    drawn = members[order[: round(share * len(members))]].sort().values
    y = train.y.clone()
    y[drawn] = label
    return Poisoned(train.x, y, drawn)


def verdicts(found: Case, seed: int) -> dict[str, Any]:
    """Every verdict of the probes about one training set."""
    subject = _subject(found)
    training = TrainingSet(found.train, found.networks[:-1])
    stood, _ = DataBattery().examine(subject, found.held_out, Context(seed, training=training))
    return {
        "accuracy": found.accuracy,
        "rejected": _value(stood, "rejected"),
        "smallest_p": _value(stood, "smallest_p_value"),
        "suspicious_share": _value(stood, "suspicious_share"),
        **mistakes(found, seed),
        **(_linked(found, subject, training, seed) if len(found.train) < LARGE else {}),
    }


def mistakes(found: Case, seed: int) -> dict[str, Any]:
    """The verdict on the most frequent mistake, and how many of the accused were changed."""
    training = TrainingSet(found.train, found.networks[:-1])
    said, _ = Mistakes().examine(_subject(found), found.held_out, Context(seed, training=training))
    accused = torch.tensor([row["index"] for row in said.tables.get("accused", [])]).long()
    return {
        "accuracy": found.accuracy,
        "mistakes": _value(said, "mistakes"),
        "mistakes_p": _value(said, "trace_p_value"),
        "mistakes_accused": _value(said, "accused"),
        "mistakes_listed": len(accused),
        "mistakes_right": int(torch.isin(accused, found.poisoned).sum()),
        "changed": len(found.poisoned),
    }


def _linked(found: Case, subject: Subject, training: TrainingSet, seed: int) -> dict[str, Any]:
    seen = [features(subject.network, part.x) for part in (found.train, found.held_out)]
    test = next(t for t in battery(found.train, found.held_out, *seen) if t.label >= 0)
    generator = torch.Generator().manual_seed(seed)
    material = Material(subject.network, found.held_out, subject.classes, seed)
    everywhere = torch.ones(subject.spec.shape, dtype=torch.bool)
    asked = searched(material, everywhere, STRENGTH, test.label, generator).asked.x
    clean = found.held_out.x[found.held_out.y != test.label]
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randperm(len(clean), generator=generator)[: len(asked)]
    named = {
        f"{SOURCE}/clean_inputs": clean[drawn], f"{SOURCE}/triggered_inputs": asked,
        f"{SOURCE}/target": torch.tensor([test.label]), f"{BATTERY}/suspects": test.members,
    }  # fmt: skip
    arrays = {k: v.numpy() for k, v in named.items()}
    recipe = {"epochs": found.epochs, "rate": RATE, "seed": seed}
    said, unlearned = (
        TrainingInfluence().examine(
            subject, found.held_out,
            Context(seed, arrays=arrays, training=replace(training, recipe=given)),
        )[0]
        for given in (recipe, {})
    )  # fmt: skip
    return {
        "unlearned": _value(unlearned, "removal_confirmed"),
        "suspects": len(test.members),
        "traced": _value(said, "traced"),
        "trace_p": _value(said, "trace_p_value"),
        "accused": _value(said, "accused"),
        "linked": _value(said, "linked_to_trigger"),
        "success_before": _value(said, "success_before"),
        "success_after": _value(said, "success_after"),
        "success_random": _value(said, "success_after_random"),
    }


def _subject(found: Case) -> Subject:
    shape = tuple(found.train.x.shape[1:])
    return Subject(found.fresh(), InputSpec(kind="image", shape=shape, classes=10))


def _value(finding: Finding, name: str) -> float | None:
    measure = finding.measures.get(name)
    return None if measure is None else measure.value
