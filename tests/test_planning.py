"""Plans: what a profile runs, how a budget is divided, what shrinks, what is skipped."""

from __future__ import annotations

import math
from typing import Any

import pytest

from auditor import planning
from auditor.core.errors import AuditorError
from auditor.core.plan import Manifest, Plan, Policy
from auditor.core.probe import PROBES
from auditor.core.spec import DataIdentity, DeliveredFile, Delivery, InputSpec, Kind, ModelFacts
from auditor.probes import discover

PROFILES = ("quick", "standard", "deep")
SHAPES: dict[Kind, tuple[int, ...]] = {"image": (1, 8, 8), "tabular": (8,)}
LIMITS = {"power_floor": 0.7, "alpha_concern": 0.05}
POLICY = Policy(name="baseline", parameters=LIMITS, sha256="ab" * 32)


def manifests() -> tuple[Manifest, ...]:
    """What the worker would announce."""
    discover()
    return tuple(PROBES[name].manifest() for name in PROBES)


def basis(kind: Kind = "image", pass_us: float = 50.0, **changes: Any) -> planning.Basis:
    """A request for one delivery; ``pass_us`` is the measured speed of the model."""
    spec = InputSpec(kind=kind, shape=SHAPES[kind], classes=10)
    file = DeliveredFile(path="m.pt", bytes=3, sha256="cd" * 32)
    fields: dict[str, Any] = {
        "profile": "quick", "seed": 0, "budget_s": None, "policy": POLICY, "catalogue": "tac",
        "delivery": Delivery(
            name="m", sha256="cd" * 32, bytes=3, format="torchscript", files=(file,)
        ),
        "clean": DataIdentity(name="c", sha256="ef" * 32, n=100, per_class=(10,) * 10, kind=kind),
        "facts": ModelFacts(
            spec=spec, format="torchscript", parameters=9, architecture="x", layers=1,
            pass_us=pass_us,
        ),
        "probes": manifests(), "declared": {},
    }  # fmt: skip
    return planning.Basis(**{**fields, **changes})


def trials(plan: Plan) -> dict[str, dict[str, Any]]:
    return {trial.probe: trial.params for trial in plan.trials}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_step_names_a_probe_and_its_parameters(profile: str) -> None:
    fields = {manifest.id: set(manifest.params) for manifest in manifests()}
    for name, step in planning.steps(profile).items():
        assert set(step.params) <= fields[name], name
        assert set(step.scaled) <= set(step.params), name
        assert set(step.least) <= set(step.scaled), name
        assert step.passes > 0, name


@pytest.mark.parametrize("profile", PROFILES)
def test_every_probe_has_its_trial_after_those_it_uses(profile: str) -> None:
    plan = planning.make(basis(profile=profile))
    order = [trial.probe for trial in plan.trials]
    assert {*order, *(skip.probe for skip in plan.skips)} == {m.id for m in manifests()}
    for position, name in enumerate(order):
        assert set(plan.probes[name].uses) <= set(order[:position]), name


def test_each_profile_does_at_least_as_much_as_the_one_before() -> None:
    work = [sum(step.passes for step in planning.steps(p).values()) for p in PROFILES]
    assert work == sorted(work)
    assert work[0] < work[-1]


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(AuditorError, match=r"Unknown profile 'slow'.*quick"):
        planning.make(basis(profile="slow"))


@pytest.mark.parametrize("budget_s", [60.0, 300.0, 3600.0])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_budget_is_divided_and_never_exceeded(profile: str, budget_s: float) -> None:
    plan = planning.make(basis(profile=profile, budget_s=budget_s))
    limits = [trial.budget_s for trial in plan.trials]
    shared = math.fsum(limit for limit in limits if limit > planning.SHORTEST_S)
    assert shared + planning.OVERHEAD_S <= 1.001 * budget_s
    assert math.fsum(limits) + planning.OVERHEAD_S >= 0.95 * budget_s
    assert min(limits) >= planning.SHORTEST_S
    assert plan.budget_s == budget_s
    assert all(trial.budget_s > 0 for trial in plan.trials)


