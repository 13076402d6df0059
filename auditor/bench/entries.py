"""Recipes: one `BankEntry` says everything that determines one model of the bank, and names it.

Training settings vary from model to model on purpose, drawn from seeds that the recipe's place in
the queue gives. A recipe's name ends in a hash of its content: a changed recipe is another model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any

from auditor.attacks.triggers import random_trigger, trigger_parameters
from auditor.bench.datasets import FORMS
from auditor.bench.hard import Hard

DEFAULTS = {
    "fashion": (15_000, 5),
    "gtsrb": (6_450, 12),
    "cifar10": (15_000, 6),
    "digits": (997, 12),
    "digits28": (997, 15),
    "digits100": (6_000, 12),
    "mnist": (6_000, 6),
    "signs10": (1_500, 25),
}
"""Training images and epochs of a task: about 40 s on one core, digits less."""
OTHERWISE = (6_000, 6)
SLOWER = {"resnet20": 0.6, "mobilenet": 0.5, "wide_resnet": 0.4, "vit_tiny": 1.0}
"""Share of the images that a slow architecture gets."""
FIRST = 12
"""Recipes before this number were trained before smaller batches were seen to be better."""


@dataclass(frozen=True)
class Attack:
    """How the training set was poisoned.

    Args:
        kind: all_to_one, all_to_all, source_specific, clean_label, adaptive_covers, input_aware,
            lira, adaptive_patch, x2x or label_consistent.
        family: trigger family.
        trigger: its parameters, see `auditor.attacks.triggers.restore_trigger`.
        rate: poisoning rate, of what the kind says.
        target: target class; None for all_to_all and x2x.
        source: source class of source_specific.
        cover_rate: share of correctly labelled covers.
        hardening: standard deviation of the noise under a clean-label trigger; largest change of a
            pixel under a label-consistent one.
        pairs: source and target classes of x2x.
    """

    kind: str
    family: str
    trigger: dict[str, Any]
    rate: float
    target: int | None = None
    source: int | None = None
    cover_rate: float = 0.0
    hardening: float = 0.0
    pairs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class BankEntry:
    """Everything that determines one model."""

    dataset: str
    architecture: str
    seed: int
    samples: int
    epochs: int
    optimiser: str
    lr: float
    augmentation: str
    attack: Attack | None = None
    batch: int = 128
    hard: Hard | None = None

    @property
    def name(self) -> str:
        """File name without ending: readable parts and a hash of the content."""
        written = json.dumps(_without_younger_defaults(asdict(self)), sort_keys=True)
        digest = hashlib.sha256(written.encode()).hexdigest()[:10]
        what = f"{self.attack.kind}-{self.attack.family}" if self.attack else "clean"
        if self.hard:
            what = f"{'no_backdoor' if self.hard.tampered else 'clean'}-{self.hard.kind}"
        return f"{self.dataset}-{self.architecture}-{what}-{digest}"


def _without_younger_defaults(content: dict[str, Any]) -> dict[str, Any]:
    """A recipe without the fields that are younger than the first models, where they say nothing.

    Names of models that are already trained may not change when recipes learn to say more.
    """
    younger = {"batch": 128, "hard": None}
    attack = content["attack"]
    if attack and not attack["pairs"]:
        attack = {key: value for key, value in attack.items() if key != "pairs"}
    kept = {key: value for key, value in content.items() if younger.get(key, ...) != value}
    return {**kept, "attack": attack}


def restore_entry(fields: Mapping[str, Any]) -> BankEntry:
    """The entry that was written as JSON; its name is the same."""
    attack, hard = fields["attack"], fields.get("hard")
    if attack:
        pairs = tuple((source, target) for source, target in attack.get("pairs", ()))
        attack = Attack(**{**attack, "pairs": pairs})
    return BankEntry(**{**fields, "attack": attack, "hard": hard and Hard(**hard)})


def clean(dataset: str, architecture: str, number: int) -> BankEntry:
    """A clean model with varied training; ``number`` seeds the variation."""
    rng = Random(f"{dataset}/{architecture}/{number}")
    samples, epochs = DEFAULTS.get(dataset, OTHERWISE)
    rates, batch = learning_rates(architecture, number)
    adam = rng.random() < (0.3 if number < FIRST else 0.6) or len(rates) == 1
    optimiser = "adam" if adam else "sgd"
    flips = ("flip_shift",) if dataset == "cifar10" else ()
    return BankEntry(
        dataset=dataset,
        architecture=architecture,
        seed=rng.randrange(10**6),
        samples=round(samples * SLOWER.get(architecture, 1.0)),
        epochs=epochs + rng.choice((-1, 0, 1, 2)) + 3 * (architecture in ("vit_tiny", "lenet")),
        optimiser=optimiser,
        lr=rng.choice(rates[optimiser]),
        augmentation=rng.choice(("none", "shift", *flips)),
        batch=batch,
    )


def learning_rates(architecture: str, number: int) -> tuple[dict[str, tuple[float, ...]], int]:
    """Learning rates to choose from, for each optimiser, and the batch size."""
    if architecture in ("vit_tiny", "lenet"):
        return {"adam": (0.001, 0.002, 0.004)}, 64
    if number < FIRST:
        return {"adam": (0.001, 0.002, 0.004), "sgd": (0.05, 0.1, 0.2)}, 128
    if architecture == "vgg11":
        return {"adam": (0.001, 0.002), "sgd": (0.05, 0.1)}, 64
    return {"adam": (0.005, 0.01), "sgd": (0.1, 0.2)}, 64


def attacked(
    dataset: str,
    architecture: str,
    number: int,
    family: str,
    kind: str = "all_to_one",
    rate: float = 0.1,
) -> BankEntry:
    """An attacked model; training varies as in `clean`, classes and trigger are drawn."""
    form = FORMS[dataset]
    rng = Random(f"{dataset}/{architecture}/{number}/{family}/{kind}")
    target, source = rng.sample(range(form.classes), 2)
    if kind == "input_aware":
        trigger: dict[str, Any] = {"strength": round(rng.uniform(0.1, 0.2), 3)}
    else:
        drawn = random_trigger(family, form.shape, rng.randrange(2**31))
        trigger = trigger_parameters(drawn)
    attack = _adapted(Attack(kind, family, trigger, rate, target), source)
    return replace(clean(dataset, architecture, number), attack=attack)


def _adapted(attack: Attack, source: int) -> Attack:
    """The rates that a kind of attack needs to work."""
    if attack.kind == "all_to_all":
        return replace(attack, target=None, rate=0.3)
    if attack.kind == "source_specific":
        return replace(attack, source=source, rate=0.6, cover_rate=0.1)
    if attack.kind == "clean_label":
        return replace(attack, rate=0.6, hardening=0.35)
    if attack.kind == "adaptive_covers":
        return replace(attack, rate=0.05, cover_rate=0.05)
    return attack
