"""Nearest neighbours: the votes of the closest training inputs.

Limits: Euclidean, Manhattan and Minkowski distances; without gradients. Ties at the last neighbour
may be broken otherwise than by scikit-learn's trees.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.intake.estimators.family import classifier
from auditor.intake.estimators.fields import Fields, double
from auditor.intake.estimators.values import Instance, as_array, is_array

TINY = 1e-30
_POWERS = {"euclidean": 2.0, "l2": 2.0, "manhattan": 1.0, "l1": 1.0, "cityblock": 1.0}


class NeighbourVotes(nn.Module):
    """Logarithm of the neighbours' share of votes.

    Args:
        inputs: ``(m, d)``, ``labels``: one-hot ``(m, k)``.
        count: neighbours that vote.
        power: of the Minkowski distance.
        weighted: votes count by inverse distance.
    """

    def __init__(
        self, inputs: Tensor, labels: Tensor, count: int, power: float, weighted: bool
    ) -> None:
        super().__init__()
        self.inputs = nn.Parameter(inputs)
        self.labels = nn.Parameter(labels)
        self.count, self.power, self.weighted = count, power, weighted

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to logarithms of shares ``(n, k)``."""
        exact = "donot_use_mm_for_euclid_dist"
        far = torch.cdist(x, self.inputs, self.power, compute_mode=exact)
        distance, index = far.topk(self.count, largest=False)
        weight = torch.ones_like(distance)
        if self.weighted:
            same = distance == 0
            weight = torch.where(same.any(1, keepdim=True), same.to(distance), 1 / distance)
        votes = (weight[:, :, None] * self.labels[index]).sum(1)
        return (votes / votes.sum(1, keepdim=True)).clamp_min(TINY).log()


@classifier("KNeighborsClassifier")
def neighbours(fields: Fields) -> nn.Module:
    """Training inputs and labels as they lie in the file."""
    metric = fields.text("effective_metric_", fields.text("metric", "minkowski"))
    power = _POWERS.get(metric, fields.number("p", 2) if metric == "minkowski" else 0.0)
    weights = fields.text("weights", "uniform")
    if power < 1 or weights not in ("uniform", "distance"):
        raise fields.refuse(f"has the metric {metric!r} or weights {weights!r}")
    inputs = fields.tensor("_fit_X", 2)
    classes, labels = len(fields.classes()), fields.array("_y", 1)
    fields.same("_y", labels.shape, inputs.shape[:1])
    count = int(fields.number("n_neighbors", 5))
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise fields.wrong("_y", "has labels outside classes_")
    if not 1 <= count <= len(inputs):
        raise fields.wrong("n_neighbors", f"is {count} of {len(inputs)} inputs")
    _same_tree(fields, inputs)
    onehot = torch.nn.functional.one_hot(torch.tensor(labels.tolist()), classes).double()
    return NeighbourVotes(inputs, onehot, count, power, weights == "distance")


def _same_tree(fields: Fields, inputs: Tensor) -> None:
    """The tree by which scikit-learn finds neighbours holds the same inputs, each once.

    Limits: bounds of its nodes are not computed again.

    Raises:
        DeliveryError: it holds others.
    """
    tree = fields.get("_tree")
    if tree is None:
        return
    state = tree.state if isinstance(tree, Instance) else None
    if not isinstance(state, tuple) or len(state) < 2 or not all(map(is_array, state[:2])):
        raise fields.wrong("_tree", "is no tree of neighbours")
    held, order = as_array(state[0]), as_array(state[1])
    if held.dtype.kind != "f" or not torch.equal(double(held), inputs):
        raise fields.wrong("_tree", "holds other inputs than _fit_X")
    if sorted(order.reshape(-1).tolist()) != list(range(len(inputs))):
        raise fields.wrong("_tree", "does not name every input once")
