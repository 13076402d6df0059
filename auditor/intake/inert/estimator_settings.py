"""Settings of a described estimator: each lies in the range that its constructor takes.

Purpose: scikit-learn holds them against these ranges when it fits, never when it predicts.
Limits: the widest range that any of the rebuilt classes takes; tolerances, offsets and thresholds
may have any sign.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from auditor.intake.inert.estimator_names import CLASSIFIERS, TRANSFORMERS
from auditor.intake.inert.estimator_numbers import numbers
from auditor.intake.inert.log import shown
from auditor.intake.inert.values import Made, Pairs
from auditor.intake.words import words

RANGES = {
    **dict.fromkeys(words(
        """C alpha alphas average cache_size ccp_alpha degree epsilon eta0 gamma intercept_scaling
        iterated_power l2_regularization learning_rate learning_rate_init max_features max_samples
        min_impurity_decrease min_samples_leaf min_samples_split n_components p validation_fraction
        var_smoothing"""), (0.0, np.inf)),
    **dict.fromkeys(words(
        """Cs batch_size hidden_layer_sizes leaf_size max_depth max_fun n_estimators n_iter
        n_iter_no_change n_neighbors n_oversamples"""), (1.0, np.inf)),
    **dict.fromkeys(words("beta_1 beta_2 l1_ratio momentum nu shrinkage subsample"), (0.0, 1.0)),
    "max_bins": (2.0, 255.0), "max_iter": (-1.0, np.inf), "max_leaf_nodes": (2.0, np.inf),
    "min_weight_fraction_leaf": (0.0, 0.5),
}  # fmt: skip
_OUTPUTS = words("default pandas polars")


def look(value: Made) -> Iterator[str]:
    """What no constructor would have taken; other classes call other things so."""
    state = value.state
    if value.name.rpartition(".")[2] not in CLASSIFIERS | TRANSFORMERS or not isinstance(
        state, Pairs
    ):
        return
    for key, entry in state.items:
        if isinstance(key, str) and key in RANGES and not _inside(entry, *RANGES[key]):
            yield f"its {key} is {shown(str(_plain(entry)), 40)}, outside the range that it takes"
    told = state.get("_sklearn_output_config")
    for _, entry in told.items if isinstance(told, Pairs) else ():
        if not isinstance(entry, str) or entry not in _OUTPUTS:
            yield f"its answers have the form {shown(str(entry), 40)!r}"


def _plain(value: object) -> object:
    """A setting as a number where it is one, else as it lies in the file."""
    found = numbers(value)
    return value if found is None else found.reshape(-1)[:4].tolist()


def _inside(value: object, low: float, high: float) -> bool:
    """True for what is no number, and for numbers that are all in the range."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return low <= value <= high
    found = numbers(value)
    return found is None or bool(((found >= low) & (found <= high)).all())
