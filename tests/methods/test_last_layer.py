"""Last-layer scan: edited rows and a path of single neurons stand out, an honest model does not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.clean_scores import largest_p_value, nulls, unit_p_values
from auditor.methods.last_layer import (
    LIFT,
    Head,
    Scan,
    find_head,
    row_scores,
    scan,
)

TARGET = 4


def scanned(subject: Subject, clean: CleanSet) -> Scan:
    head = find_head(subject, clean.x[:8])
    assert head is not None
    return scan(subject, head)


def test_an_honest_model_is_not_accused(digits_subject: Subject, digits_clean: CleanSet) -> None:
    found = scanned(digits_subject, digits_clean)
    assert found.p_rows > 0.05
    assert found.p_paths > 0.05
    assert found.p_value > 0.05


@pytest.mark.parametrize("edit", ["few weights", "bias"])
def test_an_edited_row_is_found(digits_subject: Subject, digits_clean: CleanSet, edit: str) -> None:
    changed = digits_subject.copy()
    layer = changed.network[-1]  # type: ignore[index]
    with torch.no_grad():
        if edit == "bias":
            centred = layer.weight - layer.weight.mean(0)
            layer.bias[TARGET] += centred.square().sum(1).mean().sqrt()
        else:
            layer.weight[TARGET, ::40] = 3 * layer.weight.abs().max()
    found = scanned(changed, digits_clean)
    assert found.p_value <= 0.05
    assert min(range(10), key=found.p_classes.__getitem__) == TARGET


def test_a_path_of_single_neurons_is_found(digits_subject: Subject, digits_clean: CleanSet) -> None:
    changed = digits_subject.copy()
    layer = changed.network[2]  # type: ignore[index]
    with torch.no_grad():
        size = layer.weight[5].norm()
        layer.weight[5] = 0
        layer.weight[5, 3, 1, 1] = size
    assert scanned(changed, digits_clean).p_paths <= 0.05


def test_the_head_is_the_layer_that_decides(digits_clean: CleanSet) -> None:
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 10), nn.ReLU(), nn.Linear(10, 10, bias=False)
    )
    subject = Subject(network, InputSpec(kind="image", shape=(1, 8, 8), classes=10))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    head = find_head(subject, digits_clean.x[:8])
    assert head is not None
    assert torch.equal(head.weight.float(), network[3].weight)
    assert not head.bias.any()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_no_head_is_no_finding(digits_clean: CleanSet) -> None:
    network = nn.Sequential(nn.Conv2d(1, 10, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    subject = Subject(network, InputSpec(kind="image", shape=(1, 8, 8), classes=10))
    assert find_head(subject, digits_clean.x[:8]) is None


def test_a_head_may_be_a_convolution_of_one_pixel(digits_clean: CleanSet) -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Conv2d(6, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    subject = Subject(network, InputSpec(kind="image", shape=(1, 8, 8), classes=10))
    head = find_head(subject, digits_clean.x[:8])
    assert head is not None
    assert torch.equal(head.weight.float(), network[2].weight.flatten(1))


def test_rows_that_are_all_alike_do_not_divide_by_zero() -> None:
    scores = row_scores(Head(torch.ones(2, 5), torch.zeros(2), torch.ones(2, 5)))
    assert all(torch.isfinite(row).all() for row in scores.values())


def test_p_values_follow_the_clean_scores() -> None:
    for name, null in nulls().items():
        middle = null.scores[len(null.scores) // 2]
        assert 0.4 < null.exceedance(middle) < 0.6, name
        low, high = unit_p_values({name: [middle, null.scores[-1] + 10 * null.excess]})
        assert high < 1e-3 < low
    assert largest_p_value([]) == 1.0
    assert largest_p_value([0.01] * 10) == pytest.approx(1 - 0.99**10)


def test_a_lifted_row_scores_high_and_a_lowered_one_low() -> None:
    weight = torch.randn(6, 40, generator=torch.Generator().manual_seed(0)).double()
    weight[TARGET] += 1.0
    weight[1] -= 1.0
    lift = row_scores(Head(weight, torch.zeros(6).double(), weight))[LIFT]
    assert (int(lift.argmax()), int(lift.argmin())) == (TARGET, 1)
    assert float(lift[TARGET]) > 0.5 > -0.5 > float(lift[1])
