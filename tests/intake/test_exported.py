"""Exported programs are rebuilt and compute what torch's own loader computes; nothing is loaded."""

from __future__ import annotations

import copy
import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.exported import program
from auditor.intake.formats import FORMATS
from auditor.intake.graph_operators import GRAPH_OPERATORS
from auditor.intake.operators import aten_names, takes_text
from auditor.intake.scan import scan
from auditor.intake.scan_export import read_graph
from auditor.intake.zips import opened


class Sized(nn.Module):
    """Arithmetic on sizes, splits, indices, a constant and a buffer that is not saved."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(16, 16)
        self.register_buffer("scale", torch.tensor([2.0]), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        n = x.shape[0]
        left, right = x.reshape(n, -1).split(8, 1)
        y = torch.cat([right, left], 1).view(n * 2, -1)[:, :8].reshape(n, 16)
        y = torch.nn.functional.gelu(self.one(y), approximate="tanh") * self.scale
        top = y.topk(3, 1).values
        return torch.where(y > 0, y, y / 3)[:, :4] + top.mean(1, keepdim=True) + torch.arange(4)


class Attention(nn.Module):
    """A block of a transformer and an LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.lstm = nn.LSTM(16, 8, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(self.block(x))[0][:, -1])


def _flat(x: int) -> tuple[int, ...]:
    return (x, 1, 4, 4)


NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "sized": (Sized, (1, 4, 4)),
    "attention": (Attention, (5, 16)),
    "convolutions": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, stride=2), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
            nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, groups=4), nn.GroupNorm(2, 8), nn.SiLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(8, 5), nn.LogSoftmax(1),
        ),
        (3, 16, 16),
    ),
}  # fmt: skip


def save(network: nn.Module, shape: tuple[int, ...], path: Path, free: bool = True) -> Tensor:
    x = torch.rand(4, *shape, generator=torch.Generator().manual_seed(0))
    sizes = ({0: torch.export.Dim.AUTO},) if free else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(network.eval(), (x,), dynamic_shapes=sizes), path)
    return x


def rebuilt(path: Path) -> nn.Module:
    assert scan(path, "export").dangerous == 0
    return FORMATS["export"].load(path, SpecHints()).network


@pytest.mark.parametrize("free", [True, False])
@pytest.mark.parametrize("name", NETWORKS)
def test_it_computes_what_the_network_computes(
    name: str, free: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, shape = NETWORKS[name]
    torch.manual_seed(0)
    network = make()
    x = save(network, shape, tmp_path / "m.pt2", free)

    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("torch's loader was called")

    monkeypatch.setattr(torch.export, "load", never)
    found = rebuilt(tmp_path / "m.pt2")
    with torch.no_grad():
        for inputs in (x, x[:3], torch.cat([x, x + 0.1])):
            assert torch.allclose(found(inputs), network(inputs), atol=1e-5)
    kept = {key.replace("network.", "") for key in found.state_dict()}
    assert kept >= set(network.state_dict())


def test_it_can_be_copied_and_trained(tmp_path: Path) -> None:
    make, shape = NETWORKS["convolutions"]
    x = save(make(), shape, tmp_path / "m.pt2")
    found = rebuilt(tmp_path / "m.pt2")
    other = copy.deepcopy(found)
    x.requires_grad_(True)
    other(x).sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    weight = next(other.parameters())
    assert weight.grad is not None
    with torch.no_grad():
        weight += 1
    assert not torch.allclose(found(x), other(x))


def changed(path: Path, change: Callable[[dict[str, Any]], None], end: str = "model.json") -> Path:
    out = path.with_suffix(".changed")
    body = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(body) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(end):
                document = json.loads(data)
                change(document)
                data = json.dumps(document).encode()
            new.writestr(name, data)
    return out


def built(path: Path) -> nn.Module:
    with opened(path) as archive:
        return program(archive, read_graph(archive))


def _node(document: dict[str, Any], number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = document["graph_module"]["graph"]["nodes"][number]
    return found


HOSTILE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "unlisted": (lambda d: _node(d).update(target="torch.ops.aten.cholesky.default"), "cholesky"),
    "file": (lambda d: _node(d).update(target="torch.ops.aten.from_file.default"), "from_file"),
    "higher": (lambda d: _node(d).update(target="torch.ops.higher_order.cond"), "cond"),
    "python": (lambda d: _node(d).update(target="os.system"), "os.system"),
    "out": (lambda d: _node(d).update(target="torch.ops.aten.relu.out"), "relu.out"),
    "dunder": (lambda d: _node(d).update(target="torch.ops.aten.__class__.x"), "__class__"),
    "graph": (lambda d: _node(d)["inputs"][0].update(arg={"as_graph": {}}), "graph"),
    "argument": (lambda d: _node(d)["inputs"][0].update(name="evil"), "lacks the argument"),
    "before": (lambda d: d["graph_module"]["graph"]["nodes"].reverse(), "before it exists"),
    "empty": (lambda d: d["graph_module"]["graph"].update(nodes=[]), "does not compute"),
    "schema": (lambda d: d["graph_module"].update(signature=[]), "schema"),
    "mutation": (lambda d: d["graph_module"]["signature"]["output_specs"].append(
        {"user_input_mutation": {}}), "user_input_mutation"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_graph_is_refused_by_name(name: str, tmp_path: Path) -> None:
    make, shape = NETWORKS["convolutions"]
    x = save(make(), shape, tmp_path / "m.pt2")
    change, said = HOSTILE[name]
    with pytest.raises(DeliveryError, match=said.replace(".", r"\.")):
        built(changed(tmp_path / "m.pt2", change))(x)


def test_weights_stay_inside_their_bytes(tmp_path: Path) -> None:
    make, shape = NETWORKS["convolutions"]
    save(make(), shape, tmp_path / "m.pt2")

    def longer(document: dict[str, Any]) -> None:
        next(iter(document["config"].values()))["tensor_meta"]["strides"][0] = {"as_int": 1 << 30}

    def pickled(document: dict[str, Any]) -> None:
        next(iter(document["config"].values()))["use_pickle"] = True

    for change, said in ((longer, "claims more"), (pickled, "pickled")):
        with pytest.raises(DeliveryError, match=said):
            built(changed(tmp_path / "m.pt2", change, "weights_config.json"))


def test_the_list_holds_plain_operators_of_torch_only() -> None:
    assert aten_names() >= GRAPH_OPERATORS - {"numpy_T"}
    assert not [name for name in GRAPH_OPERATORS if takes_text(name)]
