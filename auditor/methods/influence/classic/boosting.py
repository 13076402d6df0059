"""BoostIn: influence in gradient-boosted trees with fixed structure.

Purpose: a training sample acts in every round through the leaf it falls into; a query that falls
into the same leaf feels it. Influence sums, over rounds, the query's loss gradient times the change
that the sample's gradient made to the shared leaf's value.
Source: BoostIn (Brophy, Hammoudeh & Lowd 2023), for two-class log loss.
Limits: the structure of the trees is taken as given; scikit-learn's ``GradientBoostingClassifier``
with one tree a round.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


def boostin(model: Any, x: Floats, y: Floats, x_query: Floats, y_query: Floats) -> Floats:
    """Influence ``(n, m)``: positive if a training sample lowers the query's loss.

    Args:
        model: a fitted two-class ``GradientBoostingClassifier``.
        x: training inputs ``(n, d)``.
        y: labels 0 or 1.
        x_query: queries ``(m, d)``.
        y_query: their labels.
    """
    total = np.zeros((len(x), len(x_query)))
    own, asked = _rounds(model, x), _rounds(model, x_query)
    leaves, leaves_asked = (model.apply(part).reshape(len(part), -1) for part in (x, x_query))
    for t in range(leaves.shape[1]):
        residual = y - expit(own[t])
        weight = expit(own[t]) * (1 - expit(own[t]))
        sums = np.bincount(leaves[:, t].astype(int), weight)
        pull = model.learning_rate * residual / np.maximum(sums[leaves[:, t].astype(int)], 1e-9)
        wish = y_query - expit(asked[t])
        total += (leaves[:, t][:, None] == leaves_asked[:, t]) * pull[:, None] * wish
    return total


def _rounds(model: Any, x: Floats) -> list[Floats]:
    """Raw scores before each round."""
    staged = [np.asarray(scores)[:, 0] for scores in model.staged_decision_function(x)]
    if staged[0].ndim != 1:
        raise ValueError("only two classes")
    first = staged[0] - model.learning_rate * model.estimators_[0, 0].predict(x)
    return [first, *staged[:-1]]
