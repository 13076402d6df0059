"""Linear classifiers: one weighted sum a class, softmax or one sigmoid a class.

Families: logistic regression, linear support vectors, ridge, perceptron, stochastic gradient
descent, linear discriminant analysis.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from auditor.intake.estimators.family import classifier
from auditor.intake.estimators.fields import Fields


class LinearScores(nn.Module):
    """``x w^T + b``; of a single row of weights the scores ``(0, s)``, for a sigmoid.

    Args:
        weight: ``(k, d)`` or ``(1, d)``.
        bias: ``(k,)``, ``(1,)``.
        rivals: True where each class has its own sigmoid, which are divided by their sum.
    """

    def __init__(self, weight: Tensor, bias: Tensor, rivals: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(bias)
        self.rivals = rivals and len(weight) > 1

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to scores ``(n, k)``."""
        scores = x @ self.weight.T + self.bias
        if self.rivals:
            return logsigmoid(scores)
        if scores.shape[1] == 1:
            return torch.cat([torch.zeros_like(scores), scores], 1)
        return scores


def _weights(fields: Fields) -> tuple[Tensor, Tensor, int]:
    classes = len(fields.classes())
    weight = fields.tensor("coef_")
    weight = weight[None] if weight.ndim == 1 else weight
    rows = 1 if classes == 2 and len(weight) == 1 else classes
    fields.same("coef_", (weight.ndim, len(weight)), (2, rows))
    bias = fields.tensor("intercept_").reshape(-1)
    bias = bias.expand(rows).clone() if len(bias) == 1 else bias
    fields.same("intercept_", bias.shape, (rows,))
    return weight, bias, classes


@classifier("LogisticRegression", "LogisticRegressionCV")
def logistic(fields: Fields) -> nn.Module:
    """Multinomial, or one sigmoid a class where ``multi_class`` or liblinear says so."""
    weight, bias, classes = _weights(fields)
    given = fields.text("multi_class", "auto")
    if given == "multinomial" and classes == 2:
        return LinearScores(torch.cat([-weight, weight]), torch.cat([-bias, bias]))
    rivals = given == "ovr" or fields.text("solver", "lbfgs") == "liblinear"
    return LinearScores(weight, bias, rivals)


@classifier("LinearSVC", "RidgeClassifier", "RidgeClassifierCV", "Perceptron",
            "PassiveAggressiveClassifier")  # fmt: skip
def margins(fields: Fields) -> nn.Module:
    """Scores without probabilities: the decision function."""
    weight, bias, _ = _weights(fields)
    return LinearScores(weight, bias)


@classifier("SGDClassifier")
def descent(fields: Fields) -> nn.Module:
    """Probabilities for the logistic loss, else the decision function."""
    weight, bias, _ = _weights(fields)
    return LinearScores(weight, bias, fields.text("loss", "hinge") in ("log_loss", "log"))


@classifier("LinearDiscriminantAnalysis")
def discriminant(fields: Fields) -> nn.Module:
    """Softmax of linear scores."""
    weight, bias, _ = _weights(fields)
    return LinearScores(weight, bias)
