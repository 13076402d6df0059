"""Gradient-ascent poisoning: points that hurt a linear model most once it is trained on them.

Purpose: the bilevel problem of Biggio, Nelson & Laskov 2012. A poison point is moved up the
gradient of the outer loss of the model that is trained on data and poison; the gradient passes
through the training by the implicit function theorem. Two goals: ``denial`` raises the loss on
clean validation data, ``backdoor`` lowers the loss of triggered validation data towards the
attacker's label while clean loss counts too.
Limits: two-class linear models (``auditor.methods.influence.classic.linear``), labels -1 and 1;
poison stays within the box of the data. Local optima: the start decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auditor.core.errors import AuditorError
from auditor.methods.influence.classic.linear import (
    Floats,
    Kind,
    LinearModel,
    fit,
    poison_gradient,
)

Goal = Literal["denial", "backdoor"]
STEPS = 12
STEP = 0.15


@dataclass(frozen=True)
class Problem:
    """Who is attacked, and with what.

    Args:
        x: clean training inputs ``(n, d)``.
        y: labels -1 or 1.
        x_outer: inputs on which the attacker's loss is computed.
        y_outer: labels the attacker does not want there (``denial``) or wants (``backdoor``).
        kind: ``logistic`` or ``svm``.
        ridge: penalty of the attacked model.
        goal: what is wanted.
    """

    x: Floats
    y: Floats
    x_outer: Floats
    y_outer: Floats
    kind: Kind = "logistic"
    ridge: float = 1e-2
    goal: Goal = "denial"


@dataclass(frozen=True)
class Curve:
    """Accuracy lost for each share of poison: ``(k,)`` each."""

    shares: Floats
    accuracy: Floats

    @property
    def lost(self) -> Floats:
        """Against no poison."""
        return np.asarray(self.accuracy[0] - self.accuracy)


def triggered_problem(
    x: Floats,
    y: Floats,
    x_outer: Floats,
    trigger: Callable[[Floats], Floats],
    label: int,
    kind: Kind = "logistic",
    ridge: float = 1e-2,
) -> Problem:
    """The backdoor goal: inputs of the other class with a trigger shall get ``label``."""
    stamped = trigger(x_outer)
    return Problem(x, y, stamped, np.full(len(stamped), float(label)), kind, ridge, "backdoor")


def poison(problem: Problem, count: int, seed: int) -> tuple[Floats, Floats]:
    """``count`` poison points and their labels, one after the other.

    Each starts as a clean point with the label it should not have (denial) or as an outer point
    with the attacker's label (backdoor), and climbs ``STEPS`` normalised steps.
    """
    if count < 1 or len(problem.x) < 2:
        raise AuditorError("Poisoning needs at least one point and two samples.")
    generator = np.random.default_rng(seed)
    x, y = problem.x, problem.y
    low, high = problem.x.min(0), problem.x.max(0)
    if problem.goal == "backdoor":
        low, high = (
            np.minimum(low, problem.x_outer.min(0)),
            np.maximum(high, problem.x_outer.max(0)),
        )
    for _ in range(count):
        point, label = _start(problem, generator)
        model = fit(np.vstack([x, point]), np.r_[y, label], problem.kind, problem.ridge)
        for _ in range(STEPS):
            gradient = _outer_gradient(problem, model, x, y, point, label)
            size = np.abs(gradient).max()
            if size < 1e-15:
                break
            point = np.clip(point + STEP * (high - low) * gradient / size, low, high)
            model = fit(
                np.vstack([x, point]), np.r_[y, label], problem.kind, problem.ridge, model.theta
            )
        x, y = np.vstack([x, point]), np.r_[y, label]
    return x[len(problem.x) :], y[len(problem.y) :]


def _start(problem: Problem, generator: np.random.Generator) -> tuple[Floats, float]:
    if problem.goal == "backdoor":
        chosen = int(generator.integers(len(problem.x_outer)))
        return problem.x_outer[chosen].copy(), float(problem.y_outer[chosen])
    chosen = int(generator.integers(len(problem.x)))
    return problem.x[chosen].copy(), -float(problem.y[chosen])


def _outer_gradient(
    problem: Problem, model: LinearModel, x: Floats, y: Floats, point: Floats, label: float
) -> Floats:
    """Of what the attacker wants to raise, by the poison point."""
    sign = 1.0 if problem.goal == "denial" else -1.0
    data = np.vstack([x, point]), np.r_[y, label]
    return sign * poison_gradient(model, *data, problem.x_outer, problem.y_outer)


def accuracy_curve(
    problem: Problem,
    x_test: Floats,
    y_test: Floats,
    shares: tuple[float, ...] = (0.0, 0.01, 0.02, 0.05, 0.1),
    seed: int = 0,
) -> Curve:
    """Test accuracy after training on data with each share of poison added."""
    most = round(max(shares) * len(problem.x))
    points, labels = poison(problem, most, seed) if most else (problem.x[:0], problem.y[:0])
    found = []
    for share in shares:
        k = round(share * len(problem.x))
        model = fit(
            np.vstack([problem.x, points[:k]]), np.r_[problem.y, labels[:k]],
            problem.kind, problem.ridge,
        )  # fmt: skip
        found.append(float((model.predict(x_test) == y_test).mean()))
    return Curve(np.asarray(shares), np.asarray(found))


def flip_curve(
    problem: Problem,
    x_test: Floats,
    y_test: Floats,
    shares: tuple[float, ...] = (0.0, 0.01, 0.02, 0.05, 0.1),
    seed: int = 0,
) -> Curve:
    """The same for labels flipped at random: the attack that knows nothing."""
    order: NDArray[np.int64] = np.random.default_rng(seed).permutation(len(problem.y))
    found = []
    for share in shares:
        y = problem.y.copy()
        y[order[: round(share * len(y))]] *= -1
        model = fit(problem.x, y, problem.kind, problem.ridge)
        found.append(float((model.predict(x_test) == y_test).mean()))
    return Curve(np.asarray(shares), np.asarray(found))
