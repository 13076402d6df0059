"""A scikit-learn model of another version is held against the installed one by its answers."""

from __future__ import annotations

import pickle  # noqa: TID251  the vendor's side
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.svm import LinearSVC

from auditor.intake.estimators.estimator import Estimator, describe
from auditor.intake.estimators.installed import ROWS, compared
from auditor.intake.estimators.reading import read_pickle
from auditor.intake.formats import estimator as estimator_format

RNG = np.random.default_rng(0)
Y = np.arange(60) % 3
X = np.abs(RNG.normal(size=(60, 5)) + Y[:, None])
SAME = f"the same answers to {ROWS} random inputs"


def reread(model: Any) -> Estimator:
    return describe(read_pickle(pickle.dumps(model), "model.pkl"))


def answered(model: Any) -> str:
    estimator = reread(model.fit(X, Y))
    return compared(estimator, estimator.network())


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(), SGDClassifier(random_state=0), LinearSVC(), GaussianNB(),
        BernoulliNB(binarize=1.0), MultinomialNB(),
    ],
)  # fmt: skip
def test_the_installed_one_answers_alike(model: Any) -> None:
    assert SAME in answered(model)


def test_texts_are_classes_too() -> None:
    estimator = reread(LogisticRegression().fit(X, np.array(["red", "green", "blue"])[Y]))
    assert SAME in compared(estimator, estimator.network())


def test_other_answers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = LogisticRegression.predict

    def otherwise(self: LogisticRegression, x: Any) -> Any:
        found = real(self, x)
        found[:7] = (found[:7] + 1) % 3
        return found

    monkeypatch.setattr(LogisticRegression, "predict", otherwise)
    assert f"answers 7 of {ROWS} random inputs otherwise" in answered(LogisticRegression())


def test_what_cannot_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: LogisticRegression, x: Any) -> Any:
        raise AttributeError("multi_class")

    monkeypatch.setattr(LogisticRegression, "predict", fails)
    assert "cannot answer from its values (AttributeError)" in answered(LogisticRegression())


def test_compiled_code_is_not_given_the_file() -> None:
    assert "not compared" in answered(RandomForestClassifier(2, random_state=0))


@pytest.mark.parametrize(
    ("version", "said"), [("0.9.9", "written by scikit-learn 0.9.9"), ("", "does not say which")]
)
def test_another_version_is_noted_with_its_answers(
    version: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimator = reread(LogisticRegression().fit(X, Y))
    network = estimator.network()
    assert estimator_format._notes(estimator, network) == ()
    other = Estimator(estimator.name, estimator.features, estimator.classes, version,
                      estimator.fields)  # fmt: skip
    (note,) = estimator_format._notes(other, network)
    assert said in note
    assert SAME in note
