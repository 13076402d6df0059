"""How many labels of a clean set are wrong, which ones, and whether they gather in one class.

Purpose: separate wrong labels from hard inputs. A hard input's label is improbable at about the
rate the model itself says; a wrong label is improbable more often than that.
Model: a label is drawn from the classifier's predictive distribution, its temperature fitted
(Guo et al. 2017), with probability 1 - e, and uniformly otherwise. Temperature and e are found by
maximum likelihood; the interval of e is by profile likelihood (Wilks 1938); the suspects are cut
by the mean posterior of being correct, as a Bayesian false discovery rate (Efron et al. 2001).
Limits: one temperature for the whole model, uniform noise; a model that learned from these very
samples hides their errors; errors that the model shares cannot be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auditor.core.finding import Measure
from auditor.methods.self_influence import residual_norms

TEMPERATURES = np.geomspace(0.4, 6.0, 50)
NOISE = np.linspace(0.0, 0.8, 161)
DRAWS_AT_ONCE = 50
HALF_CHI2 = 1.92
"""Half the 95% quantile of chi-squared with one degree of freedom."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelNoise:
    """The fitted noise model.

    Args:
        temperature: divides the logits.
        uniform: probability that a label is drawn uniformly.
        estimate: share of wrong labels with its interval.
        p_correct: posterior probability that the given label is right, ``(n,)``.
        probability: of the given label under the fitted temperature, ``(n,)``.
    """

    temperature: float
    uniform: float
    estimate: Measure
    p_correct: Floats
    probability: Floats

    def suspects(self, false_share: float) -> NDArray[np.int64]:
        """Indices, worst first, of which at most ``false_share`` are expected to be correct."""
        order = np.argsort(self.p_correct, kind="stable")
        running = np.cumsum(self.p_correct[order]) / np.arange(1, len(order) + 1)
        return order[: int((running <= false_share).sum())]


def fit_label_noise(logits: Tensor, y: Tensor) -> LabelNoise:
    """Fit the noise model to logits ``(n, classes)`` and given labels ``(n,)``."""
    n, classes = logits.shape
    given = np.stack([_given(logits, y, float(t)) for t in TEMPERATURES])
    likelihood = np.stack([_log_likelihood(row, classes) for row in given])
    t, e = np.unravel_index(int(likelihood.argmax()), likelihood.shape)
    profile = likelihood.max(0)
    inside = NOISE[profile >= profile.max() - HALF_CHI2] * (classes - 1) / classes
    uniform, p = float(NOISE[e]), given[t]
    by_chance = uniform / classes
    p_correct = ((1 - uniform) * p + by_chance * p) / ((1 - uniform) * p + by_chance + 1e-300)
    estimate = Measure(
        value=uniform * (classes - 1) / classes,
        low=float(inside.min()),
        high=float(inside.max()),
        n=n,
    )
    return LabelNoise(float(TEMPERATURES[t]), uniform, estimate, np.minimum(p_correct, 1.0), p)


def _given(logits: Tensor, y: Tensor, temperature: float) -> Floats:
    p = torch.softmax(logits.double() / temperature, 1)
    return np.asarray(p[torch.arange(len(y)), y].cpu().numpy())


def _log_likelihood(p: Floats, classes: int) -> Floats:
    mixed = (1 - NOISE)[:, None] * p[None] + NOISE[:, None] / classes
    return np.asarray(np.log(mixed + 1e-300).sum(1))


@dataclass(frozen=True)
class ClassExcess:
    """Mean self-influence by given class against what the model's own uncertainty explains.

    Args:
        counts: samples with that label, ``(classes,)``.
        observed: mean of ``|p - e_y|^2``, in [0, 2]; 0 for a class without samples.
        expected: mean under the null.
        p_values: one-sided Monte Carlo p-values, valid (never 0).
    """

    counts: Floats
    observed: Floats
    expected: Floats
    p_values: Floats


def class_excess(
    logits: Tensor, y: Tensor, noise: LabelNoise, seed: int, draws: int = 999
) -> ClassExcess:
    """Test each given class for more self-influence than calibrated labels would show.

    The null draws every label anew from the fitted predictive distribution, uniform noise
    included, so neither a hard class nor noise spread over all classes counts as an anomaly.
    Self-influence here is the share through the output biases, known in closed form for every
    possible label.
    """
    classes = logits.shape[1]
    softened = torch.softmax(logits.double() / noise.temperature, 1)
    predictive = (1 - noise.uniform) * softened + noise.uniform / classes
    p = torch.softmax(logits.double(), 1)
    table = p.square().sum(1, keepdim=True) - 2 * p + 1
    count, observed = _class_means(y[:, None], residual_norms(logits, y)[:, None], classes)
    ladder = predictive.cumsum(1)
    generator = torch.Generator().manual_seed(seed)
    above, total = torch.zeros(classes), torch.zeros(classes, dtype=torch.float64)
    for start in range(0, draws, DRAWS_AT_ONCE):
        many = min(DRAWS_AT_ONCE, draws - start)
        uniform = torch.rand(len(y), many, generator=generator, dtype=torch.float64)
        labels = torch.searchsorted(ladder, uniform).clamp_max(classes - 1)
        _, null = _class_means(labels, table.gather(1, labels), classes)
        above += (null >= observed - 1e-12).sum(1)
        total += null.sum(1)
    p_values = (1 + above.numpy()) / (draws + 1)
    return ClassExcess(
        count[:, 0].numpy(),
        observed[:, 0].numpy(),
        (total / draws).numpy(),
        np.asarray(p_values, dtype=np.float64),
    )


def _class_means(labels: Tensor, values: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    zeros = values.new_zeros(classes, values.shape[1])
    counts = zeros.scatter_add(0, labels, torch.ones_like(values))
    return counts, zeros.scatter_add(0, labels, values) / counts.clamp_min(1)


def holm(p_values: Floats, alpha: float = 0.05) -> NDArray[np.int64]:
    """Indices rejected by Holm's step-down procedure at family-wise level ``alpha``.

    >>> [int(i) for i in holm(np.array([0.6, 0.001, 0.03]))]
    [1]
    """
    order = np.argsort(p_values, kind="stable")
    limits = alpha / (len(p_values) - np.arange(len(p_values)))
    failed = np.flatnonzero(p_values[order] > limits)
    return order[: int(failed[0]) if len(failed) else len(order)]
