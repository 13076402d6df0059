"""A plan commits: every part of it moves its digest, and a trial's key names its work."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.core.plan import Plan, Policy, Skip, Trial, differences
from auditor.core.spec import InputSpec

TRIAL = Trial(probe="perf.repeat", params={"inputs": 200}, seed=3, budget_s=10.0)
PLAN = Plan(
    profile="quick", seed=0, budget_s=None, catalogue="tac",
    policy=Policy(name="baseline", parameters={"alpha": 0.05}, sha256="ab" * 32),
    delivery_sha256="cd" * 32, clean_sha256="ef" * 32,
    spec=InputSpec(kind="image", shape=(1, 8, 8), classes=10), trials=(TRIAL,),
)  # fmt: skip
CHANGES: list[dict[str, Any]] = [
    {"profile": "deep"}, {"seed": 1}, {"budget_s": 60.0}, {"catalogue": "own"},
    {"delivery_sha256": "00" * 32}, {"clean_sha256": "00" * 32}, {"declared": {"accuracy": 0.9}},
    {"policy": PLAN.policy.model_copy(update={"parameters": {"alpha": 0.01}})},
    {"spec": PLAN.spec.model_copy(update={"high": (255.0,)})},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_everything_asked_for_is_in_both_digests(change: dict[str, Any]) -> None:
    other = PLAN.model_copy(update=change)
    assert other.sha256 != PLAN.sha256
    assert other.order != PLAN.order


@pytest.mark.parametrize(
    "change",
    [{"trials": ()}, {"skips": (Skip(probe="a.b", reason="no"),)}],
    ids=["trials", "skips"],
)
def test_measured_speed_changes_the_plan_but_not_the_order(change: dict[str, Any]) -> None:
    other = PLAN.model_copy(update=change)
    assert other.sha256 != PLAN.sha256
    assert other.order == PLAN.order


def test_a_plan_survives_json() -> None:
    again = Plan.model_validate_json(PLAN.model_dump_json())
    assert again == PLAN
    assert again.sha256 == PLAN.sha256


@given(st.floats(0.1, 1e6))
def test_the_time_limit_is_not_in_the_key(budget_s: float) -> None:
    assert TRIAL.model_copy(update={"budget_s": budget_s}).key == TRIAL.key


@pytest.mark.parametrize("change", [{"seed": 4}, {"params": {"inputs": 201}}, {"probe": "a.b"}])
def test_the_work_is_in_the_key(change: dict[str, Any]) -> None:
    assert TRIAL.model_copy(update=change).key != TRIAL.key


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_everything_asked_for_otherwise_is_named(change: dict[str, Any]) -> None:
    assert differences(PLAN, PLAN) == []
    (named,) = differences(PLAN, PLAN.model_copy(update=change))
    assert " was " in named
    assert " and now is " in named


def test_effort_is_compared_unless_it_was_scaled_to_a_time() -> None:
    harder = TRIAL.model_copy(update={"params": {"inputs": 100}, "budget_s": 5.0})
    other = PLAN.model_copy(update={"trials": (harder,)})
    assert differences(PLAN, other) == [
        "trial perf.repeat was {'inputs': 200} and now is {'inputs': 100}"
    ]
    timed = PLAN.model_copy(update={"budget_s": 60.0})
    assert differences(timed, timed.model_copy(update={"trials": (harder,)})) == []
    assert differences(timed, timed.model_copy(update={"trials": ()})) != []
