"""A network and its clean set, written in every form that intake reads."""

from __future__ import annotations

import json
import pickle  # noqa: TID251  the vendor's side of the tests
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from auditor.intake.hugging_face.config import Config
from auditor.intake.hugging_face.networks import NETWORKS

SHAPE, CLASSES = (1, 8, 8), 10


@dataclass(frozen=True)
class Digits:
    """A network trained on digits in [0, 1], and 400 samples it was not trained on."""

    network: nn.Module
    x: Tensor
    y: Tensor

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The samples as 8-bit images ``(n, 1, 8, 8)``."""
        return (self.x.numpy() * 255).round().astype(np.uint8)

    def save_clean(self, path: Path) -> Path:
        """The usual clean set."""
        np.savez(path, x=self.pixels, y=self.y.numpy())
        return path


def save_model(network: nn.Module, folder: Path, form: str, x: Tensor) -> Path:
    """Write a network in one of the delivered forms."""
    path = folder / f"{form}.model"
    state = {name: value.clone() for name, value in network.state_dict().items()}
    dynamic = ({0: torch.export.Dim.AUTO},)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if form == "safetensors":
            save_file(state, path)
        elif form == "state_dict":
            torch.save({"state_dict": {f"module.{k}": v for k, v in state.items()}}, path)
        elif form == "state_dict_legacy":
            torch.save(state, path, _use_new_zipfile_serialization=False)
        elif form == "torchscript":
            torch.jit.save(torch.jit.script(network), str(path))
        elif form == "torchscript_traced":
            torch.jit.save(torch.jit.trace(network, x[:2]), str(path))
        elif form == "export":
            _save_program(torch.export.export(network, (x[:4],), dynamic_shapes=dynamic), path)
        elif form == "export_fixed":
            _save_program(torch.export.export(network, (x[:4],)), path)
        elif form == "onnx":
            _save_onnx(network, x[:2], path, {"input": {0: "n"}})
        elif form == "onnx_fixed":
            _save_onnx(network, x[:1], path, None)
        else:
            raise ValueError(form)
    return path


def _save_program(program: torch.export.ExportedProgram, path: Path) -> None:
    named = path.with_suffix(".pt2")
    torch.export.save(program, named)
    named.rename(path)


def _save_onnx(network: nn.Module, x: Tensor, path: Path, axes: object) -> None:
    torch.onnx.export(
        network, (x,), str(path), dynamo=False, input_names=["input"], dynamic_axes=axes
    )


def save_estimator(estimator: Any, folder: Path, form: str) -> Path:
    """Write a fitted scikit-learn estimator in one of the delivered forms."""
    path = folder / f"{form}.model"
    if form == "skops":
        import skops.io

        path.write_bytes(skops.io.dumps(estimator))
    elif form == "sklearn":
        path.write_bytes(pickle.dumps(estimator))
    else:
        method = form.removeprefix("sklearn_")
        joblib.dump(estimator, path, compress=0 if method == "joblib" else (method, 3))
    return path


def save_folder(
    folder: Path, config: dict[str, Any], processor: dict[str, Any] | None = None
) -> nn.Module:
    """Write a folder as transformers does, with random weights; returns the network."""
    torch.manual_seed(0)
    built = NETWORKS[config["architectures"][0]](Config(config), len(config["id2label"])).eval()
    for value in built.parameters():
        nn.init.normal_(value, std=0.2)
    state = {name: value.clone() for name, value in built.state_dict().items()}
    save_file(state, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    if processor is not None:
        (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return built


CATS_AND_DOGS: dict[str, Any] = {
    "architectures": ["ResNetForImageClassification"], "embedding_size": 8, "num_channels": 1,
    "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic",
    "id2label": {"0": "cat", "1": "dog"},
}  # fmt: skip


def save_balanced_folder(folder: Path, clean: Path) -> None:
    """A new folder of transformers with two classes, and 60 inputs that it puts half into each."""
    folder.mkdir()
    network = save_folder(folder, CATS_AND_DOGS)
    x = torch.rand(60, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        score = network(x)
        network.get_submodule("classifier.1").bias[1] -= (score[:, 1] - score[:, 0]).median()
        y = network(x).argmax(1)
    save_file(dict(network.state_dict()), folder / "model.safetensors")
    np.savez(clean, x=x.numpy(), y=y.numpy())


ESTIMATOR_FORMS = (
    "sklearn", "sklearn_joblib", "sklearn_zlib", "sklearn_gzip", "sklearn_bz2", "sklearn_lzma",
    "sklearn_xz", "sklearn_lz4", "skops",
)  # fmt: skip
FORMS = (
    "safetensors", "state_dict", "state_dict_legacy", "torchscript", "torchscript_traced",
    "export", "export_fixed", "onnx", "onnx_fixed",
)  # fmt: skip


def plain_name(form: str) -> str:
    """The name that the sniffer gives a form."""
    if form in ESTIMATOR_FORMS:
        return form.partition("_")[0]
    return form.replace("_fixed", "").replace("_legacy", "").replace("_traced", "")