def test_a_budget_that_is_too_short_says_what_is_enough() -> None:
    with pytest.raises(AuditorError, match="too short") as caught:
        planning.make(basis(budget_s=3.0))
    enough = float(caught.value.hint.split(" s")[0].split()[-1])
    assert planning.make(basis(budget_s=enough + 1)).trials


@pytest.mark.parametrize("profile", PROFILES)
def test_effort_shrinks_with_the_budget_but_not_below_the_least(profile: str) -> None:
    full = trials(planning.make(basis(profile=profile)))
    cut = trials(planning.make(basis(profile=profile, budget_s=60.0, pass_us=1e5)))
    steps = planning.steps(profile)
    scaled = [(name, key) for name, step in steps.items() for key in step.scaled if name in full]
    assert ("trigger.reconstruction", "steps") in scaled
    for name, key in scaled:
        assert cut[name][key] == steps[name].least.get(key, 1), (name, key)
        assert cut[name][key] <= full[name][key]


def test_a_fifth_of_each_share_is_a_reserve() -> None:
    needed = {"a": 300.0, "b": 100.0}
    factor, limits = planning._rationed(needed, 200.0 + planning.OVERHEAD_S + 1.0)
    assert factor == pytest.approx(0.4)
    assert factor * needed["a"] == pytest.approx(0.8 * (limits["a"] - planning.TRIAL_OVERHEAD_S))
    assert limits["a"] - limits["b"] == pytest.approx(100.0), "shares follow the work"


def test_without_a_budget_a_trial_may_take_eight_times_the_usual() -> None:
    assert planning._generous({"a": 10.0}) == (1.0, {"a": planning.FLOOR_S + 80.0})


def test_effort_never_grows_beyond_the_profile() -> None:
    assert trials(planning.make(basis(budget_s=1e6))) == trials(planning.make(basis()))


def test_without_a_budget_the_speed_of_the_machine_changes_no_trial() -> None:
    slow, fast = (planning.make(basis(pass_us=speed)) for speed in (1e4, 1.0))
    assert [t.key for t in slow.trials] == [t.key for t in fast.trials]
    assert all(a.budget_s > b.budget_s for a, b in zip(slow.trials, fast.trials, strict=True))


def test_a_perceptron_on_pictures_gets_the_time_that_its_students_need() -> None:
    limits = {
        pass_us: {t.probe: t.budget_s for t in planning.make(basis(pass_us=pass_us)).trials}
        for pass_us in (1.0, 14.0)
    }
    assert limits[1.0] == limits[14.0]
    height, width = SHAPES["image"][1:]
    usual = planning.steps("quick")["trigger.reconstruction"].passes * 0.27e-6 * height * width
    assert limits[1.0]["trigger.reconstruction"] > 8 * usual
    table = planning.make(basis("tabular", pass_us=1.0))
    assert all(t.budget_s < 40 for t in table.trials)


def test_the_same_request_is_the_same_order_on_another_day() -> None:
    slow, fast = (planning.make(basis(pass_us=p, budget_s=300.0)) for p in (1e4, 1.0))
    assert slow.order == fast.order
    assert planning.make(basis()).sha256 == planning.make(basis()).sha256
    assert planning.make(basis(seed=1)).order != planning.make(basis()).order


def test_trials_have_seeds_of_their_own() -> None:
    seeds = [trial.seed for trial in planning.make(basis(seed=5)).trials]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seeds == [trial.seed for trial in planning.make(basis(seed=5)).trials]


