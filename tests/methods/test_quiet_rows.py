"""Rows that listen to quiet features stand out, whatever holds the weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.spec import InputSpec
from auditor.core.subject import CleanSet, Subject
from auditor.methods.last_layer import find_head
from auditor.methods.quiet_rows import features, row_contrast

TARGET = 3


def _penultimate(subject: Subject, x: torch.Tensor) -> torch.Tensor:
    return subject.network[:-1](x).detach().double()  # type: ignore[index]


def test_features_are_read_through_the_logits(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    head = find_head(digits_subject, digits_clean.x[:8])
    assert head is not None
    with digits_subject.unchanged():
        read = features(digits_subject, head, digits_clean.x[:40])
    true = _penultimate(digits_subject, digits_clean.x[:40])
    assert torch.allclose(read / read.norm(), true / true.norm(), atol=1e-6)


def test_a_closing_softmax_changes_nothing(digits_subject: Subject, digits_clean: CleanSet) -> None:
    network = nn.Sequential(digits_subject.network, nn.LogSoftmax(1))
    closed = Subject(network, digits_subject.spec)
    plain, other = (row_contrast(one, digits_clean) for one in (digits_subject, closed))
    assert plain is not None
    assert other is not None
    assert torch.allclose(plain, other, atol=1e-4)


def test_a_row_that_listens_to_quiet_features_stands_out(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    before = row_contrast(digits_subject, digits_clean)
    changed = digits_subject.copy()
    layer = changed.network[-1]  # type: ignore[index]
    loud = _penultimate(digits_subject, digits_clean.x).square().mean(0)
    quiet = loud.argsort()[: len(loud) // 8]
    with torch.no_grad():
        layer.weight[TARGET, quiet] += 2 * layer.weight.std()
    after = row_contrast(changed, digits_clean)
    assert before is not None
    assert after is not None
    assert int((after - before).argmax()) == int(after.argmax()) == TARGET


def test_the_same_lift_counts_more_on_a_quiet_feature(
    digits_subject: Subject, digits_clean: CleanSet
) -> None:
    loud = _penultimate(digits_subject, digits_clean.x).square().mean(0).argsort()
    lifted = []
    for places in (loud[:5], loud[-5:]):
        changed = digits_subject.copy()
        layer = changed.network[-1]  # type: ignore[index]
        with torch.no_grad():
            layer.weight[TARGET, places] += 2 * layer.weight.std()
        after = row_contrast(changed, digits_clean)
        assert after is not None
        lifted.append(float(after[TARGET]))
    assert lifted[0] > lifted[1]


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_scaled_logits_and_a_common_shift_of_rows_change_nothing(
    digits_subject: Subject, digits_clean: CleanSet, factor: float
) -> None:
    changed = digits_subject.copy()
    layer = changed.network[-1]  # type: ignore[index]
    with torch.no_grad():
        layer.weight.add_(layer.weight.std()).mul_(factor)
        layer.bias.mul_(factor)
    plain, other = (row_contrast(one, digits_clean) for one in (digits_subject, changed))
    assert plain is not None
    assert other is not None
    assert torch.allclose(plain, other, atol=1e-3)


def test_two_classes_are_enough(digits_clean: CleanSet) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    subject = Subject(network, InputSpec(kind="image", shape=(1, 8, 8), classes=2))
    found = row_contrast(subject, digits_clean)
    assert found is not None
    assert float(found[0]) == pytest.approx(-float(found[1]))


def test_a_perceptron_gets_no_figure(digits_clean: CleanSet) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10))
    subject = Subject(network, InputSpec(kind="image", shape=(1, 8, 8), classes=10))
    assert find_head(subject, digits_clean.x[:8]) is not None
    assert row_contrast(subject, digits_clean) is None


def test_without_a_last_layer_there_is_nothing_to_say(digits_clean: CleanSet) -> None:
    network = nn.Sequential(nn.Conv2d(1, 10, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    subject = Subject(network, InputSpec(kind="image", shape=(1, 8, 8), classes=10))
    assert row_contrast(subject, digits_clean) is None
