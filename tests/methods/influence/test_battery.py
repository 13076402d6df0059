"""Verdicts of the battery: planted poison is rejected and named, clean data are not."""

from __future__ import annotations

import pytest
import torch

from auditor.attacks.poisoned import Poisoned
from auditor.attacks.tampering import outlier_injection
from auditor.bench.influence.cases import TARGET, Case, backdoored, case, corner, digits
from auditor.bench.influence.value_pairs import cancer
from auditor.core.subject import CleanSet
from auditor.methods.influence.battery import Contrast, battery, tail_test
from auditor.methods.influence.features import features
from auditor.methods.influence.shared_values import sharing


def contrasts(found: Case) -> list[Contrast]:
    network = found.networks[-1]
    seen = [features(network, part.x) for part in (found.train, found.held_out)]
    return battery(found.train, found.held_out, *seen)


def test_poison_is_found_in_its_class_and_named() -> None:
    found = backdoored(1, 0.05, epochs=(12,))
    assert found.success > 0.8
    rejected = [test for test in contrasts(found) if test.rejected]
    assert {test.label for test in rejected if test.statistic != "outliers"} == {TARGET}
    named = rejected[0].members
    assert torch.isin(named, found.poisoned).float().mean() > 0.8
    assert torch.isin(found.poisoned, named).float().mean() > 0.8


def test_clean_data_are_left_alone_and_injected_outliers_are_not() -> None:
    train, held_out = digits(4)
    none = Poisoned(train.x, train.y, torch.empty(0).long())
    clean = case(none, held_out, corner, 4, epochs=(4,))
    assert not any(test.rejected for test in contrasts(clean))
    bad = outlier_injection(train.x, train.y, 0.03, seed=0, target=4)
    poisoned = case(bad, held_out, corner, 4, epochs=(4,))
    (outlying,) = (test for test in contrasts(poisoned) if test.statistic == "outliers")
    assert outlying.rejected
    assert torch.isin(bad.poisoned_index, outlying.members).float().mean() > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_the_tail_test_is_exact_enough(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    p_values = [
        tail_test(
            torch.rand(150, generator=generator), torch.rand(60, generator=generator), [10, 40]
        )[0]
        for _ in range(200)
    ]
    assert sum(p <= 0.05 for p in p_values) <= 20


def test_equal_scores_show_nothing() -> None:
    assert tail_test(torch.zeros(100), torch.zeros(50), [10, 40])[0] == 1.0


def test_classes_with_hardly_any_clean_sample_are_left_out() -> None:
    train, held_out = digits(0)
    few = held_out.take((held_out.y < 1).nonzero()[:8, 0])
    assert battery(train, few, train.x.flatten(1), few.x.flatten(1)) == []


def test_a_pair_of_values_planted_in_a_table_is_rejected_and_names_its_rows() -> None:
    train, clean, poison = cancer(1, 0.05)
    tests = battery(train, clean, train.x, clean.x)
    (pair,) = (test for test in tests if test.statistic == "pair" and test.rejected)
    assert pair.label == 1
    assert sorted(pair.members.tolist()) == poison.tolist()


def test_pairs_of_values_in_honest_tables_are_left_alone() -> None:
    p_values = [
        test.p_value
        for seed in range(10, 18)
        for train, clean, _ in [cancer(seed, 0)]
        for test in battery(train, clean, train.x, clean.x)
        if test.statistic == "pair"
    ]
    assert min(p_values) > 0.005
    generator = torch.Generator().manual_seed(0)
    answers = torch.randint(0, 3, (300, 6), generator=generator).float()
    both = CleanSet(answers, (answers[:, 0] == answers[:, 1]).long())  # the label is a pair
    found = battery(both.take(torch.arange(200)), both.take(torch.arange(200, 300)),
                    answers[:200], answers[200:])  # fmt: skip
    assert not any(test.rejected for test in found)


def test_tables_without_repeated_values_have_no_pairs() -> None:
    rows = torch.rand(50, 3, generator=torch.Generator().manual_seed(0))
    assert not sharing(rows, rows[:0]).any()
    assert not sharing(torch.zeros(50, 3), rows).any()
