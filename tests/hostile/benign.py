"""Files that honest vendors send, written here by the libraries themselves, more than 200.

``DATA`` are data formats, which a scan must understand to the last byte; ``PROGRAMS`` carry code
that is not in the file, so that a scan may only say that it could not audit them.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import io
import pickle  # noqa: TID251  writes files, reads none
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from safetensors.torch import save as save_safetensors
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

Make = Callable[[], bytes]


class Residual(nn.Module):
    """A block with a skip connection."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.one, self.norm = nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(self.norm(self.one(x)))


def networks() -> dict[str, nn.Module]:
    """Small networks of the usual kinds, pictures ``(n, 1, 8, 8)`` in."""
    torch.manual_seed(0)
    flat = nn.Flatten()
    found = {
        "mlp": nn.Sequential(flat, nn.Linear(64, 80), nn.ReLU(), nn.Linear(80, 10)),
        "cnn": nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), flat,
            nn.Linear(128, 10),
        ),
        "residual": nn.Sequential(
            nn.Conv2d(1, 8, 3), Residual(8), nn.AdaptiveAvgPool2d(1), flat, nn.Linear(8, 10)
        ),
        "gelu": nn.Sequential(
            flat, nn.LayerNorm(64), nn.Linear(64, 32), nn.GELU(), nn.Linear(32, 10)
        ),
        "grouped": nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3, groups=8), nn.Hardswish(), flat,
            nn.Linear(128, 10),
        ),
    }  # fmt: skip
    return {name: network.eval() for name, network in found.items()}


@cache
def states() -> dict[str, dict[str, Tensor]]:
    """State dictionaries of networks and of types of tensors."""
    found: dict[str, dict[str, Tensor]] = {k: dict(n.state_dict()) for k, n in networks().items()}
    found["lstm"] = dict(nn.LSTM(8, 16).state_dict())
    found["attention"] = dict(nn.TransformerEncoderLayer(16, 2).state_dict())
    base = torch.randn(6, 8)
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.int64,
                  torch.bool, torch.uint8, torch.int16, torch.int32):  # fmt: skip
        found[str(dtype).removeprefix("torch.")] = {
            "w": (base * 9).to(dtype),
            "b": base[0].to(dtype),
        }
    found["empty"] = {"w": torch.empty(0, 4), "s": torch.tensor(3.0)}
    return found


def _torch(value: object, **options: Any) -> bytes:
    body = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(value, body, **options)
    return body.getvalue()


def _old_zip(value: object) -> bytes:
    """The members that torch 1.6 to 1.13 wrote."""
    body = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_torch(value))) as new, zipfile.ZipFile(body, "w") as old:
        for name in new.namelist():
            if name.endswith(("data.pkl", "/version")) or "/data/" in name:
                old.writestr(name, new.read(name))
    return body.getvalue()


def _joblib(value: object, **options: Any) -> bytes:
    body = io.BytesIO()
    joblib.dump(value, body, **options)
    return body.getvalue()


def _numpy(save: Callable[..., None], *values: object, **named: object) -> bytes:
    body = io.BytesIO()
    save(body, *values, **named)
    return body.getvalue()


def checkpoints() -> dict[str, object]:
    """What training scripts save beside the weights."""
    network = networks()["cnn"]
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.rand(2, 1, 8, 8)).sum().backward()
    optimizer.step()
    state = network.state_dict()
    weight = torch.randn(8, 6)
    return {
        "adam": {"state_dict": state, "epoch": 3, "optimizer": optimizer.state_dict()},
        "numpy_scalars": {"model": state, "loss": np.float64(0.5), "step": np.int64(7)},
        "arguments": {"net": state, "args": argparse.Namespace(lr=0.1, name="x", size=(1, 2))},
        "history": {"model": state, "history": [{"loss": 0.1, "acc": None}] * 3},
        "date": {"model": state, "when": datetime.datetime(2026, 1, 2, 3, 4)},
        "views": {"a": weight, "b": weight.t(), "c": weight[2:4], "d": weight[:, ::2]},
        "parameters": {"w": nn.Parameter(weight), "v": nn.Parameter(weight[0], False)},
        "tied": {"encoder": weight, "decoder": weight},
        "expanded": {"ones": torch.ones(1).expand(8), "w": weight},
        "list": [weight, weight[0]],
        "ordered": collections.OrderedDict([("w", weight), ("size", torch.Size([1, 2]))]),
        "dtype": {"w": weight, "dtype": torch.float16, "device": torch.device("cpu")},
        "arrays": {"mean": np.arange(3.0), "w": weight, "names": ["a", "b"]},
        "scheduler": {"w": weight, "sched": collections.defaultdict(int, {"step": 3})},
        "rng": {"w": weight, "rng": torch.get_rng_state()},
    }  # fmt: skip


def _arrays() -> dict[str, np.ndarray[Any, Any]]:
    rng = np.random.default_rng(0)
    base = rng.normal(size=(20, 6))
    kinds = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16")
    found = {f"kind_{kind}": (base * 9).astype(np.complex128 if "c" in kind else "f8").astype(kind)
             for kind in kinds}  # fmt: skip
    record = np.zeros(5, [("a", "<i4"), ("b", "<f8", (2,))])
    more = {"fortran": np.asfortranarray(base), "big": base.astype(">f4"), "record": record,
            "text": np.array(["cat"]), "scalar": np.array(3.0), "none": base[:0]}  # fmt: skip
    return {**found, **more}


