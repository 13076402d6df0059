"""Does the model look robust only because gradients were hidden?

Purpose: a gradient attack that fails proves nothing when the gradient is zero, random or
misleading. Each check is a symptom that true robustness does not show.
Sources: Athalye et al. 2018 and Carlini et al. 2019 (the symptoms); the habit of an evaluation
that doubts itself is AutoAttack's (Croce & Hein 2020).
Limits: symptoms, not proofs, in both directions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from auditor.methods.pgd import (
    Budget,
    Model,
    attack_gradient,
    margin_loss,
    pgd,
    rescaled_cross_entropy,
)

LARGE = 0.5
"""l-inf radius at which every input can become the same uniform grey."""


@dataclass(frozen=True)
class Masking:
    """Measured symptoms, each a share of the attacked inputs in [0, 1].

    Args:
        zero_gradient: correctly predicted inputs without any loss gradient.
        one_step_better: broken by one step and not by the iterated attack.
        noise_better: broken by random noise and not by the iterated attack.
        large_radius: still correct at l-inf radius 0.5.
        random_output: largest change of a logit between two identical passes, any unit.
        chance: share that a constant answer would keep correct.
    """

    zero_gradient: float
    one_step_better: float
    noise_better: float
    large_radius: float
    random_output: float
    chance: float

    def symptoms(self, tolerance: float = 0.05) -> tuple[str, ...]:
        """One sentence for each symptom that exceeds the tolerance."""
        stated = (
            (
                self.zero_gradient > tolerance,
                f"{self.zero_gradient:.0%} of the inputs have no gradient at all",
            ),
            (
                self.one_step_better > tolerance,
                f"one step breaks {self.one_step_better:.0%} of the inputs that many steps do not",
            ),
            (
                self.noise_better > tolerance,
                f"random noise breaks {self.noise_better:.0%} of the inputs that gradients do not",
            ),
            (
                self.large_radius > self.chance + tolerance,
                f"{self.large_radius:.0%} of the inputs survive an unbounded radius of {LARGE}",
            ),
            (
                self.random_output > 1e-3,
                f"the same input gives logits that differ by {self.random_output:.2g}",
            ),
        )
        return tuple(sentence for holds, sentence in stated if holds)


def masking_checks(
    model: Model,
    x: Tensor,
    y: Tensor,
    broken: Tensor,
    budget: Budget,
    generator: Generator,
    check: Callable[[], None] = lambda: None,
    draws: int = 20,
) -> Masking:
    """Run all checks on inputs whose iterated attack within ``budget`` is known.

    Args:
        model: maps inputs to logits with gradients.
        x: inputs ``(n, *shape)`` in [0, 1].
        y: labels ``(n,)``.
        broken: outcome of the iterated attack, ``(n,)``.
        budget: the l-inf budget of that attack.
        generator: of the noise.
        check: called often, may raise to stop.
        draws: noise draws for each input.
    """
    n, left = len(x), (~broken).nonzero()[:, 0]
    one_step = Budget("linf", budget.epsilon, steps=1, random_start=False)
    stepped = pgd(model, x[left], y[left], one_step, generator, check).broken
    noisy = _noise_breaks(model, x[left], y[left], budget, generator, draws, check)
    large = Budget("linf", LARGE, steps=budget.steps, restarts=2)
    survived = ~pgd(model, x[left], y[left], large, generator, check).broken
    chance = y.bincount().max().item() / n
    return Masking(
        zero_gradient=_zero_gradient(model, x, y),
        one_step_better=float(stepped.sum()) / n,
        noise_better=float(noisy.sum()) / n,
        large_radius=float(survived.sum()) / n,
        random_output=_random_output(model, x[:64]),
        chance=max(0.1, chance),
    )


def _zero_gradient(model: Model, x: Tensor, y: Tensor) -> float:
    zero, right = 0, 0
    for part, label in zip(torch.split(x, 128), torch.split(y, 128), strict=True):
        wrong, gradient = attack_gradient(model, part, label, rescaled_cross_entropy)
        _, margin = attack_gradient(model, part, label, margin_loss)
        flat = (gradient.abs() + margin.abs()).flatten(1).amax(1) == 0
        zero, right = zero + int((flat & ~wrong).sum()), right + int((~wrong).sum())
    return zero / max(1, right)


def _noise_breaks(
    model: Model,
    x: Tensor,
    y: Tensor,
    budget: Budget,
    generator: Generator,
    draws: int,
    check: Callable[[], None],
) -> Tensor:
    """Inputs broken by noise of full size in every value, the corners of the ball."""
    broken = torch.zeros(len(x), dtype=torch.bool)
    for _ in range(draws if len(x) else 0):
        check()
        corner = torch.randint(0, 2, x.shape, generator=generator) * 2 - 1
        with torch.no_grad():
            broken |= model((x + budget.epsilon * corner).clamp(0, 1)).argmax(1) != y
    return broken


@torch.no_grad()
def _random_output(model: Model, x: Tensor) -> float:
    return float(torch.nan_to_num((model(x) - model(x)).abs()).max())
