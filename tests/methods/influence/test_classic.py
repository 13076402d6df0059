"""Closed-form influence against training again; bilevel gradients against differences."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import average_precision_score

from auditor.attacks.bilevel import Problem, accuracy_curve, flip_curve, poison, triggered_problem
from auditor.methods.influence.classic.boosting import boostin
from auditor.methods.influence.classic.linear import (
    Kind,
    fit,
    influence,
    poison_gradient,
    self_influence,
)


def table(n: int = 160) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Breast cancer, ten standardised columns, labels -1 and 1."""
    bunch = load_breast_cancer()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    x = bunch.data[order, :10]
    x = (x - x.mean(0)) / x.std(0)
    y = 2.0 * bunch.target[order] - 1
    return x[:n], y[:n], x[n:], y[n:]


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_influence_is_what_training_again_shows(kind: Kind) -> None:
    x, y, x_query, y_query = table()
    model = fit(x, y, kind, 1e-2)
    expected = []
    for i in range(0, 160, 4):
        keep = np.arange(160) != i
        again = fit(x[keep], y[keep], kind, 1e-2, model.theta)
        expected.append(again.losses(x_query, y_query) - model.losses(x_query, y_query))
    found = influence(model, x, y, x_query, y_query)[::4]
    assert np.corrcoef(np.ravel(found), np.ravel(expected))[0, 1] >= 0.95


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_wrong_labels_have_the_largest_self_influence(kind: Kind) -> None:
    x, y, _, _ = table(300)
    flipped = np.random.default_rng(1).permutation(300)[:15]
    y = y.copy()
    y[flipped] *= -1
    truth = np.isin(np.arange(300), flipped)
    score = self_influence(fit(x, y, kind, 1e-2), x, y)
    assert average_precision_score(truth, score) > (0.6 if kind == "logistic" else 0.4)


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_the_gradient_of_a_poison_point_agrees_with_differences(kind: Kind) -> None:
    x, y, outer, y_outer = table(60)
    y = y.copy()
    y[-1] *= -1

    def loss(point: np.ndarray) -> float:
        moved = np.vstack([x[:-1], point])
        return float(fit(moved, y, kind, 1e-2).losses(outer, y_outer).mean())

    found = poison_gradient(fit(x, y, kind, 1e-2), x, y, outer, y_outer)
    step = 1e-4 * np.eye(10)
    expected = [(loss(x[-1] + s) - loss(x[-1] - s)) / 2e-4 for s in step]
    assert np.allclose(found, expected, rtol=0.05, atol=2e-6)


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_bilevel_poison_costs_more_accuracy_than_flips(kind: Kind) -> None:
    x, y, rest, y_rest = table(100)
    problem = Problem(x, y, rest[:150], y_rest[:150], kind)
    shares = (0.0, 0.1)
    hard = accuracy_curve(problem, rest[150:], y_rest[150:], shares)
    blind = flip_curve(problem, rest[150:], y_rest[150:], shares)
    assert hard.lost[0] == 0
    assert hard.lost[-1] >= 0.03
    assert hard.lost[-1] > blind.lost[-1]


@pytest.mark.parametrize("kind", ["logistic", "svm"])
def test_the_backdoor_goal_reaches_its_label_and_leaves_accuracy(kind: Kind) -> None:
    x, y, rest, y_rest = table(150)

    def stamp(inputs: np.ndarray) -> np.ndarray:
        worn = inputs.copy()
        worn[:, -1] = 6.0
        return worn

    others = rest[y_rest == 1]
    problem = triggered_problem(x, y, others[:60], stamp, -1, kind)
    points, labels = poison(problem, 8, seed=0)
    clean = fit(x, y, kind, 1e-2)
    bad = fit(np.vstack([x, points]), np.r_[y, labels], kind, 1e-2)
    hit = [(m.predict(stamp(others[60:])) == -1).mean() for m in (clean, bad)]
    kept = [(m.predict(rest) == y_rest).mean() for m in (clean, bad)]
    assert hit[1] > hit[0] + 0.3
    assert kept[1] > kept[0] - 0.05


def test_boostin_ranks_flipped_labels_as_harmful() -> None:
    x, y, rest, y_rest = table(300)
    flipped = np.random.default_rng(2).permutation(300)[:15]
    given = (y > 0).astype(float)
    given[flipped] = 1 - given[flipped]
    model = GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=0).fit(x, given)
    scores = boostin(model, x, given, rest, (y_rest > 0).astype(float)).sum(1)
    truth = np.isin(np.arange(300), flipped)
    assert average_precision_score(truth, -scores) > 0.4
