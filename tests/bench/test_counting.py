"""What a scan asks of networks."""

from __future__ import annotations

import torch
from torch import nn

from auditor.bench.counting import counted_passes, operations


def net(width: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 3))


def frozen(network: nn.Module) -> nn.Module:
    return network.requires_grad_(False)


def test_outermost_networks_count_once() -> None:
    network, x = net(5), torch.zeros(1, 1, 2, 2)
    with counted_passes(network, x) as passes:
        network(x.expand(7, 1, 2, 2))
        network[1](torch.zeros(2, 4))
    network(x.expand(5, 1, 2, 2))
    assert (passes.every, passes.own) == (9, 7)


def test_a_network_of_half_the_operations_costs_half() -> None:
    network, student, x = frozen(net(8)), frozen(net(4)), torch.zeros(1, 1, 2, 2)
    assert operations(network, x) == 2 * (4 * 8 + 8 * 3)
    with counted_passes(network, x) as passes:
        network(x.expand(6, 1, 2, 2))
        student(x.expand(6, 1, 2, 2))
    assert (passes.every, passes.own, passes.work) == (12, 6, 9)


def test_gradients_cost_more_than_a_forward_pass() -> None:
    network, x = frozen(net(8)), torch.zeros(10, 1, 2, 2)
    with counted_passes(network, x[:1]) as passes:
        network(x)
        network(x.requires_grad_())
        with torch.no_grad():
            network(x)
        network.requires_grad_(True)
        network(x)
    assert passes.work == 10 + 20 + 10 + 30


def test_the_mode_of_a_network_stays() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Dropout())
    network.train()
    with counted_passes(network, torch.zeros(1, 1, 2, 2)) as passes:
        network(torch.zeros(2, 1, 2, 2))
    assert network.training
    assert network[2].training
    assert passes.every == 2
