"""What will be done, written down before the first trial.

A Trial is a value: it can be cached, retried, confined or sent elsewhere unchanged. The
plan's digest covers profile, limits, seeds and every trial, and is in the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from auditor.core.canonical import digest
from auditor.core.finding import Frozen
from auditor.core.spec import InputSpec

TOO_LARGE = "does this for models of few parameters only."
"""End of the reason of a probe that a profile leaves out of large models."""


class Manifest(Frozen):
    """What the planner must know of a probe without importing it."""

    id: str
    title: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    measures: dict[str, str] = Field(default_factory=dict)
    cites: tuple[str, ...] = ()
    params: dict[str, Any] = Field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Digest of everything the planner knows of the probe."""
        return digest(self.model_dump(mode="json"))


class Trial(Frozen):
    """One probe with its parameters, seed and time limit in seconds."""

    probe: str
    params: dict[str, Any] = Field(default_factory=dict)
    seed: int
    budget_s: float

    @property
    def key(self) -> str:
        """Content address of the trial; the time limit is a guard and does not count."""
        return digest(self.model_dump(mode="json", exclude={"budget_s"}))


class Skip(Frozen):
    """A probe that will not run, and why."""

    probe: str
    title: str = ""
    reason: str


class Policy(Frozen):
    """Limits under which findings are judged; copied into the plan before the run.

    ``reasons`` says why each limit is what it is; the digest covers the numbers alone.
    """

    name: str
    parameters: dict[str, float]
    sha256: str
    source: str = "bundled"
    reasons: dict[str, str] = Field(default_factory=dict)


class Plan(Frozen):
    """The audit's commitment: which trials, which limits, which seeds, for which item.

    ``budget_s`` is the time asked for, or None where the profile alone decides; ``training`` holds
    the digests of training data, checkpoints, manifest and recipe, where they were given.
    """

    profile: str
    seed: int
    budget_s: float | None
    policy: Policy
    catalogue: str
    delivery_sha256: str
    clean_sha256: str
    spec: InputSpec
    trials: tuple[Trial, ...]
    skips: tuple[Skip, ...] = ()
    declared: dict[str, float] = Field(default_factory=dict)
    training: dict[str, str] = Field(default_factory=dict)
    probes: dict[str, Manifest] = Field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Digest of the whole plan in canonical JSON."""
        return digest(self.model_dump(mode="json"))

    @property
    def order(self) -> str:
        """Digest of what was asked for, without what was measured to divide the time."""
        return digest(self.model_dump(mode="json", exclude={"trials", "skips"}))


def differences(committed: Plan, asked: Plan) -> list[str]:
    """What was asked for that is not as committed, one phrase each; empty where all agrees.

    Time limits, and with a time budget the effort scaled to it, depend on the machine: there the
    committed trials hold, and only which probes run is compared.
    """
    return list(_differences(committed, asked))


def _differences(committed: Plan, asked: Plan) -> Iterator[str]:
    plain = ("profile", "seed", "budget_s", "catalogue", "delivery_sha256", "clean_sha256")
    for name in plain:
        yield from _change(name, getattr(committed, name), getattr(asked, name))
    yield from _table("limit", committed.policy.parameters, asked.policy.parameters)
    yield from _table("declared", committed.declared, asked.declared)
    yield from _table("input", dict(committed.spec), dict(asked.spec))
    yield from _table("training", dict(committed.training), dict(asked.training))
    before = {name: manifest.sha256 for name, manifest in committed.probes.items()}
    yield from _table("probe", before, {name: each.sha256 for name, each in asked.probes.items()})
    scaled = committed.budget_s is not None or asked.budget_s is not None
    yield from _table("trial", _efforts(committed, scaled), _efforts(asked, scaled))


def _efforts(plan: Plan, scaled: bool) -> dict[str, str]:
    """Each trial's parameters; its seed follows from the plan's."""
    return {t.probe: "planned" if scaled else str(t.params) for t in plan.trials}


def _table(kind: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*before, *after]):
        yield from _change(f"{kind} {name}", before.get(name), after.get(name))


def _change(name: str, before: Any, after: Any) -> Iterator[str]:
    if before != after:
        yield f"{name} was {_shown(before)} and now is {_shown(after)}"


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 64 else f"{text[:61]}..."
