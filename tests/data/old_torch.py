# ruff: noqa
# Runs under versions of torch and numpy that this project does not use.
"""Writes torch files with the installed torch, whatever its version: ``python old_torch.py OUT``.

Beside them ``expected.npz`` with the numbers of every tensor (bfloat16, half and truth values as
float32), as the torch that wrote them gives them.
"""

import io
import sys
import warnings
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn

warnings.simplefilter("ignore")
torch.manual_seed(7)
torch.set_num_threads(1)
ROOT = Path(sys.argv[1])
ROOT.mkdir(parents=True, exist_ok=True)
EXPECTED = {}
SKIPPED = []


def numbers(tensor):
    """The values as a list would give them, in a type that numpy has."""
    tensor = tensor.detach()
    if tensor.dtype in (torch.bfloat16, torch.float16, torch.bool) or str(tensor.dtype).startswith(
        "torch.float8"
    ):
        tensor = tensor.float()
    kinds = {torch.complex64: np.complex64, torch.float64: np.float64, torch.float32: np.float32}
    return np.array(tensor.tolist(), dtype=kinds.get(tensor.dtype, np.int64)).reshape(
        tuple(tensor.shape)
    )


def expect(name, state):
    for key, value in state.items():
        EXPECTED[name + "/" + key] = numbers(value)


def both(name, value, state=None):
    """The same value in the zip layout and in the one before torch 1.6."""
    for layout, zipped in (("zip", True), ("legacy", False)):
        held = io.BytesIO()  # a version that cannot write this type must leave no half file
        torch.save(value, held, _use_new_zipfile_serialization=zipped)
        (ROOT / (name + "." + layout + ".pt")).write_bytes(held.getvalue())
    if state is not None:
        expect(name, state)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.head = nn.Linear(2, 3)

    def forward(self, x):
        return self.head(torch.relu(self.norm(self.conv(x))).mean((2, 3)))


def plain():
    kinds = [
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.complex64,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
    ]
    state = {
        str(k).replace("torch.", ""): (torch.arange(6).reshape(2, 3) * 1.5).to(k) for k in kinds
    }
    state["bool"] = torch.tensor([True, False, True])
    both("types", state, state)
    for kind in ("float8_e4m3fn", "float8_e5m2", "uint16", "uint32", "uint64"):
        if hasattr(torch, kind):
            late(kind)
    base = torch.arange(24.0)
    views = {
        "whole": base,
        "tied": base,
        "part": base[3:9],
        "turned": base.reshape(4, 6).t(),
        "steps": base[::5],
        "wide": torch.ones(1, 3).expand(2, 3),
        "channels_last": torch.randn(1, 2, 3, 2).to(memory_format=torch.channels_last),
        "scalar": torch.tensor(3.25),
        "nothing": torch.zeros(0, 4),
    }
    both("views", views, views)
    parameters = OrderedDict(
        a=nn.Parameter(torch.randn(2, 2)), b=nn.Parameter(torch.randn(3), requires_grad=False)
    )
    both("parameters", parameters, parameters)
    state = Net().state_dict()
    both("network", state, state)


def late(kind):
    """Types that came later, where this version can write them."""
    try:
        state = {"w": torch.arange(4).float().to(getattr(torch, kind))}
        torch.save(state, str(ROOT / (kind + ".zip.pt")))
    except Exception as error:
        SKIPPED.append(kind + ": " + type(error).__name__)
        return
    expect(kind, state)


def training():
    net = Net()
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    both(
        "checkpoint",
        {
            "epoch": 3,
            "model": net.state_dict(),
            "optimizer": optimiser.state_dict(),
            "args": {"lr": 1e-3, "device": torch.device("cpu"), "dtype": torch.float32},
        },
        {"model." + k: v for k, v in net.state_dict().items()},
    )


def odd():
    both(
        "quantised",
        {
            "w": torch.quantize_per_tensor(torch.randn(2, 3), 0.1, 3, torch.qint8),
            "v": torch.quantize_per_channel(
                torch.randn(2, 3), torch.tensor([0.1, 0.2]), torch.tensor([0, 1]), 0, torch.qint8
            ),
        },
    )
    both("sparse", {"w": torch.eye(3).to_sparse(), "v": torch.eye(3).to_sparse_csr()})
    torch.save(Net(), str(ROOT / "module.zip.pt"))
    torch.save(Net(), str(ROOT / "module.legacy.pt"), _use_new_zipfile_serialization=False)
    torch.save(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), str(ROOT / "sequential.zip.pt"))


def programs():
    net = Net().eval()
    torch.jit.save(torch.jit.script(net), str(ROOT / "script.ts"))
    torch.jit.save(torch.jit.trace(net, torch.randn(2, 1, 6, 6)), str(ROOT / "trace.ts"))
    expect("script", net.state_dict())
    EXPECTED["x"] = x = numbers(torch.linspace(-1, 1, 72).reshape(2, 1, 6, 6))
    with torch.no_grad():
        EXPECTED["y"] = numbers(net(torch.linspace(-1, 1, 72).reshape(2, 1, 6, 6)))


def exported():
    net = Net().eval()
    program = torch.export.export(net, (torch.randn(2, 1, 6, 6),))
    torch.export.save(program, str(ROOT / "exported.pt2"))
    expect("exported", net.state_dict())
    with torch.no_grad():
        EXPECTED["z"] = numbers(net(torch.linspace(-1, 1, 72).reshape(2, 1, 6, 6)))


for step in (plain, training, odd, programs, exported):
    try:
        step()
    except Exception as error:  # an old version lacks some of it
        SKIPPED.append(step.__name__ + ": " + type(error).__name__ + ": " + str(error)[:150])
np.savez(str(ROOT / "expected.npz"), **EXPECTED)
print(torch.__version__, len(EXPECTED), sorted(p.name for p in ROOT.iterdir()), SKIPPED)
