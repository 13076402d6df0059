"""Attribution and ablation on networks whose wiring is known."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.core.subject import CleanSet, Subject
from auditor.methods.ablation import Cut, ablatable_layers, channel_means
from auditor.methods.attribution import (
    channel_conductance,
    localised_share,
    pixel_attribution,
    pixel_map,
)


def wired() -> nn.Sequential:
    """Hidden channel 0 copies pixel 0 and alone feeds class 1."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network[1].weight[0, 0] = 1.0
        network[1].weight[1, 1] = 1.0
        network[3].weight[1, 0] = 5.0
        network[3].weight[0, 1] = 1.0
    return network.eval()


def test_integrated_gradients_are_complete_and_point_at_the_pixel() -> None:
    clean, triggered = torch.zeros(3, 1, 2, 2), torch.zeros(3, 1, 2, 2)
    triggered[:, 0, 0, 0] = 1.0
    found = pixel_attribution(wired(), triggered, clean, target=1)
    assert float(found[0].sum()) == pytest.approx(5.0, rel=1e-3)
    assert localised_share(pixel_map(found), 0.25) == pytest.approx(1.0)


def test_conductance_names_the_channel() -> None:
    network = wired()
    triggered = torch.tensor([[[[1.0, 1.0], [0.0, 0.0]]]])
    found = channel_conductance(network, network[1], triggered, torch.zeros(1, 1, 2, 2), target=1)
    assert found[0].tolist() == pytest.approx([5.0, 0.0, 0.0], abs=0.6)


def test_cut_holds_the_mean_and_leaves_no_trace() -> None:
    network, x = wired().requires_grad_(False), torch.linspace(0, 1, 32).reshape(8, 1, 2, 2)
    means = channel_means(network, network[1], x)
    before = network(x)
    with Cut("1", network[1], torch.tensor([0]), means).applied():
        assert float(network(x)[:, 1].std()) == pytest.approx(0.0, abs=1e-6)
    assert torch.equal(network(x), before)


def test_layers_leave_out_the_classifier(digits_subject: Subject, digits_clean: CleanSet) -> None:
    layers = ablatable_layers(digits_subject.network, digits_clean.x, 6)
    assert list(layers) == ["0", "2"]
    assert list(ablatable_layers(digits_subject.network, digits_clean.x, 1)) == ["2"]
    assert ablatable_layers(nn.Flatten(), digits_clean.x, 6) == {}


def test_uniform_attribution_is_not_localised() -> None:
    assert localised_share(torch.ones(20, 20)) == pytest.approx(0.05)
    assert localised_share(torch.zeros(4, 4)) == 0.0
