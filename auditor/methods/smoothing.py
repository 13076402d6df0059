"""Guarantees from noise: what no change of bounded length can do.

Gaussian noise is added to an input many times and the answers are counted. If a class wins often
enough, no change of the input shorter than a radius can make it lose (Cohen, Rosenfeld and Kolter,
ICML 2019). The same argument turned round says what a trigger cannot be: a change of length D under
which a class gets the share q of the noisy answers must leave it at least ``phi(phi'(q) - D/s)`` of
them without the change (Xiang, Xiong and Li, CBD, NeurIPS 2023, arXiv 2310.17498); ``phi`` is the
normal distribution function, ``phi'`` its inverse and ``s`` the noise's standard deviation.
Limits: Euclidean length only; counts are random, so each bound is wrong with a stated probability.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import beta, norm
from torch import Tensor

from auditor.core.subject import Subject
from auditor.methods.swift import swift

Report = Callable[[float], None]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
ROUND = 32
"""Noisy copies of all inputs that are made at a time."""


def noisy_counts(
    subject: Subject, x: Tensor, sigma: float, samples: int, seed: int, report: Report
) -> Counts:
    """How often each class is the answer under noise.

    Args:
        subject: the model.
        x: inputs ``(n, *shape)``.
        sigma: standard deviation of the noise, canonical units; noisy inputs are not clipped.
        samples: noisy copies of each input.
        seed: of the noise.
        report: called with the share done.

    Returns:
        Counts ``(n, K)``; each row sums to ``samples``.
    """
    generator, subject = torch.Generator().manual_seed(seed), swift(subject, x)
    counts = torch.zeros(len(x), subject.classes, dtype=torch.int64)
    for start in range(0, samples, ROUND):
        many = min(ROUND, samples - start)
        noisy = x.repeat(many, *[1] * (x.dim() - 1))
        noisy = noisy + sigma * torch.randn(noisy.shape, generator=generator)
        answers = subject.predict(noisy).view(many, len(x))
        ones = torch.ones_like(answers.T)
        counts.scatter_add_(1, answers.T, ones)
        report((start + many) / samples)
    found: Counts = counts.numpy()
    return found


def lower_bound(hits: Counts, samples: int, alpha: float) -> Floats:
    """One-sided lower Clopper-Pearson bound of each share at confidence ``1 - alpha``.

    >>> lower_bound(np.array([0, 10]), 10, 0.001).round(3).tolist()
    [0.0, 0.501]
    """
    low = beta.ppf(alpha, np.maximum(hits, 1), samples - hits + 1)
    return np.where(hits > 0, low, 0.0)


def upper_bound(hits: Counts, samples: int, alpha: float) -> Floats:
    """One-sided upper Clopper-Pearson bound of each share.

    >>> upper_bound(np.array([0, 10]), 10, 0.001).round(3).tolist()
    [0.499, 1.0]
    """
    high = beta.ppf(1 - alpha, hits + 1, np.maximum(samples - hits, 1))
    return np.where(hits < samples, high, 1.0)


def radius(hits: Counts, samples: int, sigma: float, alpha: float) -> Floats:
    """Within which the smoothed model keeps its answer; 0 where it abstains (Cohen et al.)."""
    bound = lower_bound(hits, samples, alpha)
    return np.where(bound > 0.5, sigma * norm.ppf(np.minimum(bound, 1 - 1e-12)), 0.0)


def ruled_out(hits: Counts, samples: int, sigma: float, survival: float, alpha: float) -> Floats:
    """Length up to which no change of an input can give a class the share ``survival``.

    Args:
        hits: noisy answers that are of the class already.
        samples: noisy answers in all.
        sigma: standard deviation of the noise.
        survival: share of noisy answers that a trigger would have to win.
        alpha: probability that one bound is wrong.

    Returns:
        Lengths, 0 where nothing can be ruled out.
    """
    bound = upper_bound(hits, samples, alpha)
    reach = sigma * (norm.ppf(survival) - norm.ppf(np.clip(bound, 1e-12, 1 - 1e-12)))
    return np.maximum(reach, 0.0)
