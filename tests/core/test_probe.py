"""The base class owns the checks: only declared, finite measures, and an unchanged model."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch

from auditor.core import probe as core_probe
from auditor.core.errors import AuditorError
from auditor.core.finding import Result, Status
from auditor.core.plan import Trial
from auditor.core.probe import Context, OutOfTime, Probe, build, probe
from auditor.core.registry import Registry
from auditor.core.subject import CleanSet, Subject

Run = Callable[[Subject, CleanSet, Context], Result]


@dataclass(frozen=True)
class Scripted(Probe):
    """Runs what the test gives it."""

    id = "test.any"
    title = "Anything"
    measures: ClassVar[Mapping[str, str]] = {"value": "a number", "found": "a truth value"}

    action: Run = lambda subject, clean, context: Result({})

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        return self.action(subject, clean, context)


@dataclass(frozen=True)
class Sized(Scripted):
    """The same with a parameter that JSON can hold."""

    id = "test.sized"
    action: ClassVar[Run] = lambda subject, clean, context: Result({})  # type: ignore[misc]
    size: int = 3


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry[type[Probe]]:
    """A registry of its own, so that no test adds to the project's."""
    own: Registry[type[Probe]] = Registry("probe")
    monkeypatch.setattr(core_probe, "PROBES", own)
    return own


def examine(action: Run, subject: Subject, clean: CleanSet, **context: float) -> object:
    return Scripted(action).examine(subject, clean, Context(**context))[0]  # type: ignore[arg-type]


def test_measures_become_a_complete_finding(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    finding, _ = Scripted(lambda *_: Result({"value": 2.0, "found": True})).examine(
        digits_subject, digits_clean, Context(seed=9)
    )
    assert finding.status is Status.COMPLETE
    assert finding.seed == 9
    assert finding.measures["found"].unit == "bool"
    assert finding.measures["value"].value == 2.0


def test_undeclared_measures_are_refused(digits_subject: Subject, digits_clean: CleanSet) -> None:
    with pytest.raises(ValueError, match=r"undeclared measures: \['surprise'\]"):
        examine(lambda *_: Result({"surprise": 1.0}), digits_subject, digits_clean)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_measures_that_are_not_finite_are_refused(
    value: float, digits_subject: Subject, digits_clean: CleanSet
) -> None:
    with pytest.raises(ValueError, match="finite"):
        examine(lambda *_: Result({"value": value}), digits_subject, digits_clean)


def test_a_changed_weight_is_noticed(digits_subject: Subject, digits_clean: CleanSet) -> None:
    def action(subject: Subject, clean: CleanSet, context: Context) -> Result:
        with torch.no_grad():
            next(subject.network.parameters()).add_(0.01)
        return Result({})

    with pytest.raises(RuntimeError, match=r"changed 0\.weight of the model under audit"):
        examine(action, digits_subject.copy(), digits_clean)


def test_a_changed_statistic_is_noticed(digits_subject: Subject, digits_clean: CleanSet) -> None:
    def action(subject: Subject, clean: CleanSet, context: Context) -> Result:
        subject.network.train()(clean.x)
        return Result({})

    with pytest.raises(RuntimeError, match="running_mean"):
        examine(action, digits_subject.copy(), digits_clean)


def test_eval_mode_comes_back(digits_subject: Subject, digits_clean: CleanSet) -> None:
    def action(subject: Subject, clean: CleanSet, context: Context) -> Result:
        subject.network.train()
        return Result({})

    examine(action, digits_subject, digits_clean)
    assert not digits_subject.network.training


def test_the_deadline_ends_a_probe(digits_subject: Subject, digits_clean: CleanSet) -> None:
    def action(subject: Subject, clean: CleanSet, context: Context) -> Result:
        context.check(0.5, "half way")
        return Result({})

    with pytest.raises(OutOfTime, match="half way"):
        examine(action, digits_subject, digits_clean, deadline=time.monotonic() - 1)
    examine(action, digits_subject, digits_clean, deadline=time.monotonic() + 60)


def test_progress_is_reported() -> None:
    seen = []
    Context(report=lambda share, note: seen.append((share, note))).check(0.25, "quarter")
    assert seen == [(0.25, "quarter")]


def test_a_trial_builds_its_probe(registry: Registry[type[Probe]]) -> None:
    probe(Sized)
    built = build(Trial(probe="test.sized", params={"size": 5}, seed=0, budget_s=1))
    assert built == Sized(size=5)
    assert Sized.manifest().params == {"size": 3}


def test_a_trial_with_a_strange_parameter_is_refused(registry: Registry[type[Probe]]) -> None:
    probe(Sized)
    with pytest.raises(AuditorError, match="cannot take"):
        build(Trial(probe="test.sized", params={"depth": 5}, seed=0, budget_s=1))
    with pytest.raises(AuditorError, match=r"Did you mean test\.sized"):
        build(Trial(probe="test.size", seed=0, budget_s=1))
