"""Estimators made of others: pipelines and finished searches."""

from __future__ import annotations

from torch import nn

from auditor.intake.estimators.family import TRANSFORMERS, build, classifier
from auditor.intake.estimators.fields import Fields

MOST_STEPS = 50
DEEPEST = 8


def unwrapped(fields: Fields) -> Fields:
    """The classifier at the end of pipelines and searches, which knows the classes.

    Raises:
        DeliveryError: nested absurdly deep, or a pipeline without steps.
    """
    for _ in range(DEEPEST):
        if fields.kind == "Pipeline":
            fields = Fields(_steps(fields)[-1])
        elif fields.kind in ("GridSearchCV", "RandomizedSearchCV"):
            fields = Fields(fields.get("best_estimator_"))
        else:
            return fields
    raise fields.refuse("is nested too deep")


def first_step(fields: Fields) -> Fields:
    """The step that sees the inputs, which knows the number of features."""
    for _ in range(DEEPEST):
        if fields.kind == "Pipeline":
            inner = [step for step in _steps(fields) if not _is_empty(step)]
            fields = Fields(inner[0] if inner else None)
        elif fields.kind in ("GridSearchCV", "RandomizedSearchCV"):
            fields = Fields(fields.get("best_estimator_"))
        else:
            break
    return fields


def _steps(fields: Fields) -> list[object]:
    steps = fields.get("steps")
    pairs = isinstance(steps, list) and all(
        isinstance(step, tuple | list) and len(step) == 2 for step in steps
    )
    if not pairs or not 0 < len(steps) <= MOST_STEPS:
        raise fields.wrong("steps", "is no list of named steps")
    return [step[1] for step in steps]


def _is_empty(step: object) -> bool:
    return step is None or step == "passthrough"


@classifier("Pipeline")
def pipeline(fields: Fields) -> nn.Module:
    """Transformers, then a classifier."""
    unwrapped(fields)
    if fields.get("transform_input"):
        raise fields.refuse("passes further inputs through its steps")
    *before, last = _steps(fields)
    modules = [build(Fields(step), TRANSFORMERS) for step in before if not _is_empty(step)]
    return nn.Sequential(*modules, build(Fields(last)))


@classifier("GridSearchCV", "RandomizedSearchCV")
def search(fields: Fields) -> nn.Module:
    """The estimator that won."""
    unwrapped(fields)
    return build(Fields(fields.get("best_estimator_")))
