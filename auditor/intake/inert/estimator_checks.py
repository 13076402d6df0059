"""Numbers of a described estimator that would lead scikit-learn's own compiled code astray.

Purpose: children of a tree that lie outside it or lead back, features that are not there, counts
that disagree with the arrays behind them, methods hidden by attributes, and stowaways.
Limits: what scikit-learn would do with them is not tried; the audit rebuilds the estimator and
checks every field again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from auditor.intake.inert import (
    estimator_agrees,
    estimator_fields,
    estimator_methods,
    estimator_settings,
    estimator_trees,
)
from auditor.intake.inert.estimator_numbers import whole
from auditor.intake.inert.log import Log, shown
from auditor.intake.inert.stowed import in_numbers
from auditor.intake.inert.values import Array, Made, Pairs
from auditor.intake.inert.walk import leaves
from auditor.intake.words import words

MOST = 1 << 20
LONG = 256


def look(root: object, log: Log) -> None:
    """Every object of scikit-learn in a described estimator."""
    for name, value in leaves(root):
        if isinstance(value, Made) and isinstance(value.state, Pairs):
            for what in (
                *_attributes(value.state), *estimator_trees.look(value), *_counts(value),
                *_numbers(value.state), *_settings(value), *estimator_fields.look(value),
                *estimator_settings.look(value), *estimator_agrees.look(value),
            ):  # fmt: skip
                full = f"{value.name.rpartition('.')[2]}: {what}"
                log.add("suspicious", "estimator.numbers", full, None, f"{name} {what}"[:200])


def _attributes(state: Pairs) -> Iterator[str]:
    for key, entry in state.items:
        if isinstance(key, str) and estimator_methods.hides(key):
            yield f"the attribute {key} hides the method of that name"
        if isinstance(entry, bytes) and (len(entry) > LONG or in_numbers([*entry[:64]])):
            yield f"the attribute {shown(key, 60)} holds {len(entry)} bytes"


def _ascend(classes: Array) -> bool:
    """Whether classes are sorted, as they are learned; those of other kinds pass."""
    kind = classes.dtype
    if kind is None or kind.code[:1] not in ("i", "u", "f"):
        return True
    numbers = np.frombuffer(classes.data, f"{'>' if kind.order == '>' else '<'}{kind.code}")
    return bool((np.diff(numbers.astype(np.float64)) >= 0).all())


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
        told = any(key == "classes" for key, _ in state.items)
        if not told and not _ascend(classes):
            yield "classes_ are not in the order that scikit-learn gives them"
    features = whole(state.get("n_features_in_"))
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
    jobs = whole(state.get("n_jobs"))
    if jobs is not None and jobs > _JOBS:
        yield f"it starts {jobs} jobs"
    if not kind_of(value).startswith("MLP"):
        return
    for name in ("activation", "out_activation_"):
        told = state.get(name)
        if isinstance(told, str) and told not in _ACTIVATIONS:
            yield f"its {name} is {shown(told, 40)!r}"
    layers, weights = whole(state.get("n_layers_")), state.get("coefs_")
    if layers is not None and isinstance(weights, list) and layers != len(weights) + 1:
        yield f"it counts {layers} layers, {len(weights) + 1} are there"


_JOBS = 1024


def kind_of(value: Made) -> str:
    """Name of a class without its module."""
    return value.name.rpartition(".")[2]


def _steps(steps: object) -> Iterator[str]:
    """Steps of a pipeline have one name each."""
    if isinstance(steps, list):
        names = [step[0] for step in steps if isinstance(step, tuple) and step]
        if not all(isinstance(name, str) for name in names) or len({*map(str, names)}) != len(
            names
        ):
            yield "its steps do not have one name each"


def _counts(value: Made) -> Iterator[str]:
    """Counts that the arrays behind them do not bear out."""
    assert isinstance(value.state, Pairs)
    state = value.state
    features = whole(state.get("n_features_in_"))
    for name in ("coef_", "_fit_X", "support_vectors_", "theta_", "means_"):
        shape: tuple[int, ...] = getattr(state.get(name), "shape", ())
        if features is not None and len(shape) == 2 and shape[1] != features:
            yield f"{name} has {shape[1]} features, not {features}"
    neighbours, samples = whole(state.get("n_neighbors")), whole(state.get("n_samples_fit_"))
    if neighbours is not None and samples is not None and not 0 < neighbours <= samples:
        yield f"it asks for {neighbours} neighbours of {samples}"
    counts, vectors = state.get("_n_support"), state.get("support_")
    if isinstance(counts, Array) and counts.dtype is not None and counts.dtype.code == "i4":
        counted = int(np.frombuffer(counts.data, "<i4").sum())
        if isinstance(vectors, Array) and vectors.shape != (counted,):
            yield f"it counts {counted} support vectors, another number is there"
    told, outputs = whole(state.get("n_classes_")), whole(state.get("n_outputs_"))
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
