"""Decision trees, forests and boosted trees, all walked at once; forward only.

Purpose: an input goes left where ``x[feature] <= threshold``. All trees of an ensemble lie in one
table of nodes, so that a step down is one gather for all of them.
Limits: no gradients, no categorical splits, no several outputs. scikit-learn rounds inputs to
single precision before it walks (not in histogram boosting); this is done here too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.intake.estimators.family import classifier
from auditor.intake.estimators.fields import Fields, double
from auditor.intake.estimators.values import Array, Instance, as_array

MOST_TREES = 20_000
MOST_NODES = 5_000_000
DEEPEST = 4096
TINY = 1e-30


@dataclass(frozen=True)
class Tree:
    """One tree as arrays over its nodes; leaves have ``left`` -1.

    ``values`` is ``(nodes, width)``.
    """

    left: Array
    right: Array
    feature: Array
    threshold: Array
    values: Array

    @property
    def depth(self) -> int:
        """Steps from the root to the deepest leaf, counted to no more than `DEEPEST` + 1."""
        level = np.zeros(1, np.int64)
        for steps in range(DEEPEST + 1):
            level = level[self.left[level] >= 0]
            if not level.size:
                return steps
            level = np.unique(np.concatenate([self.left[level], self.right[level]]))
        return DEEPEST + 1


class Forest(nn.Module):
    """Values of the leaves that an input falls into, one a tree.

    Args:
        trees: all of the same width.
        single: round inputs to single precision first.
    """

    left: Tensor
    right: Tensor
    feature: Tensor
    threshold: Tensor
    roots: Tensor

    def __init__(self, trees: list[Tree], single: bool = True) -> None:
        super().__init__()
        sizes = [len(tree.left) for tree in trees]
        starts = np.cumsum([0, *sizes[:-1]])
        self.depth = max(tree.depth for tree in trees)
        self.single = single
        own = np.concatenate([np.arange(size) + s for size, s in zip(sizes, starts, strict=True)])
        for name in ("left", "right"):
            moved = np.concatenate(
                [getattr(tree, name) + s for tree, s in zip(trees, starts, strict=True)]
            )
            leaf = np.concatenate([tree.left < 0 for tree in trees])
            self.register_buffer(name, torch.from_numpy(np.where(leaf, own, moved)))
        feature = np.concatenate([np.where(tree.left < 0, 0, tree.feature) for tree in trees])
        self.register_buffer("feature", torch.from_numpy(feature.astype(np.int64)))
        threshold = double(np.concatenate([tree.threshold for tree in trees]))
        self.register_buffer("threshold", threshold)
        self.register_buffer("roots", torch.from_numpy(starts.astype(np.int64)))
        self.values = nn.Parameter(double(np.concatenate([tree.values for tree in trees])))

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to ``(n, trees, width)``."""
        x = x.float().double() if self.single else x
        node = self.roots.expand(len(x), -1)
        for _ in range(self.depth):
            goes_left = x.gather(1, self.feature[node]) <= self.threshold[node]
            node = torch.where(goes_left, self.left[node], self.right[node])
        return self.values[node]


class MeanOfTrees(nn.Module):
    """Logarithm of the mean share that the leaves give each class."""

    def __init__(self, forest: Forest) -> None:
        super().__init__()
        self.forest = forest

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to logarithms of shares ``(n, k)``."""
        shares: Tensor = self.forest(x).mean(1)
        return shares.clamp_min(TINY).log()


def read_tree(fields: Fields, features: int) -> Tree:
    """The arrays of a fitted ``Tree``, checked so that no walk can leave them.

    Raises:
        DeliveryError: a child that does not follow its parent, or a feature that is not there.
    """
    inner = fields.get("tree_")
    state = inner.state if isinstance(inner, Instance) else None
    if not isinstance(state, dict) or "nodes" not in state or "values" not in state:
        raise fields.wrong("tree_", "is not a fitted tree")
    nodes, values = as_array(state["nodes"]), as_array(state["values"])
    if nodes.ndim != 1 or nodes.dtype.names is None or values.ndim != 3 or values.shape[1] != 1:
        raise fields.wrong("tree_", "has several outputs or damaged nodes")
    columns = ("left_child", "right_child", "feature", "threshold")
    if not set(columns) <= set(nodes.dtype.names) or len(values) != len(nodes):
        raise fields.wrong("tree_", "has damaged nodes")
    left, right, feature, threshold = (nodes[name] for name in columns)
    values = values[:, 0].astype(np.float64)
    return checked(Tree(left, right, feature, threshold, values), features, fields)


def checked(tree: Tree, features: int, fields: Fields) -> Tree:
    """The tree with whole children as int64, if every walk ends in a leaf.

    Raises:
        DeliveryError: it does not.
    """
    left, right = tree.left.astype(np.int64), tree.right.astype(np.int64)
    feature, inside = tree.feature.astype(np.int64), left >= 0
    own = np.arange(len(left))[inside]
    size = len(left)
    sound = (
        0 < size <= MOST_NODES
        and bool((left[inside] > own).all() and (right[inside] > own).all())
        and bool((left[inside] < size).all() and (right[inside] < size).all())
        and bool((feature[inside] >= 0).all() and (feature[inside] < features).all())
        and bool(np.isfinite(tree.values).all() and not np.isnan(tree.threshold[inside]).any())
    )
    if not sound:
        raise fields.wrong("tree_", "has nodes that lead nowhere")
    threshold = np.nan_to_num(tree.threshold.astype(np.float64))
    whole = Tree(left, right, feature, threshold, tree.values)
    if whole.depth > DEEPEST:
        raise fields.refuse(f"has a tree of more than {DEEPEST} levels")
    return whole


def width(fields: Fields) -> int:
    """Number of input features that the estimator declares."""
    name = "n_features_in_" if fields.has("n_features_in_") else "n_features_"
    return int(fields.number(name))


@classifier("DecisionTreeClassifier", "ExtraTreeClassifier")
def tree(fields: Fields) -> nn.Module:
    """One tree; leaves hold shares, or counts before scikit-learn 1.3."""
    return MeanOfTrees(Forest([_shares(fields, width(fields), len(fields.classes()))]))


@classifier("RandomForestClassifier", "ExtraTreesClassifier")
def forest(fields: Fields) -> nn.Module:
    """The mean of the trees' shares."""
    members = limited(fields.children("estimators_"))
    classes, features = len(fields.classes()), width(fields)
    return MeanOfTrees(Forest([_shares(member, features, classes) for member in members]))


def _shares(fields: Fields, features: int, classes: int) -> Tree:
    tree = read_tree(fields, features)
    fields.same("tree_", tree.values.shape[1:], (classes,))
    total = tree.values.sum(1, keepdims=True)
    if (tree.values < 0).any() or (total <= 0).any():
        raise fields.wrong("tree_", "has leaves without samples")
    return Tree(tree.left, tree.right, tree.feature, tree.threshold, tree.values / total)


def limited(members: list[Fields]) -> list[Fields]:
    """The trees of an ensemble, if they are not absurdly many.

    Raises:
        DeliveryError: more than 20,000.
    """
    if len(members) > MOST_TREES:
        raise DeliveryError(f"The ensemble has {len(members)} trees.", kind="unsupported")
    return members
