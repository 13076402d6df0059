"""Certificates held against attacks: does anything exist that was ruled out?

Clean and attacked models of a bank get the two proofs of an audit (``evasion.smoothing`` and
``trigger.certificate``). Then each is attacked: gradient steps averaged over noise look for a
change within the certified length that turns the smoothed answer, and for one within the length
that was ruled out that gives a class its share of noisy answers; the planted trigger is tried as
it is. Source of the attack: Salman et al., NeurIPS 2019 (SmoothAdv). Every model is kept: a stopped
run goes on.
Limits: an attack that fails proves nothing; changes may leave [0, 1], which helps the attacker.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auditor.bench.bank import Bank
from auditor.bench.facts import Facts
from auditor.bench.null import code_of
from auditor.core.canonical import digest
from auditor.core.finding import Finding
from auditor.core.probe import Context
from auditor.core.subject import CleanSet, Subject
from auditor.methods.sampling import subset
from auditor.methods.smoothing import noisy_counts, ruled_out
from auditor.probes.certificate import Certificate
from auditor.probes.smoothing import Smoothing
from auditor.writers.atomic import write_atomic

Say = Callable[[str], None]
Floats = NDArray[np.float64]
SEED, FRESH = 0, 2_000
"""Noisy copies that judge an attack, drawn apart from those of the certificate."""
STEPS, DRAWS, INSIDE = 15, 16, 0.999
"""Steps of an attack, noisy copies of each, and the part of the length that it may use."""


@dataclass(frozen=True)
class Certified:
    """One model, its certificates, and what was tried against them.

    Args:
        model: its name.
        family: of its attack, ``clean`` without one.
        measures: of both probes, by name.
        certified: accuracy by radius in standard deviations of the noise.
        turned: inputs whose smoothed answer an attack within their radius turned, of ``held``.
        reached: pairs of input and class that reached the share within what was ruled out, of
            ``tried``.
        length: median Euclidean length of the planted trigger; None for clean models.
        robust: share of inputs of other classes on which it survives the noise.
        excluded: share of them on which it survives and is no longer than what is ruled out.
    """

    model: str
    family: str
    measures: dict[str, float]
    certified: list[float]
    held: int
    turned: int
    tried: int
    reached: int
    length: float | None = None
    robust: float | None = None
    excluded: float | None = None


def proofs(shadows: int) -> tuple[Smoothing, Certificate]:
    """Both probes as the standard profile has them, the second with so many clean relatives."""
    return Smoothing(), Certificate(shadows=shadows)


def certify(
    bank: Bank, models: Sequence[Facts], probes: tuple[Smoothing, Certificate], say: Say
) -> list[Certified]:
    """Certify and attack each model, or read what is kept."""
    torch.set_num_threads(1)
    return [_certified(bank, facts, probes, say) for facts in models]


def _certified(
    bank: Bank, facts: Facts, probes: tuple[Smoothing, Certificate], say: Say
) -> Certified:
    code = code_of(["bench/certificates.py", "methods/smoothing.py", "probes/certificate.py",
                    "probes/smoothing.py", "methods/derivations.py"], [])  # fmt: skip
    key = digest([code, *(asdict(probe) for probe in probes)])[:10]
    path = bank.folder / "certificates" / f"{facts.entry.name}-{key}.json"
    if not path.is_file():
        one = attacked(bank, facts, probes)
        write_atomic(path, json.dumps(asdict(one)).encode())
        say(f"{one.model}  ruled out {one.measures['ruled_out']}  turned {one.turned} of {one.held}"
            f"  reached {one.reached} of {one.tried}")  # fmt: skip
    return Certified(**json.loads(path.read_text("utf-8")))


def attacked(bank: Bank, facts: Facts, probes: tuple[Smoothing, Certificate]) -> Certified:
    """The certificates of one model and what attacks within them do."""
    subject, clean = bank.subject(facts), bank.images("clean", facts.entry.dataset)
    found = [probe.examine(subject, clean, Context(seed=SEED))[0] for probe in probes]
    attack = facts.entry.attack
    smooth, certificate = probes
    return Certified(
        facts.entry.name,
        attack.family if attack else "clean",
        {name: value.value for one in found for name, value in one.measures.items()},
        [float(row["accuracy"]) for row in found[0].tables["certified"]],
        *turned(subject, clean, smooth),
        *reached(subject, clean, certificate),
        *(_planted(bank, facts, certificate, found[1]) if attack else ()),
    )


def turned(subject: Subject, clean: CleanSet, probe: Smoothing) -> tuple[int, int]:
    """Inputs that have a radius, and those whose smoothed answer changes within it."""
    chosen, sigma = subset(clean, probe.inputs, SEED), probe.noise(subject)
    top, reach = probe.reach(subject, chosen, SEED)
    held = torch.from_numpy(np.flatnonzero(reach > 0))
    if not len(held):
        return 0, 0
    x, wanted = chosen.x[held], torch.from_numpy(top)[held]
    moved = _moved(subject, x, wanted, INSIDE * reach[held.numpy()], sigma, -1)
    kept = _share(subject, moved, wanted, sigma)
    return len(held), int((kept < 0.5).sum())


def reached(subject: Subject, clean: CleanSet, probe: Certificate) -> tuple[int, int]:
    """Pairs of input and class with a length that is ruled out, and those reached within it."""
    chosen = subset(clean.split(0.5, SEED)[1], probe.inputs, SEED)
    counts = noisy_counts(subject, chosen.x, probe.sigma, probe.samples, SEED, lambda part: None)
    tried = hits = 0
    for target in range(subject.classes):
        length = ruled_out(counts[:, target], probe.samples, probe.sigma, probe.survival,
                           probe.alpha)  # fmt: skip
        index = torch.from_numpy(np.flatnonzero((length > 0) & (chosen.y.numpy() != target)))
        if not len(index):
            continue
        wanted = torch.full((len(index),), target)
        moved = _moved(subject, chosen.x[index], wanted, INSIDE * length[index.numpy()],
                       probe.sigma, 1)  # fmt: skip
        hits += int((_share(subject, moved, wanted, probe.sigma) >= probe.survival).sum())
        tried += len(index)
    return tried, hits


def _planted(
    bank: Bank, facts: Facts, probe: Certificate, found: Finding
) -> tuple[float, float, float]:
    """Length of the true trigger, share of inputs on which it survives, and that within reach."""
    subject, trigger, attack = bank.subject(facts), bank.trigger(facts), facts.entry.attack
    if trigger is None or attack is None or attack.target is None:
        raise ValueError(f"{facts.entry.name} has no trigger that leads to one class")
    clean = bank.images("heldout", facts.entry.dataset)
    x = clean.x[clean.y != attack.target]
    stamped = trigger(x)
    length = (stamped - x).flatten(1).norm(dim=1).numpy()
    survives = (
        _share(subject, stamped, torch.full((len(x),), attack.target), probe.sigma, 200)
        >= probe.survival
    )
    limit = float(found.tables["classes_ruled_out"][attack.target]["ruled_out"])
    within = survives & (length <= limit)
    return float(np.median(length)), float(survives.mean()), float(within.mean())


def _moved(
    subject: Subject, x: Tensor, wanted: Tensor, length: Floats, sigma: float, sign: int
) -> Tensor:
    """Inputs moved by at most ``length`` towards (or for -1 away from) a class under noise."""
    generator = torch.Generator().manual_seed(SEED + 1)
    most = torch.from_numpy(length).float().view(-1, *[1] * (x.dim() - 1))
    change = torch.zeros_like(x)
    for _ in range(STEPS):
        change.requires_grad_(True)
        noisy = (x + change).repeat(DRAWS, *[1] * (x.dim() - 1))
        noisy = noisy + sigma * torch.randn(noisy.shape, generator=generator)
        chance = subject(noisy).log_softmax(1).gather(1, wanted.repeat(DRAWS)[:, None])
        (slope,) = torch.autograd.grad(sign * chance.sum(), change)
        slope = slope / slope.flatten(1).norm(dim=1).clamp_min(1e-12).view(most.shape)
        change = change.detach() + 2.5 / STEPS * most * slope
        size = change.flatten(1).norm(dim=1).view(most.shape)
        change = change * (most / size.clamp_min(1e-12)).clamp(max=1)
    return x + change


def _share(
    subject: Subject, x: Tensor, wanted: Tensor, sigma: float, samples: int | None = None
) -> Floats:
    """Share of fresh noisy copies of each input that get its class."""
    samples = samples or FRESH
    counts = noisy_counts(subject, x, sigma, samples, SEED + 2, lambda part: None)
    shares: Floats = counts[np.arange(len(x)), wanted.numpy()] / samples
    return shares