_SHARED = [1, 2, 3]
PLAIN_DATA: dict[str, object] = {
    "mixed": {"a": 1, "b": [1.5, None, True, "x" * 300, b"y" * 300], "c": (1, (2, (3,)))},
    "numbers": [0, -1, 255, 1 << 16, -(1 << 31), 1 << 70, -(1 << 700), 1e300, 2.5j],
    "sets": [{1, 2}, frozenset(("a",)), bytearray(b"abc"), range(3), slice(1, 2)],
    "shared": {"x": _SHARED, "y": [_SHARED, _SHARED]},
    "words": {"über": "straße", "line\nbreak": "tab\t", "": ""},
    "dates": [datetime.date(2026, 1, 1), datetime.timedelta(3), collections.Counter("abca")],
}


@cache
def corpus() -> tuple[dict[str, Make], dict[str, Make]]:
    """Makers of data files and of program files, by name."""
    data: dict[str, Make] = {}
    for name, state in states().items():
        data[f"{name}.safetensors"] = partial(
            save_safetensors, {k: v.contiguous() for k, v in state.items()}
        )
        data[f"{name}.zip.pt"] = partial(_torch, state)
        data[f"{name}.old.pt"] = partial(_old_zip, state)
        data[f"{name}.legacy.pt"] = partial(_torch, state, _use_new_zipfile_serialization=False)
    for name, value in checkpoints().items():
        data[f"ck_{name}.pt"] = partial(_torch, value)
        data[f"ck_{name}.legacy.pt"] = partial(_torch, value, _use_new_zipfile_serialization=False)
    for protocol in (3, 4, 5):
        data[f"cnn_p{protocol}.pt"] = partial(_torch, states()["cnn"], pickle_protocol=protocol)
        data[f"cnn_pickled_p{protocol}.pkl"] = partial(pickle.dumps, states()["cnn"], protocol)
    data.update(_numpy_files())
    for name, value in PLAIN_DATA.items():
        for protocol in range(6):
            data[f"{name}_p{protocol}.pkl"] = partial(pickle.dumps, value, protocol)
    data.update(_graphs())
    data["config.json"] = lambda: b'{"architectures": ["ResNet"], "model_type": "resnet"}\n'
    data["README.md"] = lambda: b"---\nlicense: mit\n---\n# A model\nimport this\n"
    data["LICENSE"] = lambda: b"MIT License\n\nPermission is hereby granted ...\n"
    return data, _programs()


def _numpy_files() -> dict[str, Make]:
    arrays = _arrays()
    found: dict[str, Make] = {f"{n}.npy": partial(_numpy, np.save, a) for n, a in arrays.items()}
    few = {"x": arrays["kind_f4"], "y": arrays["kind_i8"]}
    found["two.npz"] = partial(_numpy, np.savez, **few)
    found["two_deflated.npz"] = partial(_numpy, np.savez_compressed, **few)
    for protocol in range(6):
        found[f"arrays_p{protocol}.pkl"] = partial(pickle.dumps, few, protocol)
    for pack in (None, "zlib", "gzip", "bz2", "xz", "lzma"):
        options = {"compress": (pack, 3)} if pack else {}
        found[f"arrays_{pack}.joblib"] = partial(_joblib, {"w": few, "n": [1]}, **options)
        found[f"big_{pack}.joblib"] = partial(
            _joblib, [arrays["fortran"], arrays["big"]], **options
        )
    return found


def _graphs() -> dict[str, Make]:
    found: dict[str, Make] = {}
    for name, network in networks().items():
        for form, write in (
            ("ts", _script),
            ("traced.ts", _trace),
            ("pt2", _export),
            ("onnx", _onnx),
        ):
            found[f"{name}.{form}"] = partial(_written, write, network, form)
    return found


def _written(write: Callable[[nn.Module, str], None], network: nn.Module, form: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / f"m.{form}"
        write(network, str(path))
        return path.read_bytes()


_X = torch.rand(4, 1, 8, 8)


def _script(network: nn.Module, path: str) -> None:
    torch.jit.save(torch.jit.script(network), path)


def _trace(network: nn.Module, path: str) -> None:
    torch.jit.save(torch.jit.trace(network, _X), path)


def _export(network: nn.Module, path: str) -> None:
    sizes = ({0: torch.export.Dim.AUTO},)
    torch.export.save(torch.export.export(network, (_X,), dynamic_shapes=sizes), path)


def _onnx(network: nn.Module, path: str) -> None:
    axes = {"input": {0: "n"}}
    torch.onnx.export(network, (_X,), path, dynamo=False, input_names=["input"], dynamic_axes=axes)


def _programs() -> dict[str, Make]:
    x, y = load_digits(return_X_y=True)
    models: dict[str, Any] = {
        "forest": RandomForestClassifier(5), "logistic": LogisticRegression(max_iter=20),
        "mlp": MLPClassifier((8,), max_iter=3),
        "pipe": make_pipeline(StandardScaler(), LogisticRegression(max_iter=5)),
    }  # fmt: skip
    found: dict[str, Make] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, model in models.items():
            model.fit(x[:300], y[:300])
            found[f"sk_{name}.pkl"] = partial(pickle.dumps, model)
            found[f"sk_{name}.joblib"] = partial(_joblib, model)
            found[f"sk_{name}_z.joblib"] = partial(_joblib, model, compress=3)
    for name, network in networks().items():
        if name != "residual":
            found[f"whole_{name}.pt"] = partial(_torch, network)
    return found


def files() -> Iterator[tuple[str, bytes, bool]]:
    """Name, bytes and whether it is a data file, of the whole corpus."""
    data, programs = corpus()
    yield from ((name, make(), True) for name, make in data.items())
    yield from ((name, make(), False) for name, make in programs.items())
