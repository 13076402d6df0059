"""Projected gradient descent in an l-inf or l2 ball.

Purpose: accuracy that is left when an attacker with the weights changes inputs within a budget.
Source: Madry et al. 2018 (random start, projected steps of 2.5 radius / steps); the margin loss of
Carlini & Wagner 2017 and a cross-entropy on rescaled logits take turns over the restarts, since
plain cross-entropy gradients vanish in confident models (Croce & Hein 2020).
Limits: an upper bound on the true robust accuracy; inputs stay in the box [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

Model = Callable[[Tensor], Tensor]
Norm = Literal["linf", "l2"]
BATCH = 128


@dataclass(frozen=True)
class Budget:
    """What the attacker may do.

    Args:
        norm: ``linf`` (largest change of one value) or ``l2`` (Euclidean length of the change).
        epsilon: radius of the ball, in units of the canonical input.
        steps: gradient steps of each restart.
        restarts: attempts on inputs that are not broken yet.
        random_start: start at a random point of the ball, otherwise at the input itself.
    """

    norm: Norm
    epsilon: float
    steps: int = 15
    restarts: int = 1
    random_start: bool = True

    @property
    def step_size(self) -> float:
        """2.5 radius / steps, and the whole radius for a single step."""
        return self.epsilon * min(1.0, 2.5 / self.steps)


@dataclass(frozen=True)
class Broken:
    """Result of an attack: which inputs are wrongly predicted, and by which neighbours.

    Args:
        broken: ``(n,)`` truth values; inputs wrong from the start count.
        adversarial: ``(n, *shape)``; the input itself where the attack failed.
    """

    broken: Tensor
    adversarial: Tensor


def pgd(
    model: Model,
    x: Tensor,
    y: Tensor,
    budget: Budget,
    generator: Generator,
    check: Callable[[], None] = lambda: None,
) -> Broken:
    """Attack ``(n, *shape)`` inputs with labels ``(n,)``; broken inputs are left alone.

    Args:
        model: maps inputs to logits with gradients.
        x: inputs in [0, 1].
        y: labels.
        budget: the attacker's limits.
        generator: draws the random starts.
        check: called before every step, may raise to stop.
    """
    adversarial, broken = x.clone(), torch.zeros(len(x), dtype=torch.bool)
    for restart in range(budget.restarts):
        loss = margin_loss if restart % 2 == 0 else rescaled_cross_entropy
        left = (~broken).nonzero()[:, 0]
        for part in torch.split(left, BATCH) if len(left) else ():
            found, examples = _descend(model, x[part], y[part], budget, loss, generator, check)
            broken[part] = found
            adversarial[part[found]] = examples[found]
    return Broken(broken, adversarial)


def _descend(
    model: Model,
    x: Tensor,
    y: Tensor,
    budget: Budget,
    loss: Callable[[Tensor, Tensor], Tensor],
    generator: Generator,
    check: Callable[[], None],
) -> tuple[Tensor, Tensor]:
    found, examples = torch.zeros(len(x), dtype=torch.bool), x.clone()
    active = torch.arange(len(x))
    point = x + random_change(x, budget, generator) if budget.random_start else x.clone()
    point = point.clamp(0, 1)
    for step in range(budget.steps + 1):
        check()
        wrong, gradient = attack_gradient(model, point, y[active], loss, step < budget.steps)
        found[active[wrong]], examples[active[wrong]] = True, point[wrong]
        active, point, gradient = active[~wrong], point[~wrong], gradient[~wrong]
        if not len(active):
            break
        moved = point + budget.step_size * _direction(gradient, budget.norm)
        point = project(moved, x[active], budget)
    return found, examples


def attack_gradient(
    model: Model,
    x: Tensor,
    y: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
    wanted: bool = True,
) -> tuple[Tensor, Tensor]:
    """Which inputs are wrong already, ``(n,)``, and the loss gradient ``(n, *shape)``.

    The gradient is zero where the model lets none through, or if it is not ``wanted``.
    """
    with torch.set_grad_enabled(wanted):
        point = x.detach().requires_grad_(wanted)
        logits = model(point)
        wrong = logits.argmax(1) != y
        if not wanted or not logits.requires_grad:
            return wrong, torch.zeros_like(x)
        gradient = torch.autograd.grad(loss(logits, y).sum(), point, allow_unused=True)[0]
    return wrong, torch.zeros_like(x) if gradient is None else torch.nan_to_num(gradient)


def margin_loss(logits: Tensor, y: Tensor) -> Tensor:
    """Best wrong logit minus the right one, ``(n,)``; positive where the input is broken."""
    right = logits.gather(1, y[:, None])[:, 0]
    others = logits.scatter(1, y[:, None], float("-inf"))
    return others.max(1).values - right


def rescaled_cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy ``(n,)`` with each row of logits brought to a spread of 10."""
    spread = (logits.max(1).values - logits.min(1).values).detach().clamp_min(1e-12)
    return F.cross_entropy(logits * (10.0 / spread)[:, None], y, reduction="none")


def random_change(x: Tensor, budget: Budget, generator: Generator) -> Tensor:
    """A change drawn from the ball: uniform for l-inf, uniform in volume for l2."""
    if budget.norm == "linf":
        return (torch.rand(x.shape, generator=generator, dtype=x.dtype) * 2 - 1) * budget.epsilon
    direction = _unit(torch.randn(x.shape, generator=generator, dtype=x.dtype))
    radius = torch.rand(len(x), generator=generator, dtype=x.dtype) ** (1.0 / x[0].numel())
    return direction * _rows(radius * budget.epsilon, x)


def project(point: Tensor, centre: Tensor, budget: Budget) -> Tensor:
    """The point back into the ball around ``centre`` and into the box [0, 1]."""
    change = point - centre
    if budget.norm == "linf":
        return (centre + change.clamp(-budget.epsilon, budget.epsilon)).clamp(0, 1)
    length = change.flatten(1).norm(dim=1).clamp_min(1e-12)
    return (centre + change * _rows((budget.epsilon / length).clamp(max=1.0), point)).clamp(0, 1)


def _direction(gradient: Tensor, norm: Norm) -> Tensor:
    return gradient.sign() if norm == "linf" else _unit(gradient)


def _unit(v: Tensor) -> Tensor:
    return v / _rows(v.flatten(1).norm(dim=1).clamp_min(1e-12), v)


def _rows(values: Tensor, like: Tensor) -> Tensor:
    return values.reshape(-1, *[1] * (like.dim() - 1))
