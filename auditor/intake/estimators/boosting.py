"""Boosted trees: a start value plus the sum of small trees, one tree a class and round.

Limits: forward only, as all trees; start values from class shares or zero; no categorical splits.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from auditor.intake.estimators.family import classifier
from auditor.intake.estimators.fields import Fields, double
from auditor.intake.estimators.trees import Forest, Tree, checked, limited, read_tree, width
from auditor.intake.estimators.values import Array, as_array


class SumOfTrees(nn.Module):
    """Start plus the scaled sum of the trees of each class.

    Args:
        forest: trees in rounds, within a round one a score.
        start: ``(scores,)``; one score stands for ``(0, s)``.
        rate: factor of every tree.
        stretch: factor of the whole score (2 for the exponential loss).
    """

    def __init__(self, forest: Forest, start: Tensor, rate: float, stretch: float = 1.0) -> None:
        super().__init__()
        self.forest = forest
        self.start = nn.Parameter(start)
        self.rate, self.stretch = rate, stretch

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to scores ``(n, k)``."""
        values: Tensor = self.forest(x)
        rounds = values.reshape(len(x), -1, len(self.start)).sum(1)
        scores = self.stretch * (self.start.detach() + self.rate * rounds)
        if scores.shape[1] == 1:
            return torch.cat([torch.zeros_like(scores), scores], 1)
        return scores


@classifier("GradientBoostingClassifier")
def gradient_boosting(fields: Fields) -> nn.Module:
    """scikit-learn's older boosting, with regression trees of full precision."""
    classes, features = len(fields.classes()), width(fields)
    scores = 1 if classes == 2 else classes
    trees = [read_tree(member, features) for member in limited(fields.children("estimators_"))]
    if any(tree.values.shape[1] != 1 for tree in trees) or len(trees) % scores:
        raise fields.wrong("estimators_", "has trees of another kind")
    shape = np.shape(as_array(fields.get("estimators_")))
    fields.same("estimators_", shape, (len(trees) // scores, scores))
    exponential = fields.text("loss", "log_loss") == "exponential"
    if exponential and classes != 2:
        raise fields.wrong("loss", f"is exponential for {classes} classes")
    start = _start(fields, scores) * (0.5 if exponential else 1.0)
    rate = fields.number("learning_rate", 0.1)
    return SumOfTrees(Forest(trees), start, rate, 2.0 if exponential else 1.0)


def _start(fields: Fields, scores: int) -> Tensor:
    """Log odds or log shares of the classes in the training data."""
    init = fields.get("init_")
    if init == "zero":
        return torch.zeros(scores, dtype=torch.float64)
    start = Fields(init)
    if start.kind != "DummyClassifier" or start.text("strategy", "prior") != "prior":
        raise fields.refuse(f"starts from a {start.kind}")
    eps = float(np.finfo(np.float64).eps)
    share = start.tensor("class_prior_", 1).clamp(eps, 1 - eps)
    fields.same("init_", share.shape, (max(2, scores),))
    if scores == 1:
        return (share[1:] / (1 - share[1:])).log()
    return share.log() - share.log().mean()


@classifier("HistGradientBoostingClassifier")
def histogram_boosting(fields: Fields) -> nn.Module:
    """scikit-learn's newer boosting; its thresholds are kept in the inputs' own units."""
    classes, features = len(fields.classes()), width(fields)
    scores = 1 if classes == 2 else classes
    if fields.has("is_categorical_") or fields.has("_preprocessor"):
        raise fields.refuse("has categorical features")
    rounds = fields.get("_predictors") or []
    members = limited([Fields(entry) for one in rounds for entry in one])
    if not members or any(len(one) != scores for one in rounds):
        raise fields.wrong("_predictors", "has another number of trees a round")
    trees = [checked(_histogram(member), features, fields) for member in members]
    start = fields.tensor("_baseline_prediction").reshape(-1)
    fields.same("_baseline_prediction", start.shape, (scores,))
    return SumOfTrees(Forest(trees, single=False), start, 1.0)


def _histogram(fields: Fields) -> Tree:
    nodes: Array = as_array(fields.get("nodes"))
    wanted = ("value", "left", "right", "feature_idx", "num_threshold", "is_leaf")
    if nodes.dtype.names is None or not set(wanted) <= set(nodes.dtype.names):
        raise fields.wrong("nodes", "has other columns than known")
    leaf = nodes["is_leaf"].astype(bool)
    if "is_categorical" in nodes.dtype.names and nodes["is_categorical"][~leaf].any():
        raise fields.refuse("has categorical splits")
    left = np.where(leaf, -1, nodes["left"].astype(np.int64))
    right = np.where(leaf, -1, nodes["right"].astype(np.int64))
    values = double(nodes["value"]).numpy()[:, None]
    return Tree(left, right, nodes["feature_idx"], nodes["num_threshold"], values)
