"""What will be done, written down before the first trial.

A Trial is a value: it can be cached, retried, confined or sent elsewhere unchanged. The
plan's digest covers profile, limits, seeds and every trial, and is in the record.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from auditor.core.canonical import digest
from auditor.core.finding import Frozen
from auditor.core.spec import InputSpec


class Manifest(Frozen):
    """What the planner must know of a probe without importing it."""

    id: str
    title: str
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    measures: dict[str, str] = Field(default_factory=dict)
    cites: tuple[str, ...] = ()
    params: dict[str, Any] = Field(default_factory=dict)


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
    """Limits under which findings are judged; copied into the plan before the run."""

    name: str
    parameters: dict[str, float]
    sha256: str
    source: str = "bundled"


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
