"""Whether a described object is an estimator that the auditor rebuilds itself.

Purpose: a pickle of scikit-learn that names only known classes, and whose estimator and steps all
have a builder, was understood; of every other the classes are named.
Limits: the numbers in it are looked at again when it is rebuilt, by the audit.
"""

from __future__ import annotations

from auditor.intake.inert import estimator_checks
from auditor.intake.inert.estimator_names import CLASSIFIERS, TRANSFORMERS
from auditor.intake.inert.log import Log
from auditor.intake.inert.machine import Machine
from auditor.intake.inert.values import Made, Pairs

DEEPEST = 8
_EMPTY: tuple[object, ...] = (None, "passthrough")
SEARCHES = ("GridSearchCV", "RandomizedSearchCV")


def judge(root: object, machine: Machine, log: Log) -> None:
    """Name the classes of scikit-learn in a pickle, unless the estimator is understood."""
    if machine.named and not machine.torch and understood(root):
        tell(root, log)
        estimator_checks.look(root, log)
        return
    for name, at in machine.named:
        what = f"the pickle makes {name}, whose code is not in the file"
        log.add("not_audited", "pickle.class", what, at, name)


def tell(root: object, log: Log) -> None:
    """Write down which estimator it is."""
    assert isinstance(root, Made)
    log.shared.architecture = f"scikit-learn {kind(root)}"
    version = root.state.get("_sklearn_version") if isinstance(root.state, Pairs) else None
    if isinstance(version, str):
        log.tell("scikit-learn", version)


def understood(value: object, known: frozenset[str] = CLASSIFIERS, depth: int = DEEPEST) -> bool:
    """True for an estimator that has a builder, with all its steps."""
    if not isinstance(value, Made) or kind(value) not in known or depth == 0:
        return False
    state = value.state if isinstance(value.state, Pairs) else Pairs()
    if kind(value) in SEARCHES:
        return understood(state.get("best_estimator_"), depth=depth - 1)
    return kind(value) != "Pipeline" or _steps(state.get("steps"), depth)


def _steps(steps: object, depth: int) -> bool:
    if not isinstance(steps, list) or not steps:
        return False
    if not all(isinstance(step, tuple) and len(step) == 2 for step in steps):
        return False
    *before, last = [step[1] for step in steps]
    plain = all(step in _EMPTY or understood(step, TRANSFORMERS, depth - 1) for step in before)
    return plain and understood(last, depth=depth - 1)


def kind(value: Made) -> str:
    """Name of a class of scikit-learn without its module; empty for others."""
    return value.name.rpartition(".")[2] if value.name.startswith("sklearn.") else ""
