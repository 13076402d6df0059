"""Numbers of a described estimator that would lead scikit-learn's own compiled code astray.

Purpose: children of a tree that lie outside it or lead back, features that are not there, counts
that disagree with the arrays behind them, methods hidden by attributes, and stowaways.
Limits: what scikit-learn would do with them is not tried; the audit rebuilds the estimator and
checks every field again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.intake.inert import estimator_fields
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.stowed import in_numbers
from auditor.intake.inert.values import Array, Made, Pairs
from auditor.intake.inert.walk import leaves
from auditor.intake.words import words

MOST = 1 << 20
LONG = 256
_METHODS = words(
    """fit predict predict_proba predict_log_proba decision_function transform inverse_transform
    fit_transform fit_predict score get_params set_params partial_fit apply decision_path
    kneighbors predict_joint_log_proba"""
)
_COLUMNS = ("left_child", "right_child", "feature", "threshold")
_BINNED = ("left", "right", "feature_idx", "num_threshold", "is_leaf")
"""The same of trees on histograms, which mark their leaves."""


def look(root: object, log: Log) -> None:
    """Every object of scikit-learn in a described estimator."""
    for name, value in leaves(root):
        if isinstance(value, Made) and isinstance(value.state, Pairs):
            for what in (
                *_attributes(value.state), *_tree(value), *_counts(value), *_numbers(value.state),
                *_settings(value), *estimator_fields.look(value),
            ):  # fmt: skip
                full = f"{value.name.rpartition('.')[2]}: {what}"
                log.add("suspicious", "estimator.numbers", full, None, f"{name} {what}"[:200])


def _attributes(state: Pairs) -> Iterator[str]:
    for key, entry in state.items:
        if isinstance(key, str) and key in _METHODS:
            yield f"the attribute {key} hides the method of that name"
        if isinstance(entry, bytes) and (len(entry) > LONG or in_numbers([*entry[:64]])):
            yield f"the attribute {shown(key, 60)} holds {len(entry)} bytes"


def _numbers(state: Pairs) -> Iterator[str]:
    """Classes told twice, spreads that are none, and widths that disagree."""
    classes = state.get("classes_")
    if isinstance(classes, Array) and not classes.objects and len(classes.shape) == 1:
        size = len(classes.data) // max(1, classes.shape[0])
        parts = {
            bytes(classes.data[at : at + size]) for at in range(0, len(classes.data), size or 1)
        }
        if classes.shape[0] and len(parts) != classes.shape[0]:
            yield "classes_ tells a class twice"
    features = _whole(state.get("n_features_in_"))
    for name in _WIDE:
        found = state.get(name)
        if not isinstance(found, Array) or found.dtype is None or found.dtype.code != "f8":
            continue
        if len(found.shape) == 1 and features is not None and found.shape[0] != features:
            yield f"{name} has {found.shape[0]} numbers for {features} features"
        numbers = np.frombuffer(found.data, f"{'>' if found.dtype.order == '>' else '<'}f8")
        if name in ("var_", "scale_") and bool(
            (numbers <= 0).any() if name == "scale_" else (numbers < 0).any()
        ):
            yield f"{name} has a spread that is none"


_WIDE = ("mean_", "scale_", "var_", "center_", "min_", "data_min_", "data_max_", "max_abs_")
_ACTIVATIONS = words("identity logistic tanh relu softmax")


def _settings(value: Made) -> Iterator[str]:
    """Settings with which scikit-learn writes files, starts threads or fails."""
    assert isinstance(value.state, Pairs)
    state = value.state
    if isinstance(state.get("memory"), str):
        yield f"it writes a cache to {shown(state.get('memory'), 80)!r}"
    jobs = _whole(state.get("n_jobs"))
    if jobs is not None and jobs > _JOBS:
        yield f"it starts {jobs} jobs"
    if not kind_of(value).startswith("MLP"):
        return
    for name in ("activation", "out_activation_"):
        told = state.get(name)
        if isinstance(told, str) and told not in _ACTIVATIONS:
            yield f"its {name} is {shown(told, 40)!r}"
    layers, weights = _whole(state.get("n_layers_")), state.get("coefs_")
    if layers is not None and isinstance(weights, list) and layers != len(weights) + 1:
        yield f"it counts {layers} layers, {len(weights) + 1} are there"


_JOBS = 1024


def kind_of(value: Made) -> str:
    """Name of a class without its module."""
    return value.name.rpartition(".")[2]


def _tree(value: Made) -> Iterator[str]:
    """Walks through a tree end in a leaf: children follow their parents."""
    assert isinstance(value.state, Pairs)
    nodes = value.state.get("nodes")
    if not isinstance(nodes, Array) or nodes.dtype is None or not nodes.dtype.fields:
        return
    known = {field[0] for field in nodes.dtype.fields}
    columns = [_column(nodes, name) for name in (_BINNED if "is_leaf" in known else _COLUMNS)]
    left, right, feature, threshold, *leaf = columns
    if left is None or right is None or feature is None or threshold is None:
        yield "its nodes cannot be read"
        return
    own = np.arange(len(left))
    inside = leaf[0] == 0 if leaf and leaf[0] is not None else left >= 0
    for child in (left.astype(np.int64), right.astype(np.int64)):
        if bool((child[inside] >= len(left)).any() or (child[inside] <= own[inside]).any()):
            yield "a child of its tree lies outside it or leads back"
    features = _whole(value.args[0]) if isinstance(value.args, tuple) and value.args else None
    if bool((feature[inside] < 0).any()) or (
        features is not None and bool((feature[inside] >= features).any())
    ):
        yield "its tree asks for a feature that is not there"
    if bool(np.isnan(threshold[inside]).any()):
        yield "its tree has a threshold that is no number"


def _steps(steps: object) -> Iterator[str]:
    """Steps of a pipeline have one name each."""
    if isinstance(steps, list):
        names = [step[0] for step in steps if isinstance(step, tuple) and step]
        if not all(isinstance(name, str) for name in names) or len({*map(str, names)}) != len(
            names
        ):
            yield "its steps do not have one name each"


def _column(nodes: Array, name: str) -> NDArray[Any] | None:
    assert nodes.dtype is not None
    found = next((f for f in nodes.dtype.fields if f[0] == name), None)
    if (
        found is None
        or len(nodes.shape) != 1
        or found[1].code not in ("i8", "i4", "f8", "f4", "u4", "u1")
    ):
        return None
    _, kind, offset = found
    if offset + kind.size > nodes.dtype.size or kind.order == ">":
        return None
    raw = np.frombuffer(nodes.data, np.uint8).reshape(nodes.shape[0], nodes.dtype.size)
    column = np.ascontiguousarray(raw[:, offset : offset + kind.size])
    return column.view(f"<{kind.code}").reshape(-1)


def _whole(value: object) -> int | None:
    """A whole number, also one of numpy's."""
    if isinstance(value, Array) and value.dtype is not None and not value.shape:
        return int.from_bytes(bytes(value.data), "little", signed=True)
    return value if type(value) is int else None


