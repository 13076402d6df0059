"""Naive Bayes classifiers: log prior plus one independent log likelihood a feature."""

from __future__ import annotations

from math import pi

import torch
from torch import Tensor, nn

from auditor.intake.estimators.family import classifier
from auditor.intake.estimators.fields import Fields
from auditor.intake.estimators.linear import LinearScores


class GaussianScores(nn.Module):
    """Log joint likelihood with one normal distribution a class and feature.

    Args:
        mean: ``(k, d)``, ``variance``: ``(k, d)``, positive.
        prior: ``(k,)``.
    """

    def __init__(self, mean: Tensor, variance: Tensor, prior: Tensor) -> None:
        super().__init__()
        self.mean = nn.Parameter(mean)
        self.variance = nn.Parameter(variance)
        self.prior = nn.Parameter(prior)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to ``(n, k)``."""
        constant = self.prior.log() - 0.5 * (2 * pi * self.variance).log().sum(1)
        distance = (x[:, None] - self.mean) ** 2 / self.variance
        return constant - 0.5 * distance.sum(2)


@classifier("GaussianNB")
def gaussian(fields: Fields) -> nn.Module:
    """Means, variances (``sigma_`` before scikit-learn 1.0) and priors."""
    classes = len(fields.classes())
    mean = fields.tensor("theta_", 2)
    variance = fields.tensor("var_" if fields.has("var_") else "sigma_", 2)
    prior = fields.tensor("class_prior_", 1)
    fields.same("theta_", mean.shape[:1], (classes,))
    fields.same("var_", variance.shape, mean.shape)
    fields.same("class_prior_", prior.shape, (classes,))
    if not bool((variance > 0).all()) or not bool((prior > 0).all()):
        raise fields.wrong("var_", "or class_prior_ is not positive")
    return GaussianScores(mean, variance, prior)


@classifier("MultinomialNB")
def multinomial(fields: Fields) -> nn.Module:
    """Linear in the counts."""
    weight = fields.tensor("feature_log_prob_", 2)
    prior = fields.tensor("class_log_prior_", 1)
    fields.same("feature_log_prob_", weight.shape[:1], (len(fields.classes()),))
    fields.same("class_log_prior_", prior.shape, weight.shape[:1])
    return LinearScores(weight, prior)


class Thresholded(nn.Module):
    """1 above a threshold, else 0; without gradient."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        return (x > self.threshold).to(torch.float64)


@classifier("BernoulliNB")
def bernoulli(fields: Fields) -> nn.Module:
    """Linear in the thresholded features."""
    log_share = fields.tensor("feature_log_prob_", 2)
    prior = fields.tensor("class_log_prior_", 1)
    fields.same("feature_log_prob_", log_share.shape[:1], (len(fields.classes()),))
    fields.same("class_log_prior_", prior.shape, log_share.shape[:1])
    rest = torch.log1p(-log_share.exp())
    scores = LinearScores(log_share - rest, prior + rest.sum(1))
    threshold = fields.get("binarize", 0.0)
    return scores if threshold is None else nn.Sequential(Thresholded(float(threshold)), scores)
