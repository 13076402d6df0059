"""Our own network with the weights of a delivered graph, and what is said where there is none."""

from __future__ import annotations

import torch
from torch import nn

from auditor.architectures import build
from auditor.core.graph import Graph
from auditor.core.spec import SpecHints
from auditor.intake.formats import Loaded
from auditor.intake.graphs import of_module
from auditor.intake.twin import origin

SHAPE, CLASSES = (1, 8, 8), 3
MLP = SpecHints(arch="mlp", shape=SHAPE)


def delivered(network: nn.Module) -> Loaded:
    return Loaded(network, "a vendor's", (), of_module(network, torch.zeros(2, *SHAPE)))


def test_the_twin_has_the_delivered_weights() -> None:
    torch.manual_seed(1)
    network = build("mlp", SHAPE, CLASSES).eval()
    found = origin(delivered(network), MLP, CLASSES)
    x = torch.rand(5, *SHAPE)
    assert found.twin is not None
    with torch.no_grad():
        assert torch.equal(found.twin(x), network(x))
    assert (found.declared, found.reason) == ("mlp", "")
    assert found.graph is not None
    assert found.expected is not None
    assert len(found.expected.nodes) == len(found.graph.nodes)


def test_weights_that_do_not_fit_have_no_twin() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, CLASSES)).eval()
    found = origin(delivered(network), MLP, CLASSES)
    assert found.twin is None
    assert found.expected is not None
    assert found.reason


def test_without_a_declared_architecture_there_is_nothing_to_compare() -> None:
    network = build("mlp", SHAPE, CLASSES).eval()
    found = origin(delivered(network), SpecHints(shape=SHAPE), CLASSES)
    assert isinstance(found.graph, Graph)
    assert (found.twin, found.expected) == (None, None)
    assert found.reason == "No architecture was declared."
