"""Makes the plan: which probes run, with which parameters, seeds and time limits.

Without ``--budget`` the work is fixed by the profile, so that the same seed gives the same
findings on any machine, and the limits are generous guards. With it, the time is divided in
proportion to the work of each trial, and effort is scaled to fit before the first trial starts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from auditor.core.errors import AuditorError
from auditor.core.plan import TOO_LARGE, Manifest, Plan, Policy, Skip, Trial
from auditor.core.spec import DataIdentity, Delivery, ModelFacts

OVERHEAD_S = 15.0
SLACK = 8.0
FLOOR_S = 30.0
TRIAL_OVERHEAD_S = 0.5
LEAST_S = 10.0
SHORTEST_S = 3.0
USED = 0.8
IDLE = 100.0
"""Passes of a probe that only says that something was not given."""
STUDENT_US, STUDENT_SIDE = 0.27, 64
"""Microseconds a pixel that a student takes for a pass, and the side it averages pictures down to.

Students take part in the costly trials, so that a pass costs as much however small the model is.
"""


@dataclass(frozen=True)
class Step:
    """One line of a profile.

    ``slow`` says what is different for models of more than ``fast`` parameters.
    """

    passes: float
    params: dict[str, Any] = field(default_factory=dict)
    scaled: tuple[str, ...] = ()
    least: dict[str, int] = field(default_factory=dict)
    largest: int | None = None
    fast: int | None = None
    slow: dict[str, Any] = field(default_factory=dict)

    def suited(self, parameters: int) -> Step:
        """This line for a model of so many parameters."""
        if self.fast is None or parameters <= self.fast:
            return self
        params = {**self.params, **self.slow.get("params", {})}
        return replace(self, passes=self.slow.get("passes", self.passes), params=params)

    def scale(self, factor: float) -> dict[str, Any]:
        """Parameters for ``factor`` times the usual effort."""
        shrunk = {
            name: max(self.least.get(name, 1), int(self.params[name] * factor))
            for name in self.scaled
        }
        return {**self.params, **shrunk}


@dataclass(frozen=True)
class Basis:
    """What the plan is made from."""

    profile: str
    seed: int
    budget_s: float | None
    policy: Policy
    catalogue: str
    delivery: Delivery
    clean: DataIdentity
    facts: ModelFacts
    probes: tuple[Manifest, ...]
    declared: dict[str, float]
    training: dict[str, str] = field(default_factory=dict)


def profiles() -> dict[str, Any]:
    """All profiles as written in ``profiles.toml``."""
    return tomllib.loads(files("auditor").joinpath("profiles.toml").read_text("utf-8"))


def steps(profile: str) -> dict[str, Step]:
    """The steps of a profile, with those it extends."""
    table = profiles()
    if profile not in table:
        raise AuditorError(f"Unknown profile {profile!r}.", f"Known: {', '.join(table)}.")
    entry = table[profile]
    inherited = steps(entry["extends"]) if "extends" in entry else {}
    own = {name: _step(body) for name, body in entry["trials"].items()}
    return {**inherited, **own}


def _step(body: Mapping[str, Any]) -> Step:
    return Step(
        body["passes"],
        body.get("params", {}),
        tuple(body.get("scaled", ())),
        body.get("least", {}),
        body.get("largest"),
        body.get("fast"),
        body.get("slow", {}),
    )


def make(basis: Basis) -> Plan:
    """The plan of one audit."""
    known = {manifest.id: manifest for manifest in basis.probes}
    size = basis.facts.parameters
    listed = {name: step.suited(size) for name, step in steps(basis.profile).items()}
    wanted = {name: step for name, step in listed.items() if name in known}
    skips = [_unfit(known[name], step, basis) for name, step in wanted.items()]
    dropped = {skip.probe for skip in skips if skip}
    kept = {name: step for name, step in wanted.items() if name not in dropped}
    unlisted = [
        Skip(probe=m.id, title=m.title, reason=f"Not part of the {basis.profile} profile.")
        for m in basis.probes
        if m.id not in wanted
    ]
    return Plan(
        profile=basis.profile,
        seed=basis.seed,
        budget_s=basis.budget_s,
        policy=basis.policy,
        catalogue=basis.catalogue,
        delivery_sha256=basis.delivery.sha256,
        clean_sha256=basis.clean.sha256,
        spec=basis.facts.spec,
        trials=_trials(kept, basis),
        skips=tuple(skip for skip in skips if skip) + tuple(unlisted),
        declared=basis.declared,
        training=basis.training,
        probes=known,
    )


def _unfit(manifest: Manifest, step: Step, basis: Basis) -> Skip | None:
    facts = basis.facts
    if "image" in manifest.needs and facts.spec.kind != "image":
        reason = "The probe is about images; this model takes tables."
    elif "gradients" in manifest.needs and not facts.gradients:
        reason = (
            f"The probe follows gradients from outputs to inputs; {facts.architecture} has none."
        )
    elif "table" in manifest.needs and facts.spec.kind != "tabular":
        reason = "The probe is about tables; this model takes images."
    elif "no gradients" in manifest.needs and facts.gradients:
        reason = "The probe stands in where there are no gradients; this model has them."
    elif step.largest is not None and facts.parameters > step.largest:
        reason = f"The {basis.profile} profile {TOO_LARGE}"
    else:
        return None
    return Skip(probe=manifest.id, title=manifest.title, reason=reason)


def _trials(kept: Mapping[str, Step], basis: Basis) -> tuple[Trial, ...]:
    needed = {name: _cost(name, step, basis) for name, step in kept.items()}
    factor, limits = (
        _generous(needed) if basis.budget_s is None else _rationed(needed, basis.budget_s)
    )
    return tuple(
        Trial(
            probe=name,
            params={**step.scale(factor), **_given(name, basis)},
            seed=_seed(basis.seed, position),
            budget_s=round(limits[name], 2),
        )
        for position, (name, step) in enumerate(kept.items())
    )


def _cost(probe: str, step: Step, basis: Basis) -> float:
    """Seconds; a probe about training data has nothing to do where there are none."""
    needs = next(m.needs for m in basis.probes if m.id == probe)
    idle = "training" in needs and not basis.training
    return (IDLE if idle else step.passes) * _pass_us(basis.facts) * 1e-6


def _pass_us(facts: ModelFacts) -> float:
    """Microseconds of a pass through the model or through a student, whichever takes longer."""
    if facts.spec.kind != "image":
        return facts.pass_us
    height, width = (min(side, STUDENT_SIDE) for side in facts.spec.shape[1:])
    return max(facts.pass_us, STUDENT_US * height * width)


def _generous(needed: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    return 1.0, {name: FLOOR_S + SLACK * cost for name, cost in needed.items()}


def _rationed(needed: Mapping[str, float], budget_s: float) -> tuple[float, dict[str, float]]:
    free = budget_s - OVERHEAD_S - TRIAL_OVERHEAD_S * len(needed)
    if free < LEAST_S:
        raise AuditorError(
            f"A budget of {budget_s:.0f} s is too short for {len(needed)} trials.",
            f"Give at least {budget_s - free + LEAST_S:.0f} s.",
        )
    total = sum(needed.values())
    factor = min(1.0, USED * free / total)
    shares = {
        name: max(SHORTEST_S, TRIAL_OVERHEAD_S + free * cost / total)
        for name, cost in needed.items()
    }
    return factor, shares


def _given(probe: str, basis: Basis) -> dict[str, float]:
    """Parameters that come from the request, not from the profile."""
    if probe == "perf.accuracy" and "accuracy" in basis.declared:
        return {"declared": basis.declared["accuracy"]}
    if probe == "power.calibration":
        limits = basis.policy.parameters
        return {"floor": limits["power_floor"], "alpha": limits["alpha_concern"]}
    return {}


def _seed(seed: int, position: int) -> int:
    return (seed * 1_000_003 + position * 7919) % (1 << 31)
