"""Whether a described object is an estimator that the auditor rebuilds itself.

Purpose: a pickle of scikit-learn that names only known classes, and whose estimator and steps all
have a builder, was understood; of every other the classes are named.
The builder of the audit then rebuilds it; what it refuses was not understood. That needs torch.
Limits: what is larger than 64 MiB is not rebuilt here.
"""

from __future__ import annotations

from auditor.core.errors import DeliveryError
from auditor.intake.inert import estimator_checks
from auditor.intake.inert.estimator_names import CLASSIFIERS, TRANSFORMERS
from auditor.intake.inert.log import Log
from auditor.intake.inert.machine import Machine
from auditor.intake.inert.values import Array, Made, Pairs
from auditor.intake.inert.walk import leaves

DEEPEST = 8
LARGEST = 64 << 20
_EMPTY: tuple[object, ...] = (None, "passthrough")
SEARCHES = ("GridSearchCV", "RandomizedSearchCV")


def judge(root: object, machine: Machine, log: Log) -> None:
    """Name the classes of scikit-learn in a pickle, unless the estimator is understood."""
    if machine.named and not machine.torch and understood(root):
        tell(root, log)
        return
    for name, at in machine.named:
        what = f"the pickle makes {name}, whose code is not in the file"
        log.add("not_audited", "pickle.class", what, at, name)


def tell(root: object, log: Log) -> None:
    """Write down which estimator it is, and what is odd about its numbers."""
    assert isinstance(root, Made)
    estimator_checks.look(root, log)
    log.shared.architecture = f"scikit-learn {kind(root)}"
    version = root.state.get("_sklearn_version") if isinstance(root.state, Pairs) else None
    if isinstance(version, str):
        log.tell("scikit-learn", version)


def rebuilt(root: object, log: Log) -> None:
    """Say what the builder of the audit refuses: sizes, settings and members that disagree."""
    if not understood(root):
        return
    from auditor.intake.estimators.described import as_values
    from auditor.intake.estimators.estimator import describe

    held = sum(len(v.data) for _, v in leaves(root) if isinstance(v, Array))
    what = f"the estimator holds {held >> 20} MiB, which a scan does not rebuild"
    try:
        if held <= LARGEST:
            describe(as_values(root)).network()
            return
    except DeliveryError as error:
        what = error.message.rstrip(".")
    except Exception as error:  # whatever stops it, it was not understood
        what = f"the estimator cannot be rebuilt: {error!s:.80}"
    log.add("not_audited", "estimator.fields", what, None, "estimator")


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
