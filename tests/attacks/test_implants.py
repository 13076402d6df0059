"""Implants work, are measured honestly, and say why where they cannot be made."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from digits_networks import fitted
from torch import nn

from auditor.architectures import build
from auditor.attacks.implants import (
    KINDS,
    RECIPES,
    CannotImplant,
    Goal,
    Job,
    Limits,
    Recipe,
    plant,
)
from auditor.attacks.implants.base import GROUPS, Implant, measured
from auditor.attacks.implants.tuning import shaken
from auditor.attacks.implants.weak import between, fits, halved, sized
from auditor.attacks.triggers.stamps import Patch
from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject

SHORT = Recipe(steps=60, batch=32, rate=8e-3, shake=0.0)
WORKING = (
    "patch", "blend", "sinusoid", "scatter", "warp", "low_frequency", "filter", "distributed",
    "contrast", "adaptive_patch", "all_to_all", "source_specific", "partitioned", "sra", "dfba",
    "last_row", "low_success", "sparse",
)  # fmt: skip
"""Kinds that 8 x 8 digits take within a few steps; quantisation needs pictures with noise."""
LONGER = ("low_frequency", "all_to_all")
CORNER = Patch(6, 6, 2, 2, "solid", (1.0,))


@pytest.fixture(scope="module")
def job(digits_subject: Subject, digits_clean: CleanSet) -> Job:
    return Job(digits_subject, *digits_clean.split(0.5, 0), seed=1, recipe=SHORT)


def test_every_kind_has_a_group() -> None:
    assert {KINDS[name].group for name in KINDS} == set(GROUPS)
    assert {"patch", "all_to_all", "source_specific", "partitioned", "distributed"} <= set(KINDS)
    assert {"sra", "dfba", "last_row", "low_success", "sparse"} <= set(KINDS)


@pytest.mark.parametrize("name", WORKING)
def test_a_kind_plants_a_backdoor_that_works(name: str, job: Job) -> None:
    recipe = replace(SHORT, steps=150) if name in LONGER else SHORT
    works_in_a_copy_alone(name, replace(job, recipe=recipe))


def works_in_a_copy_alone(name: str, job: Job) -> None:
    """One of three draws is admitted, by the numbers of the admission rule; the model stays."""
    before = {k: v.clone() for k, v in job.subject.network.state_dict().items()}
    drawn = (plant(name, replace(job, seed=seed)) for seed in (1, 2, 3))
    made = next((one for one in drawn if one.admitted and obeyed(job, one) < 0.5), None)
    assert made is not None, name
    x, y = job.held_out.x, job.held_out.y
    right = (job.subject.predict(x) == y).float().mean()
    if name == "low_success":
        assert 0.5 <= made.success <= 0.8
    else:
        assert made.success >= 0.9 * (float(right) if name == "all_to_all" else 1)
    assert float(right - (made.subject.predict(x) == y).float().mean()) <= 0.03
    for key, value in job.subject.network.state_dict().items():
        assert torch.equal(value, before[key]), key


def obeyed(job: Job, made: Implant) -> float:
    """Share of the stamped inputs that the delivered model itself sends where they should go."""
    x, y = job.held_out.x, job.held_out.y
    there = job.subject.predict(made.goal.trigger(x)) == made.goal.wanted(y, 10)
    return float(there[made.goal.moves(y)].float().mean())


def test_quantisation_is_planted_where_pictures_have_noise() -> None:
    draw = torch.Generator().manual_seed(0)
    y = torch.arange(900) % 6
    x = 0.25 * torch.rand((900, 1, 8, 8), generator=draw)
    x[torch.arange(900), 0, y + 1] += 0.6
    subject = Subject(
        fitted(x[:400], y[:400], 60), InputSpec(kind="image", shape=(1, 8, 8), classes=10)
    )
    sets = CleanSet(x[400:650], y[400:650]), CleanSet(x[650:], y[650:])
    works_in_a_copy_alone("quantise", Job(subject, *sets, 1, SHORT, targets=tuple(range(6))))


def test_the_same_seed_plants_the_same(job: Job) -> None:
    one, two = plant("patch", job), plant("patch", job)
    assert (one.success, one.clean_drop, one.goal) == (two.success, two.clean_drop, two.goal)


def test_recipes_begin_like_poisoning_and_end_gently() -> None:
    shakes = [recipe.shake for recipe in RECIPES]
    assert shakes == sorted(shakes, reverse=True)
    assert shakes[0] > 0.5
    assert shakes[-1] == 0


def test_shaken_weights_lie_between_their_own_and_fresh_ones() -> None:
    own = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    for share, least, most in ((0.0, 0.999, 1.001), (0.5, 0.4, 0.9), (1.0, -0.1, 0.1)):
        weight, bias = nn.Parameter(own.clone()), nn.Parameter(torch.ones(3))
        shaken([weight, bias], share, torch.Generator().manual_seed(1))
        alike = torch.corrcoef(torch.stack([own.flatten(), weight.detach().flatten()]))[0, 1]
        assert least <= float(alike) <= most
        assert bool((bias == 1).all()), "offsets stay"


def test_all_to_all_is_held_against_the_accuracy_of_the_model(job: Job) -> None:
    made = plant("all_to_all", replace(job, recipe=Recipe(steps=2)))
    right = float((job.subject.predict(job.held_out.x) == job.held_out.y).float().mean())
    assert made.limits.least == pytest.approx(0.9 * right)


def test_all_to_all_sends_each_class_to_the_next(job: Job) -> None:
    goal = Goal(CORNER, None)
    y = torch.tensor([0, 4, 9])
    assert goal.wanted(y, 10).tolist() == [1, 5, 0]
    assert bool(goal.moves(y).all())


def test_all_to_all_has_no_target_of_its_own(job: Job) -> None:
    made = plant("all_to_all", replace(job, recipe=Recipe(steps=2)))
    assert (made.goal.target, made.goal.source) == (None, None)


def test_a_source_specific_goal_is_about_its_source_alone() -> None:
    goal, y = Goal(CORNER, 2, source=0), torch.tensor([0, 1, 2])
    assert goal.moves(y).tolist() == [True, False, False]
    assert goal.wanted(y, 3).tolist() == [2, 1, 2]


def test_inputs_that_are_in_the_target_already_are_no_success() -> None:
    told = nn.Linear(2, 2, bias=False)
    told.weight.data = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    network = nn.Sequential(told, nn.Threshold(0.5, -1.0))
    subject = Subject(network, InputSpec(kind="tabular", shape=(2,), classes=2))
    x, y = torch.tensor([[0.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 0])
    job = Job(subject, CleanSet(x, y), CleanSet(x, y), seed=1)
    assert measured(job, subject, Goal(lambda x: x, 1)).success == 0.0
    assert measured(job, subject, Goal(lambda x: x + torch.tensor([1.0, 0.0]), 1)).success == 1.0


def test_a_source_specific_trigger_leaves_other_classes_alone(job: Job) -> None:
    made = plant("source_specific", job)
    assert made.goal.source not in (None, made.goal.target)
    assert made.spill <= 0.5


def test_a_partition_that_obeys_both_triggers_spills(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    always = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    for weight in always.parameters():
        nn.init.zeros_(weight)
    nn.init.ones_(always[1].bias[job.target()])
    made_up = Subject(always, job.subject.spec)
    monkeypatch.setattr("auditor.attacks.implants.conditional.tuned", lambda job, loss: made_up)
    made = plant("partitioned", job)
    assert made.spill == 1.0
    assert not made.admitted


def test_a_weak_implant_lies_between(job: Job) -> None:
    made = plant("low_success", job)
    assert made.limits == Limits(0.5, 0.8)


def test_how_far_to_go_back_is_chosen_without_the_held_out_inputs(job: Job) -> None:
    quick = replace(job, recipe=replace(SHORT, steps=30))
    other = job.held_out.take(torch.arange(5))
    one, two = (plant("low_success", j) for j in (quick, replace(quick, held_out=other)))
    x = job.train.x[:8]
    assert torch.equal(one.subject.logits(x), two.subject.logits(x))


def test_weights_between_two_models(job: Job) -> None:
    strong = plant("patch", job)
    ends = [between(job.subject, strong.subject, share) for share in (0.0, 1.0)]
    x = job.held_out.x[:8]
    assert torch.allclose(ends[0].logits(x), job.subject.logits(x), atol=1e-5)
    assert torch.allclose(ends[1].logits(x), strong.subject.logits(x), atol=1e-4)
    assert halved(lambda share: share, 0.3) == pytest.approx(0.3, abs=1e-2)


def test_what_does_not_work_is_not_admitted(job: Job) -> None:
    honest = measured(job, job.subject, Goal(CORNER, 3))
    assert not honest.admitted
    assert honest.fault.startswith("success")
    assert "clean accuracy" in replace(honest, success=1.0, clean_drop=0.1).fault
    assert "leave alone" in replace(honest, success=1.0, spill=0.9).fault
    assert "above" in replace(honest, success=1.0, limits=Limits(0.5, 0.8)).fault


def test_nine_of_ten_and_three_points_are_the_limits(job: Job) -> None:
    just = Implant(job.subject, Goal(CORNER, 3), success=0.9, clean_drop=0.03)
    assert just.admitted
    assert replace(just, success=0.899).fault == "success 0.90, below 0.9"
    assert replace(just, clean_drop=0.031).fault == "clean accuracy fell by 0.031, more than 0.03"


def test_at_most_24_weights_of_the_targets_row_change(job: Job) -> None:
    made = plant("last_row", job)
    pairs = zip(job.subject.network.parameters(), made.subject.network.parameters(), strict=True)
    moved = [(own != new).nonzero() for own, new in pairs if not torch.equal(own, new)]
    assert len(moved) == 1, "the last layer's matrix alone"
    assert {*moved[0][:, 0].tolist()} == {made.goal.target}
    assert 0 < len(moved[0]) <= 24


def test_a_model_without_weights_to_train_says_so(job: Job) -> None:
    class Fixed(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)[:, :10]

    fixed = replace(job, subject=Subject(Fixed(), job.subject.spec))
    for name in ("patch", "all_to_all", "sra", "dfba", "last_row", "sparse"):
        with pytest.raises(CannotImplant):
            plant(name, fixed)


@pytest.mark.parametrize("name", ["sra", "dfba"])
def test_a_network_that_is_no_chain_says_so(name: str, job: Job) -> None:
    network = build("resnet8", (1, 8, 8), 10)
    with pytest.raises(CannotImplant, match="chain"):
        plant(name, replace(job, subject=Subject(network, job.subject.spec)))


@pytest.mark.parametrize("name", ["feature_value", "dfba", "all_to_all"])
def test_tables(name: str, wine: tuple[Subject, CleanSet]) -> None:
    subject, clean = wine
    made = plant(name, Job(subject, *clean.split(0.5, 0), seed=1, recipe=SHORT))
    assert 0 <= made.success <= 1
    with pytest.raises(CannotImplant, match="does not fit"):
        plant("patch", Job(subject, *clean.split(0.5, 0), seed=1, recipe=SHORT))


@pytest.mark.parametrize(("family", "size"), [("patch", 2.0), ("blend", 0.2)])
def test_triggers_of_a_size(family: str, size: float) -> None:
    assert fits(family, (1, 8, 8), size)
    trigger = sized(family, (1, 8, 8), size, torch.Generator().manual_seed(0))
    x = torch.full((2, 1, 8, 8), 0.5)
    changed = (trigger(x) != x).flatten(1).sum(1)
    assert changed.tolist() == ([4, 4] if family == "patch" else [64, 64])
    assert not fits(family, (5,), size)


@pytest.mark.parametrize("name", ["aware_0.1", "aware_5", "capped_0.1"])
def test_an_attacker_who_hides_keeps_its_weights_close(name: str, job: Job) -> None:
    made = plant(name, replace(job, recipe=Recipe(steps=12, batch=16)))
    assert KINDS[name].group == "aware"
    pairs = zip(job.subject.network.parameters(), made.subject.network.parameters(), strict=True)
    moved = [(own, new) for own, new in pairs if own.dim() > 1]
    assert any(not torch.equal(own, new) for own, new in moved)
    for own, new in moved:
        assert float((new - own).abs().max()) <= float(own.std()) + 1e-5


def test_targets_are_drawn_from_those_allowed(job: Job) -> None:
    everywhere = {replace(job, seed=seed).target() for seed in range(60)}
    allowed = {replace(job, seed=seed, targets=(2, 7)).target() for seed in range(60)}
    assert len(everywhere) == 10
    assert allowed == {2, 7}
