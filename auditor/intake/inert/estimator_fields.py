"""Fields of a described estimator: each is of the kind that scikit-learn writes there.

Purpose: weights are numbers in one or two dimensions, names of kernels and metrics are known ones,
classes are texts that show what they are, and what is kept as a text says no program.
Limits: fields that no list names are left to the builder of the audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.core import hygiene
from auditor.intake.inert import json_words, settings, stowed
from auditor.intake.inert.log import shown
from auditor.intake.inert.values import Array, Made, Pairs
from auditor.intake.words import words

_WEIGHTS = words(
    "coef_ intercept_ dual_coef_ _dual_coef_ mean_ scale_ var_ theta_ components_ _fit_X"
)
_FLAT = 2
MOST_TEXTS = 1000
"""Entries of one dictionary whose texts are looked at."""
_NAMED = {
    "kernel": words("linear poly rbf sigmoid precomputed"),
    "effective_metric_": words(
        "euclidean manhattan chebyshev minkowski cosine l1 l2 cityblock hamming canberra braycurtis"
        " jaccard sqeuclidean seuclidean haversine"
    ),
    "algorithm": words(
        "auto ball_tree kd_tree brute SAMME SAMME.R svd covariance_eigh arpack randomized lloyd"
        " elkan full"
    ),
    "solver": words(
        "lbfgs liblinear newton-cg newton-cholesky sag saga adam sgd svd eigen lsqr auto cholesky"
        " sparse_cg"
    ),
    "criterion": words(
        "gini entropy log_loss friedman_mse squared_error absolute_error poisson mse mae"
    ),
    "voting": words("hard soft"),
}  # fmt: skip
_PLACEHOLDERS = ("deprecated", "warn")
"""What scikit-learn writes for a setting that nobody gave."""
_METRIC_ARGUMENTS = words("p w V VI")
_PARTS = {"tree_": "Tree", "_tree": ""}
_VERSION = "_sklearn_version"
_IS_VERSION = re.compile(r"\d+(\.\d+){1,3}([.a-z+]\w{0,12}){0,3}")


def look(value: Made) -> Iterator[str]:
    """What in the state of one object is not of its kind."""
    assert isinstance(value.state, Pairs)
    keys = {key for key, _ in value.state.items if isinstance(key, str)}
    if value.name.startswith("sklearn.") and "n_features_in_" in keys and _VERSION not in keys:
        yield "it does not say which version of scikit-learn wrote it"
    for key, entry in value.state.items:
        if isinstance(key, str):
            yield from _field(key, entry)
            yield from _text(key, entry)


def _field(key: str, entry: object) -> Iterator[str]:
    if key in _WEIGHTS and isinstance(entry, Array) and entry.dtype is not None:
        if entry.dtype.code[:1] not in ("f", "i", "u") and not entry.dtype.objects:
            yield f"{key} holds no numbers"
        if len(entry.shape) > _FLAT:
            yield f"{key} has {len(entry.shape)} dimensions"
    if key in _NAMED and isinstance(entry, str) and entry not in (*_NAMED[key], *_PLACEHOLDERS):
        yield f"its {key} is {shown(entry, 40)!r}"
    if key == "effective_metric_params_" and isinstance(entry, Pairs):
        strange = [str(k) for k, _ in entry.items if k not in _METRIC_ARGUMENTS]
        if strange:
            yield f"its metric is given {shown(strange[0], 40)!r}"
    if key == "tree_" and not (isinstance(entry, Made) and entry.name.endswith(".Tree")):
        yield "its tree is none"
    if key in _NAMES and isinstance(entry, Array) and entry.dtype is not None:
        yield from _names(key, entry)


_NAMES = ("classes_", "feature_names_in_")


def _names(key: str, entry: Array) -> Iterator[str]:
    """Names that a page or a program would run, or that turn the line."""
    told: list[object] = list(entry.objects) if isinstance(entry.objects, list | tuple) else []
    if entry.dtype is not None and entry.dtype.code[:1] == "U":
        order = "be" if entry.dtype.order == ">" else "le"
        told.append(bytes(entry.data).decode(f"utf-32-{order}", "replace").replace("\0", " "))
    for text in told:
        if isinstance(text, str) and any(
            form.search(text) for form in (settings.ACTIVE, json_words.HIDDEN, json_words.CODE)
        ):
            yield f"{key} has the name {shown(text.strip(), 60)!r}"


def _text(key: str, entry: object) -> Iterator[str]:
    """Texts of an estimator are names of settings."""
    if isinstance(entry, Pairs):
        for inner, value in entry.items[:MOST_TEXTS]:
            yield from _text(f"{key} {inner}", value)
    if not isinstance(entry, str):
        return
    if key == _VERSION and not _IS_VERSION.fullmatch(entry):
        yield f"its version is {shown(entry, 40)!r}"
    if (
        hygiene.of_path(key)
        or stowed.in_text(entry)
        or any(form.search(entry) for form in (settings.ACTIVE, json_words.CODE))
    ):
        yield f"the attribute {shown(key, 60)} says {shown(entry, 60)!r}"
