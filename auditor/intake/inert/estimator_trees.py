"""Tables of nodes of a described tree: every walk ends in a leaf, and the counts add up.

Purpose: children follow their parent and have only one; a node holds the samples of its children;
the depth that the tree tells is that of its deepest leaf. scikit-learn's compiled walk believes all
of it.
Limits: which samples fell into a leaf is not in the file; thresholds and values are believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.intake.inert.estimator_numbers import column, whole
from auditor.intake.inert.values import Array, Made, Pairs

_COLUMNS = ("left_child", "right_child", "feature", "threshold")
_BINNED = ("left", "right", "feature_idx", "num_threshold", "is_leaf")
"""The same of trees on histograms, which mark their leaves."""
DEEPEST = 4096
"""The audit refuses deeper trees."""
Whole = NDArray[np.int64]


def look(value: Made) -> Iterator[str]:
    """What is wrong with the nodes of one object; nothing if it has none."""
    nodes = value.state.get("nodes") if isinstance(value.state, Pairs) else None
    if not isinstance(nodes, Array) or nodes.dtype is None or not nodes.dtype.fields:
        return
    known = {field[0] for field in nodes.dtype.fields}
    left, right, feature, threshold, *leaf = [
        column(nodes, name) for name in (_BINNED if "is_leaf" in known else _COLUMNS)
    ]
    if left is None or right is None or feature is None or threshold is None or not len(left):
        yield "its nodes cannot be read"
        return
    inside = leaf[0] == 0 if leaf and leaf[0] is not None else left >= 0
    features = whole(value.args[0]) if isinstance(value.args, tuple) and value.args else None
    yield from _questions(feature[inside], threshold[inside], features)
    children = (left.astype(np.int64)[inside], right.astype(np.int64)[inside])
    if said := _children(np.flatnonzero(inside), children, len(left)):
        yield said
        return
    yield from _counted(value, nodes, np.flatnonzero(inside), children)


def _questions(
    feature: NDArray[Any], threshold: NDArray[Any], features: int | None
) -> Iterator[str]:
    if bool((feature < 0).any()) or (features is not None and bool((feature >= features).any())):
        yield "its tree asks for a feature that is not there"
    if bool(np.isnan(threshold).any()):
        yield "its tree has a threshold that is no number"


def _children(parents: Whole, children: tuple[Whole, Whole], size: int) -> str:
    """Each node but the first is the child of one that stands before it."""
    for child in children:
        if bool((child >= size).any() or (child <= parents).any()):
            return "a child of its tree lies outside it or leads back"
    told = np.sort(np.concatenate(children))
    if not np.array_equal(told, np.arange(1, size)):
        return "a node of its tree has two parents or none"
    return ""


def _counted(
    value: Made, nodes: Array, parents: Whole, children: tuple[Whole, Whole]
) -> Iterator[str]:
    """Samples, depth and number of the nodes against the walk through them."""
    assert isinstance(value.state, Pairs)
    size = nodes.shape[0]
    for name in ("n_node_samples", "count"):
        held = column(nodes, name)
        if held is not None and not _add_up(held.astype(np.int64), parents, children):
            yield "a node of its tree does not hold the samples of its children"
    if whole(value.state.get("node_count")) not in (None, size):
        yield f"its tree counts {whole(value.state.get('node_count'))} nodes, {size} are there"
    told, depth = whole(value.state.get("max_depth")), _levels(size, parents, children)
    if told is not None and told != depth.max():
        yield f"its tree tells a depth of {told} in place of {depth.max()}"
    levels = column(nodes, "depth")
    if levels is not None and not np.array_equal(levels.astype(np.int64), depth):
        yield "a node of its tree tells another depth than its own"


def _add_up(held: Whole, parents: Whole, children: tuple[Whole, Whole]) -> bool:
    both = held[children[0]] + held[children[1]]
    return bool((held > 0).all()) and np.array_equal(held[parents], both)


def _levels(size: int, parents: Whole, children: tuple[Whole, Whole]) -> Whole:
    """Steps from the root to each node; those below `DEEPEST` levels stay at `DEEPEST`."""
    below = np.full((2, size), -1, np.int64)
    below[:, parents] = children
    depth, level = np.full(size, DEEPEST, np.int64), np.zeros(1, np.int64)
    for steps in range(DEEPEST):
        depth[level] = steps
        level = below[:, level].reshape(-1)
        level = level[level >= 0]
        if not level.size:
            break
    return depth
