"""The battery: each method finds what was planted and leaves clean data alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auditor.attacks.tampering import feature_manipulation, outlier_injection
from auditor.bench.influence.cases import TARGET, Case, backdoored, digits, flipped, measured
from auditor.core.subject import CleanSet, TrainingSet
from auditor.methods.influence import Queries, residual_gas, tracin
from auditor.methods.influence.duplicates import duplicates
from auditor.methods.influence.features import features
from auditor.methods.influence.forensics import weighted
from auditor.methods.influence.internals import (
    batchnorm_drift,
    gradient_conflict,
    subpopulation_gaps,
)
from auditor.methods.influence.label_errors import agreement, by_course, by_self_influence
from auditor.methods.influence.membership import set_test
from auditor.methods.influence.patches import left_out_margins
from auditor.methods.influence.populations import TWO_POPULATIONS, scan
from auditor.methods.influence.projection import trak
from auditor.methods.influence.reliance import GIVEN_UP, reliance, relied_upon
from auditor.methods.influence.removal import Recipe, Removal, Suspects, remove, unlearned
from auditor.methods.influence.representation import (
    beatrix,
    clustering,
    scored_by_class,
    spectral,
    spectre,
)
from auditor.methods.influence.tampered import feature_shifts, outliers
from auditor.methods.influence.untaught import (
    found_anyway,
    set_aside,
    shuffled,
    untaught_scores,
)
from auditor.probes.influence_mistakes import Mistakes
from auditor.probes.influence_training import TrainingInfluence


@pytest.fixture(scope="module")
def planted() -> Case:
    found = backdoored(3, epochs=(4, 16))
    assert found.success > 0.8
    return found


@pytest.fixture(scope="module")
def shown(planted: Case) -> tuple[Tensor, Tensor]:
    network = planted.networks[-1]
    return features(network, planted.train.x), features(network, planted.held_out.x)


def test_the_trace_beats_tracin_and_the_projection_finds_poison(planted: Case) -> None:
    sources = planted.sources()
    traced = planted.precision(residual_gas(sources, [planted.group(planted.stamp)])[:, 0])
    asked = planted.triggered(20)
    plain = planted.precision(tracin(sources, asked).mean(1))
    assert traced >= 0.85
    assert traced >= 1.3 * plain
    assert planted.precision(trak(sources[-1:], asked, dims=64).mean(1)) > 0.1  # chance: .02


def test_the_trace_is_the_mean_over_checkpoints(planted: Case) -> None:
    sources, group = planted.sources(), planted.group(planted.stamp)
    early, late = (residual_gas([source], [group]) for source in sources)
    assert torch.allclose(residual_gas(sources, [group]), (early + late) / 2, atol=1e-6)
    assert float((early - late).abs().max()) > 0.01


def test_two_populations_are_found_in_the_target_class_alone(
    planted: Case, shown: tuple[Tensor, Tensor]
) -> None:
    tested = scan(shown[0], planted.train.y, shown[1], planted.held_out.y)
    beyond = [k for k, groups in tested.items() if groups.statistic > TWO_POPULATIONS]
    assert beyond == [TARGET]
    members = (planted.train.y == TARGET).nonzero()[:, 0][tested[TARGET].members]
    assert torch.isin(planted.poisoned, members).float().mean() > 0.8


@pytest.mark.parametrize("statistic", [spectral, clustering, spectre, beatrix])
def test_every_statistic_ranks_poison_above_chance(
    planted: Case, shown: tuple[Tensor, Tensor], statistic: object
) -> None:
    scores = scored_by_class(statistic, shown[0], planted.train.y)  # type: ignore[arg-type]
    assert planted.precision(scores) > 0.1  # chance: .02


def test_removal_of_poison_removes_the_backdoor_and_random_removal_does_not(planted: Case) -> None:
    def measure(network: torch.nn.Module) -> tuple[float, float]:
        return measured(network, planted.held_out, planted.stamp)

    poison, honest = planted.poisoned, torch.arange(26)
    for recipe in (None, Recipe.of({"epochs": 10, "rate": 0.05})):
        found = remove(
            planted.networks[-1], planted.train, Suspects(poison, poison), measure, recipe, draws=1
        )
        assert found.confirmed
        assert found.retrained == (recipe is not None)
        assert found.after[1] > 0.93
    nobody = remove(planted.networks[-1], planted.train, Suspects(honest, honest), measure, draws=1)
    assert not nobody.confirmed


def test_what_goes_with_anybody_is_no_confirmation() -> None:
    alike = Removal((0.9, 0.9), (0.1, 0.9), ((0.2, 0.9), (0.1, 0.9)), retrained=True)
    assert not alike.confirmed
    apart = Removal((0.9, 0.9), (0.1, 0.9), ((0.9, 0.9), (0.7, 0.9)), retrained=True)
    assert apart.confirmed
    assert not Removal((0.4, 0.9), (0.0, 0.9), ((0.4, 0.9),), retrained=True).confirmed


def test_rows_without_provenance_count_half() -> None:
    scores = torch.tensor([[4.0], [0.0], [-4.0]])
    data = CleanSet(torch.zeros(3, 1), torch.zeros(3).long())
    doubted = TrainingSet(data, unverified=torch.tensor([0]))
    assert weighted(scores, doubted, 0.5)[:, 0].tolist() == [2.0, 0.0, -4.0]
    assert weighted(scores, doubted, 0.0)[:, 0].tolist() == [0.0, 0.0, -4.0]
    assert weighted(scores, TrainingSet(data), 0.5).equal(scores)
    assert {probe().unverified_weight for probe in (TrainingInfluence, Mistakes)} == {0.5}


def test_poison_that_is_only_doubtful_is_not_taught_again(planted: Case) -> None:
    poison, some = planted.poisoned, planted.poisoned[::2]
    left = [
        measured(unlearned(planted.networks[-1], planted.train, suspects, 0), planted.held_out,
                 planted.stamp)[0]
        for suspects in (Suspects(some, some), Suspects(some, poison))
    ]  # fmt: skip
    assert left[1] < left[0]
    assert left[1] <= 0.05


def test_shuffled_weights_say_what_the_inputs_alone_would_accuse(planted: Case) -> None:
    group, network = planted.group(planted.stamp), planted.networks[-1]
    before = [p.clone() for p in network.parameters()]
    scores = untaught_scores(network, planted.train, group)
    others = (planted.train.y != TARGET).nonzero()[:26, 0]
    assert found_anyway(scores, planted.poisoned) > 0.8
    assert found_anyway(scores, others) <= 0.1
    aside = set_aside(planted.poisoned[:14], scores)
    assert len(aside.unique()) == 28
    assert torch.isin(planted.poisoned, aside).float().mean() > 0.9
    assert all(torch.equal(p, q) for p, q in zip(before, network.parameters(), strict=True))


def test_only_a_model_that_learned_the_trigger_gives_up_labels_without_it(planted: Case) -> None:
    x, network = planted.held_out.x[:20], planted.networks[-1]
    change = planted.stamp(x) - x
    fallen = reliance(network, planted.train, change)
    relied = (fallen >= GIVEN_UP).nonzero()[:, 0]
    assert torch.isin(planted.poisoned, relied).float().mean() >= 0.7
    assert torch.isin(relied, planted.poisoned).float().mean() >= 0.6
    scores = untaught_scores(network, planted.train, planted.group(planted.stamp))
    assert planted.precision(relied_upon(scores, fallen)) >= 0.7
    blank = reliance(shuffled(network, 0), planted.train, change)
    assert planted.precision(relied_upon(scores, blank)) <= 0.1


def test_pictures_alone_tell_wrong_labels() -> None:
    found = flipped(1)
    margins = left_out_margins(found.train.x, found.train.y)
    assert found.precision(margins) >= 0.95
    assert torch.equal(margins, left_out_margins(found.train.x, found.train.y))
    memorised = CleanSet(found.train.x[:40], found.train.y[:40])
    assert len(left_out_margins(memorised.x, memorised.y)) == 40  # fewer samples than features


def test_wrong_labels_rank_first_by_self_influence() -> None:
    found = flipped(1)
    scores = by_self_influence(found.sources())
    assert found.precision(scores) >= 0.93
    assert found.precision(by_course(found.networks, found.train)) >= 0.965
    assert agreement(scores, scores, 10) == 1


def test_exact_and_near_duplicates_are_found_and_others_are_not() -> None:
    train, test = digits(0)
    generator = torch.Generator().manual_seed(0)
    near = (train.x[100:160] + 0.02 * torch.randn(60, 1, 8, 8, generator=generator)).clamp(0, 1)
    found = duplicates(torch.cat([train.x[:40], near, test.x[:300]]), train.x)
    assert {tuple(pair) for pair in found.exact.tolist()} == {(i, i) for i in range(40)}
    pairs = {tuple(pair) for pair in found.near.tolist()}
    assert len(pairs & {(40 + i, 100 + i) for i in range(60)}) >= 59
    assert sum(i >= 100 for i, _ in pairs) <= 0.05 * 300


def test_a_set_like_the_others_is_no_set_of_members() -> None:
    generator = torch.Generator().manual_seed(1)
    same = [torch.rand(400, generator=generator) for _ in range(2)]
    assert set_test(*same).p_value > 0.05
    assert set_test(same[0].sqrt(), same[1]).p_value < 1e-6


def test_outliers_and_a_manipulated_feature_are_named() -> None:
    train, clean = digits(0)
    bad = outlier_injection(train.x, train.y, 0.02, seed=0, target=4)
    found = set(outliers(bad.x, clean.x).beyond)
    poison = set(bad.poisoned_index.tolist())
    assert len(found & poison) >= 0.95 * len(poison)
    assert len(found - poison) <= 0.1 * len(found)
    assert len(outliers(train.x, clean.x).beyond) <= 0.01 * len(train)
    moved = feature_manipulation(train.x, train.y, 63, 1.0, target=4, rate=0.7, seed=0)
    shifts = feature_shifts(moved.x, moved.y, clean.x, clean.y)
    assert (shifts[0].label, shifts[0].feature) == (4, 63)
    assert not feature_shifts(train.x, train.y, clean.x, clean.y)


def test_drift_gaps_and_conflict(digits_subject: object, digits_clean: CleanSet) -> None:
    network = digits_subject.network  # type: ignore[attr-defined]
    own = max(batchnorm_drift(network, digits_clean).values())
    other = CleanSet(1 - digits_clean.x, digits_clean.y)
    assert own < 10 < max(batchnorm_drift(network, other).values())
    asked = Queries(digits_clean.x[:20], digits_clean.y[:20])
    wrong = Queries(asked.x, (asked.y + 1) % 10)
    same, against = (gradient_conflict(network, asked, q) for q in (asked, wrong))
    assert all(same[layer] > against[layer] for layer in same)
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(400, 4, generator=generator)
    points[:100] += 6
    y, right = torch.zeros(400).long(), torch.rand(400, generator=generator) < 0.95
    assert not subpopulation_gaps(points, y, right)
    right[:100] &= torch.rand(100, generator=generator) < 0.5
    gaps = subpopulation_gaps(points, y, right)
    assert gaps
    assert all(int(i) < 100 for i in gaps[0].members)
