"""Learned attributes that contradict each other are named; honest ones of every kind are not."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn import ensemble, naive_bayes, neural_network, preprocessing, svm, tree
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import all_estimators
from sklearn.utils._param_validation import Interval

from auditor.intake.inert.estimator_methods import METHODS, hides
from auditor.intake.inert.estimator_names import CLASSIFIERS, TRANSFORMERS
from auditor.intake.inert.estimator_settings import RANGES
from auditor.intake.inert.files import read_part

pytestmark = pytest.mark.filterwarnings("ignore")
RNG = np.random.default_rng(3)
X, Y = RNG.random((90, 4)), np.arange(90) % 3
GAPS = np.where(RNG.random(X.shape) < 0.1, np.nan, X)
LOOSE = {"tol", "coef0", "power_t", "binarize"}
"""Settings that older versions took with any sign."""


def told(made: Any, folder: Path) -> list[str]:
    body = io.BytesIO()
    joblib.dump(made, body)
    (folder / "m.joblib").write_bytes(body.getvalue())
    return [problem.message for problem in read_part(folder, "m.joblib")[0].problems]


def _classes() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = CLASSIFIERS | TRANSFORMERS
        return {name: kind for name, kind in all_estimators() if name in known}


HONEST: dict[str, Callable[[], Any]] = {
    "pruned": lambda: tree.DecisionTreeClassifier(ccp_alpha=0.01).fit(X, Y),
    "best_first": lambda: tree.DecisionTreeClassifier(max_leaf_nodes=5).fit(X, Y),
    "stump": lambda: tree.DecisionTreeClassifier(min_samples_leaf=80).fit(X, Y),
    "gaps": lambda: tree.DecisionTreeClassifier().fit(GAPS, Y),
    "weighted": lambda: ensemble.RandomForestClassifier(3).fit(X, Y, RNG.random(90).round()),
    "exponential": lambda: ensemble.GradientBoostingClassifier(
        n_estimators=3, loss="exponential"
    ).fit(X, Y > 0),
    "stopped": lambda: ensemble.GradientBoostingClassifier(
        n_estimators=30, n_iter_no_change=1, init="zero"
    ).fit(X, Y),
    "histogram": lambda: ensemble.HistGradientBoostingClassifier(max_iter=2).fit(GAPS, Y),
    "shares_of_the_user": lambda: naive_bayes.MultinomialNB(class_prior=[1, 1, 1]).fit(X, Y),
    "one_of_two": lambda: neural_network.MLPClassifier((3,), max_iter=2).fit(X, Y > 0),
    "constant_column": lambda: make_pipeline(
        preprocessing.MinMaxScaler((-1, 1)),
        preprocessing.StandardScaler(),
        preprocessing.MaxAbsScaler(),
        LogisticRegression(),
    ).fit(np.c_[X, np.full(90, 7e5), np.zeros(90)], Y),
    "tables": lambda: (
        make_pipeline(preprocessing.MinMaxScaler(), svm.SVC())
        .set_output(transform="pandas")
        .fit(X * 1e-7, Y)
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_estimator_agrees_with_itself(name: str, tmp_path: Path) -> None:
    assert told(HONEST[name](), tmp_path) == []


def _changed(made: Any, **values: Any) -> Any:
    made.__dict__.update(values)
    return made


def _nodes(change: Callable[[Any], None]) -> Any:
    made = tree.DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y)
    state = made.tree_.__getstate__()
    change(state)
    made.tree_.__setstate__(state)
    return made


def _histogram(field: str) -> Any:
    made = ensemble.HistGradientBoostingClassifier(max_iter=1).fit(X, Y)
    made._predictors[0][0].nodes[field][1] += 1
    return made


LIARS: dict[str, tuple[Callable[[], Any], str]] = {
    "samples": (
        lambda: _nodes(lambda s: s["nodes"]["n_node_samples"].__setitem__(1, 9)), "not hold",
    ),
    "depth": (lambda: _nodes(lambda s: s.update(max_depth=2)), "depth of 2 in place of 3"),
    "parents": (
        lambda: _nodes(lambda s: s["nodes"]["left_child"].__setitem__(0, 2)), "two parents",
    ),
    "histogram_counts": (lambda: _histogram("count"), "samples of its children"),
    "histogram_depths": (lambda: _histogram("depth"), "another depth"),
    "members": (
        lambda: _changed(ensemble.RandomForestClassifier(2).fit(X, Y), n_estimators=3),
        "2 members in place of 3",
    ),
    "range": (
        lambda: make_pipeline(
            _changed(preprocessing.MinMaxScaler().fit(X), scale_=np.array([9.0, 1, 1, 1])),
            LogisticRegression().fit(X, Y),
        ),
        "does not follow",
    ),
    "start": (
        lambda: make_pipeline(
            _changed(preprocessing.MinMaxScaler().fit(X), min_=np.full(4, -0.9)),
            LogisticRegression().fit(X, Y),
        ),
        "min_ does not follow",
    ),
    "spread": (
        lambda: make_pipeline(
            _changed(preprocessing.StandardScaler().fit(X), var_=np.full(4, 9.0)),
            LogisticRegression().fit(X, Y),
        ),
        "root of its var_",
    ),
    "largest": (
        lambda: make_pipeline(
            _changed(preprocessing.MaxAbsScaler().fit(X), max_abs_=np.full(4, 9.0)),
            LogisticRegression().fit(X, Y),
        ),
        "max_abs_",
    ),
    "shares": (
        lambda: _changed(naive_bayes.GaussianNB().fit(X, Y), class_prior_=np.full(3, 0.5)),
        "class_prior_ does not add up",
    ),
    "shares_of_features": (
        lambda: _changed(
            naive_bayes.MultinomialNB().fit(X, Y), feature_log_prob_=np.full((3, 4), -9.0)
        ),
        "feature_log_prob_ does not add up",
    ),
    "range_of_a_setting": (
        lambda: _changed(ensemble.RandomForestClassifier(2).fit(X, Y), max_depth=-3),
        "outside the range",
    ),
    "rounds": (
        lambda: _changed(
            ensemble.HistGradientBoostingClassifier(max_iter=3).fit(X, Y), max_iter=1
        ),
        "3 rounds, 1 are allowed",
    ),
    "activation": (
        lambda: _changed(
            neural_network.MLPClassifier((3,), max_iter=2).fit(X, Y), out_activation_="relu"
        ),
        "out_activation_",
    ),
    "page": (
        lambda: _changed(LogisticRegression().fit(X, Y), _ipython_display_="x"), "hides the method",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIARS)
def test_an_estimator_that_contradicts_itself_is_named(name: str, tmp_path: Path) -> None:
    make, said = LIARS[name]
    found = told(make(), tmp_path)
    assert any(said in message for message in found), found


def test_the_ranges_are_those_of_the_constructors() -> None:
    bounds: dict[str, tuple[float, float]] = {}
    for kind in _classes().values():
        for name, rules in kind._parameter_constraints.items():
            for rule in rules if isinstance(rules, list) else ():
                if isinstance(rule, Interval):
                    low = -np.inf if rule.left is None else float(rule.left)
                    high = np.inf if rule.right is None else float(rule.right)
                    old = bounds.get(name, (low, high))
                    bounds[name] = min(low, old[0]), max(high, old[1])
    assert {name: bounds[name] for name in bounds if name not in LOOSE} == RANGES


def test_no_method_of_an_estimator_can_be_hidden() -> None:
    methods = {
        name
        for kind in [*_classes().values(), BaseEstimator]
        for name in dir(kind)
        if not name.startswith("__") and callable(getattr(kind, name, None))
    }
    assert methods - METHODS == set()
    assert hides("_repr_png_")
    assert not hides("coef_")
