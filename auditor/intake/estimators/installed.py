"""Whether the installed scikit-learn answers as the rebuilt module does, from the same values.

Purpose: a file of another version may mean something else by the same names, and that shows in the
answers. An object of the installed class is made without its constructor and given the numbers,
texts and arrays of the file; nothing is unpickled.
Limits: families whose prediction is arithmetic of numpy on such values. Trees, neighbours, support
vectors with kernels and whatever is made of several estimators are not compared, because their
compiled code believes what it is given.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import nn

from auditor.intake.estimators.estimator import Estimator
from auditor.intake.words import words

ROWS, VALUES = 256, 1_000_000
NEAR = 1e-6
"""Scores so close that rounding decides, relative to the largest."""
HOMES = {
    **dict.fromkeys(words("""LogisticRegression LogisticRegressionCV Perceptron
    PassiveAggressiveClassifier SGDClassifier"""), "sklearn.linear_model"),
    "LinearSVC": "sklearn.svm",
    "LinearDiscriminantAnalysis": "sklearn.discriminant_analysis",
    **dict.fromkeys(words("GaussianNB MultinomialNB BernoulliNB"), "sklearn.naive_bayes"),
}  # fmt: skip
PLAIN = (str, bool, int, float, np.ndarray, np.generic, type(None))


def compared(estimator: Estimator, network: nn.Module) -> str:
    """One clause about the answers to random inputs, for the note on another version.

    Args:
        network: as ``estimator.network()`` gives it.
    """
    kind = estimator.fields.kind
    if kind not in HOMES:
        return "its answers were not compared with the installed one's"
    try:
        other, count = _differing(estimator, network, HOMES[kind])
    except Exception as error:  # whatever stops it, it could not be compared
        return f"the installed one cannot answer from its values ({type(error).__name__})"
    if other:
        return f"the installed one answers {other} of {count} random inputs otherwise"
    return f"the installed one gives the same answers to {count} random inputs"


def _differing(estimator: Estimator, network: nn.Module, home: str) -> tuple[int, int]:
    """How many of how many inputs get another class."""
    count = max(1, min(ROWS, VALUES // estimator.features))
    generator = np.random.default_rng(0)
    x = generator.normal(size=(count, estimator.features)) * 10.0 ** (np.arange(count) % 3)[:, None]
    own = _made(getattr(import_module(home), estimator.fields.kind), estimator.fields.state)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = own.predict(x).tolist()
    labels = own.classes_.tolist()
    with torch.no_grad():
        scores = network(torch.from_numpy(x))
    best = scores.topk(2, 1).values
    clear = (best[:, 0] - best[:, 1] > NEAR * best.abs().amax(1)).tolist()
    ours = [labels[place] for place in scores.argmax(1).tolist()]
    return sum(a != b and c for a, b, c in zip(ours, theirs, clear, strict=True)), count


def _made(kind: type[Any], state: dict[Any, Any]) -> Any:
    """An object of an installed class with the plain values of a file."""
    made: Any = object.__new__(kind)
    vars(made).update(
        (name, value) for name, value in state.items()
        if isinstance(name, str) and isinstance(value, PLAIN) and name != "_sklearn_version"
    )  # fmt: skip
    return made
