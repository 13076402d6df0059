"""What an estimator has learned agrees with itself: counts, scales, shares and names.

Purpose: scikit-learn keeps many facts twice, such as the range of the training data and the factor
that follows from it. A file in which they differ was changed after it was fitted.
Limits: who changes every copy is not noticed; slopes of single weights are looked at in networks
of neurons alone, where training starts from small ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from auditor.intake.inert.estimator_numbers import Numbers, numbers, whole
from auditor.intake.inert.values import Array, Made, Pairs

NEAR = 1e-3
"""Relative difference that single precision and other versions' rounding explain."""
STEEP = 1e3
"""A weight that training from small ones does not reach, and so many times that of most others."""


def look(value: Made) -> Iterator[str]:
    """What in one object contradicts the rest of it."""
    assert isinstance(value.state, Pairs)
    yield from _names(value.state)
    yield from _counts(value.state)
    yield from _KINDS.get(value.name.rpartition(".")[2], _nothing)(value.state)


def _nothing(state: Pairs) -> Iterator[str]:
    yield from ()


def _names(state: Pairs) -> Iterator[str]:
    told, features = state.get("feature_names_in_"), whole(state.get("n_features_in_"))
    if isinstance(told, Array) and features is not None and told.shape != (features,):
        yield f"feature_names_in_ has the shape {told.shape} for {features} features"


def _counts(state: Pairs) -> Iterator[str]:
    """Numbers of members and samples that a file tells besides them."""
    members, told = state.get("estimators_"), whole(state.get("n_estimators"))
    if isinstance(members, list) and told is not None and len(members) != told:
        yield f"it has {len(members)} members in place of {told}"
    held, samples = state.get("_fit_X"), whole(state.get("n_samples_fit_"))
    if isinstance(held, Array) and samples is not None and held.shape[:1] != (samples,):
        yield f"it tells of {samples} samples, {held.shape[:1]} are there"
    rounds, most = state.get("_predictors"), whole(state.get("max_iter"))
    if isinstance(rounds, list) and most is not None and len(rounds) > most:
        yield f"it has {len(rounds)} rounds, {most} are allowed"


def _close(found: object, expected: Numbers | None, or_one: float | None = None) -> bool:
    """Whether an array is what follows from others; True where one of them is not there."""
    told = numbers(found)
    if told is None or expected is None or told.shape != expected.shape:
        return True
    with np.errstate(all="ignore"):
        near = np.abs(told - expected) <= NEAR * np.maximum(np.abs(expected), np.abs(told)) + 1e-12
    return bool((near | (told == or_one)).all()) if or_one is not None else bool(near.all())


def _min_max(state: Pairs) -> Iterator[str]:
    """``scale_`` is the wanted range over that of the data, ``min_`` moves it to its start."""
    ends, scale = state.get("feature_range"), numbers(state.get("scale_"))
    low, high = numbers(state.get("data_min_")), numbers(state.get("data_max_"))
    if not (isinstance(ends, tuple) and len(ends) == 2) or scale is None or low is None:
        return
    if high is None or not all(isinstance(end, int | float) for end in ends):
        return
    if not low.shape == high.shape == scale.shape:
        yield "its ranges are of different lengths"
        return
    start, width = float(ends[0]), float(ends[1] - ends[0])
    with np.errstate(all="ignore"):
        if not _close(state.get("scale_"), width / (high - low), width):
            yield "its scale_ does not follow from the range of its data"
        moved = numbers(state.get("min_"))
        if moved is not None and moved.shape == low.shape:
            size = np.abs(low * scale) + abs(start) + 1e-12
            if not bool((np.abs(moved - (start - low * scale)) <= NEAR * size).all()):
                yield "its min_ does not follow from the range of its data"


def _standard(state: Pairs) -> Iterator[str]:
    spread = numbers(state.get("var_"))
    if spread is not None and not _close(state.get("scale_"), np.sqrt(np.abs(spread)), 1.0):
        yield "its scale_ is not the root of its var_"


def _largest(state: Pairs) -> Iterator[str]:
    if not _close(state.get("scale_"), numbers(state.get("max_abs_")), 1.0):
        yield "its scale_ is not its max_abs_"


def _bayes(state: Pairs) -> Iterator[str]:
    """Shares of the classes, and in counts those of the features, add up to one."""
    given = state.get("priors") if state.get("priors") is not None else state.get("class_prior")
    for name in ("class_prior_", "class_log_prior_"):
        shares = numbers(state.get(name))
        if shares is not None and given is None:
            with np.errstate(all="ignore"):
                total = (np.exp(shares) if "log" in name else shares).sum()
            if not abs(total - 1) <= NEAR:
                yield f"{name} does not add up to one"
    shares = numbers(state.get("feature_log_prob_"))
    if shares is not None and bool((shares > NEAR).any()):
        yield "feature_log_prob_ has a share above one"


def _counted_bayes(state: Pairs) -> Iterator[str]:
    yield from _bayes(state)
    shares = numbers(state.get("feature_log_prob_"))
    if shares is not None and shares.ndim == 2:
        with np.errstate(all="ignore"):
            total = np.exp(shares).sum(1)
        if not bool((np.abs(total - 1) <= NEAR).all()):
            yield "feature_log_prob_ does not add up to one"


def _network(state: Pairs) -> Iterator[str]:
    """The classes of the outputs are told twice, and weights were learned from small ones."""
    maker = state.get("_label_binarizer")
    inner = maker.state if isinstance(maker, Made) and isinstance(maker.state, Pairs) else Pairs()
    told, known = inner.get("classes_"), state.get("classes_")
    if isinstance(told, Array) and isinstance(known, Array) and not _same(told, known):
        yield "the maker of its labels has other classes"
    weights = state.get("coefs_")
    last, outputs = weights[-1:] if isinstance(weights, list) else [], state.get("n_outputs_")
    if last and isinstance(last[0], Array) and whole(outputs) not in (None, last[0].shape[-1]):
        yield f"it counts {whole(outputs)} outputs, {last[0].shape[-1]} are there"
    for number, entry in enumerate(weights if isinstance(weights, list) else ()):
        found = numbers(entry)
        if found is not None and found.size:
            most, usual = np.abs(found).max(), np.median(np.abs(found))
            if most >= STEEP * max(1.0, usual):
                yield f"layer {number} has a weight of {most:g}, the slope of a switch"


def _same(one: Array, other: Array) -> bool:
    if one.shape != other.shape or one.objects != other.objects:
        return False
    return bytes(one.data) == bytes(other.data)


_KINDS: dict[str, Callable[[Pairs], Iterator[str]]] = {
    "MinMaxScaler": _min_max, "StandardScaler": _standard, "MaxAbsScaler": _largest,
    "GaussianNB": _bayes, "BernoulliNB": _bayes, "MultinomialNB": _counted_bayes,
    "MLPClassifier": _network,
}  # fmt: skip