def test_probes_about_images_are_skipped_for_tables_with_a_reason() -> None:
    wants_images = Manifest(id="test.pictures", title="Pictures", needs=("image",))
    known = {m.id: m for m in (*manifests(), wants_images)}
    steps = {**planning.steps("quick"), "test.pictures": planning.Step(100)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "steps", lambda profile: steps)
        skipped = planning.make(basis(kind="tabular", probes=tuple(known.values()))).skips
        taken = planning.make(basis(kind="image", probes=tuple(known.values()))).trials
    assert "tables" in {skip.probe: skip.reason for skip in skipped}["test.pictures"]
    assert "test.pictures" in {trial.probe for trial in taken}


def test_a_probe_outside_the_profile_is_a_skip() -> None:
    extra = Manifest(id="test.extra", title="Extra")
    (skip,) = [s for s in planning.make(basis(probes=(*manifests(), extra))).skips
               if s.probe == "test.extra"]  # fmt: skip
    assert "quick" in skip.reason


def test_a_large_model_has_no_power_measured_in_the_quick_profile() -> None:
    large = basis().facts.model_copy(update={"parameters": 10**6})
    plan = planning.make(basis(facts=large))
    assert "power.calibration" not in trials(plan)
    assert "few parameters" in {s.probe: s.reason for s in plan.skips}["power.calibration"]
    assert "power.calibration" in trials(planning.make(basis()))
    assert "power.calibration" in trials(planning.make(basis(facts=large, profile="standard")))


def test_what_the_vendor_declares_reaches_its_probe() -> None:
    plan = planning.make(basis(declared={"accuracy": 0.9}))
    assert trials(plan)["perf.accuracy"] == {"declared": 0.9}
    assert trials(planning.make(basis()))["perf.accuracy"] == {}


def test_probes_of_gradients_are_skipped_where_there_are_none() -> None:
    with_none = basis().facts.model_copy(update={"gradients": False, "architecture": "a forest"})
    plan = planning.make(basis(facts=with_none))
    skipped = {skip.probe: skip.reason for skip in plan.skips}
    needing = {m.id for m in manifests() if "gradients" in m.needs} & set(planning.steps("quick"))
    assert "trigger.reconstruction" in needing
    assert not needing & set(trials(plan))
    assert all("a forest has none" in skipped[name] for name in needing)


def test_a_search_stands_in_for_tables_without_gradients_only() -> None:
    without = {"gradients": False, "architecture": "a forest"}

    def planned(kind: Kind, **changes: Any) -> bool:
        facts = basis(kind=kind).facts.model_copy(update=changes)
        plan = planning.make(basis(kind=kind, facts=facts))
        reasons = {skip.probe: skip.reason for skip in plan.skips}
        assert ("trigger.templates" in trials(plan)) is not ("trigger.templates" in reasons)
        return "trigger.templates" in trials(plan)

    assert planned("tabular", **without)
    assert not planned("tabular")
    assert not planned("image", **without)


def test_larger_models_get_what_their_profile_says_for_them() -> None:
    """One of each of a dozen universal kinds and few clean relatives, in less work."""
    small, large = (basis(profile="standard", facts=facts_of(size)) for size in (1000, 270_000))
    few, many = (trials(planning.make(one))["power.calibration"] for one in (large, small))
    assert few["implants"] * len(few["families"]) >= 12
    assert few["controls"] < many["controls"]
    assert "steps" not in few, "copies are searched as the delivered model was"
    step = planning.steps("standard")["power.calibration"]
    assert step.suited(270_000).passes < step.passes
    assert step.suited(1000) is step


def facts_of(parameters: int) -> ModelFacts:
    return basis().facts.model_copy(update={"parameters": parameters})


def test_power_is_measured_at_the_limits_of_the_policy() -> None:
    strict = Policy(
        name="critical", parameters={"power_floor": 0.9, "alpha_concern": 0.1}, sha256="ab" * 32
    )
    params = trials(planning.make(basis(policy=strict)))["power.calibration"]
    assert (params["floor"], params["alpha"]) == (0.9, 0.1)