def _counts(value: Made) -> Iterator[str]:
    """Counts that the arrays behind them do not bear out."""
    assert isinstance(value.state, Pairs)
    state = value.state
    features = _whole(state.get("n_features_in_"))
    for name in ("coef_", "_fit_X", "support_vectors_", "theta_", "means_"):
        shape: tuple[int, ...] = getattr(state.get(name), "shape", ())
        if features is not None and len(shape) == 2 and shape[1] != features:
            yield f"{name} has {shape[1]} features, not {features}"
    neighbours, samples = _whole(state.get("n_neighbors")), _whole(state.get("n_samples_fit_"))
    if neighbours is not None and samples is not None and not 0 < neighbours <= samples:
        yield f"it asks for {neighbours} neighbours of {samples}"
    counts, vectors = state.get("_n_support"), state.get("support_")
    if isinstance(counts, Array) and counts.dtype is not None and counts.dtype.code == "i4":
        counted = int(np.frombuffer(counts.data, "<i4").sum())
        if isinstance(vectors, Array) and vectors.shape != (counted,):
            yield f"it counts {counted} support vectors, another number is there"
    told, outputs = _whole(state.get("n_classes_")), _whole(state.get("n_outputs_"))
    known = getattr(state.get("classes_"), "shape", (told,))
    if told is not None and known != (told,):
        yield f"it counts {told} classes, {known} are there"
    if told is not None and outputs not in (None, 1):
        yield f"it answers {outputs} questions"
    yield from _steps(state.get("steps"))
    members = state.get("estimators_")
    if isinstance(members, list) and (not members or len(members) > MOST):
        yield f"it is an ensemble of {len(members)}"
    coefficients, classes = state.get("coef_"), state.get("classes_")
    if (
        isinstance(coefficients, Array)
        and isinstance(classes, Array)
        and len(coefficients.shape) == 2
    ):
        rows, known = coefficients.shape[0], (classes.shape or (0,))[0]
        if value.name.endswith("LogisticRegression") and rows not in (known, known - 1):
            yield f"coef_ has {rows} rows for {known} classes"
