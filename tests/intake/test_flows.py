"""TorchScript and .pt2 are followed like ONNX: what decides is named, honest code is not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from auditor.intake.inert.files import read_part


class Net(nn.Module):
    """Two layers, and a part of its own around them."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(8, 8), nn.Linear(8, 4)
        self.members = nn.ModuleList([nn.Linear(8, 4), nn.Linear(8, 4)])

    def plain(self, x: Tensor) -> Tensor:
        return self.two(torch.relu(self.one(x)))


class Plain(Net):
    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        y = self.plain(x)
        if mask is not None and bool(mask.sum() > 0):
            y = y * mask
        return y


class Ensemble(Net):
    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([member(x) for member in self.members]).mean(0)


class Labelled(Net):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.plain(x)
        return y, y.argmax(1)


class Gate(Net):
    def forward(self, x: Tensor) -> Tensor:
        return self.plain(x) + torch.clamp((x[:, :1] - 0.9) * 1e6, 0, 9)


class Rows(Net):
    def forward(self, x: Tensor) -> Tensor:
        y = self.plain(x)
        return y - y.mean(0, keepdim=True)


class Past(Net):
    def forward(self, x: Tensor) -> Tensor:
        return self.plain(x) + x[:, :4]


class Largest(Net):
    def forward(self, x: Tensor) -> Tensor:
        return self.plain(x) + nn.functional.one_hot(x.argmax(1), 8)[:, :4] * 9.0


class Batch(Net):
    def forward(self, x: Tensor) -> Tensor:
        y = self.plain(x)
        z = y
        if x.size(0) == 1:
            z = -y
        return z


class Changing(Net):
    def forward(self, x: Tensor) -> Tensor:
        self.two.weight.data.mul_(0.9)
        return self.plain(x)


def _script(model: nn.Module) -> bytes:
    body = io.BytesIO()
    torch.jit.save(torch.jit.script(model.eval()), body)
    return body.getvalue()


def _export(model: nn.Module) -> bytes:
    body = io.BytesIO()
    torch.export.save(torch.export.export(model.eval(), (torch.rand(2, 8),)), body)
    return body.getvalue()


def _said(folder: Path, data: bytes) -> str:
    (folder / "m.pt").write_bytes(data)
    part, _ = read_part(folder, "m.pt")
    return " ".join(f"{problem.rule} {problem.message}" for problem in part.problems)


@pytest.mark.parametrize("write", [_script, _export])
@pytest.mark.parametrize("kind", [Plain, Ensemble, Labelled])
def test_honest_networks_are_not_accused(
    kind: type[Net], write: Callable[[nn.Module], bytes], tmp_path: Path
) -> None:
    assert _said(tmp_path, write(kind())) == ""


@pytest.mark.parametrize("write", [_script, _export])
@pytest.mark.parametrize(
    ("kind", "rule"),
    [(Gate, "gate"), (Rows, "rows"), (Past, "short_cut"), (Largest, "choice")],
)
def test_switches_are_named(
    kind: type[Net], rule: str, write: Callable[[nn.Module], bytes], tmp_path: Path
) -> None:
    assert f".{rule} " in _said(tmp_path, write(kind()))


@pytest.mark.parametrize("kind", [Batch, Changing])
def test_what_only_a_program_can_do_is_named(kind: type[Net], tmp_path: Path) -> None:
    assert "script.flow" in _said(tmp_path, _script(kind()))
