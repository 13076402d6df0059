"""Every architecture builds, trains one step and keeps its promises on names and shapes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from auditor.architectures import architecture, build, infer_classes, names
from auditor.core.errors import AuditorError

LARGE = ("resnet18", "resnet34", "resnet18_224", "resnet34_224")
SMALL = tuple(name for name in names() if name not in LARGE)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
def test_logits_and_gradients(name: str, shape: tuple[int, ...]) -> None:
    network = build(name, shape, 7)
    logits = network(torch.rand(4, *shape))
    assert logits.shape == (4, 7)
    logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


@pytest.mark.parametrize("name", LARGE)
def test_large_ones_give_logits(name: str) -> None:
    network = build(name, (3, 32, 32), 5).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 3, 32, 32)).shape == (1, 5)


@pytest.mark.parametrize("name", names())
def test_classes_are_read_from_the_weights(name: str) -> None:
    assert infer_classes(build(name, (3, 32, 32), 11).state_dict()) == 11


@pytest.mark.parametrize("name", SMALL)
def test_weights_load_into_a_fresh_network(name: str) -> None:
    first, second = (build(name, (1, 28, 28), 3).eval() for _ in range(2))
    second.load_state_dict(first.state_dict())
    x = torch.rand(2, 1, 28, 28)
    assert torch.equal(first(x), second(x))


@pytest.mark.parametrize("name", SMALL)
def test_can_be_scripted(name: str) -> None:
    network = build(name, (3, 32, 32), 3).eval()
    scripted = torch.jit.script(network)
    assert scripted.state_dict().keys() == network.state_dict().keys()
    x = torch.rand(2, 3, 32, 32)
    assert torch.allclose(scripted(x), network(x), atol=1e-5)


def test_mlp_takes_vectors() -> None:
    assert build("mlp", (9,), 2)(torch.rand(3, 9)).shape == (3, 2)


def test_small_cnn_takes_digits_and_stays_small() -> None:
    network = build("small_cnn", (1, 8, 8), 10)
    assert network(torch.rand(2, 1, 8, 8)).shape == (2, 10)
    assert 60_000 < sum(p.numel() for p in network.parameters()) < 120_000


def test_resnet_has_the_usual_names() -> None:
    keys = set(build("resnet18_224", (3, 224, 224), 1000).state_dict())
    # 122 is the length of the published ResNet-18 state dict.
    assert len(keys) == 122
    expected = "conv1.weight bn1.running_mean layer1.0.conv1.weight layer4.1.bn2.bias fc.bias"
    assert {*expected.split(), "layer2.0.downsample.0.weight"} <= keys


def test_unknown_name_suggests_close_ones() -> None:
    with pytest.raises(AuditorError, match="resnet18"):
        build("resnet-18", (3, 32, 32), 10)


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("small_cnn", (10,), 10),
        ("lenet", (1, 8, 8), 10),
        ("vit_tiny", (1, 29, 29), 10),
        ("mlp", (0,), 10),
        ("mlp", (4,), 1),
    ],
)
def test_impossible_shapes_are_refused(name: str, shape: tuple[int, ...], classes: int) -> None:
    with pytest.raises(AuditorError):
        build(name, shape, classes)


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        architecture("mlp")(lambda shape, classes: nn.Identity())


def test_no_matrix_no_classes() -> None:
    assert infer_classes({"bias": torch.zeros(3)}) is None
