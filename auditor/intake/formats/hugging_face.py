"""Folders of transformers: weights into our own ViT or ResNet, built from ``config.json``."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from auditor.architectures import names
from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.formats import Loaded, model_format
from auditor.intake.hugging_face.config import hints as read_hints
from auditor.intake.hugging_face.config import read_config
from auditor.intake.hugging_face.folder import shards
from auditor.intake.hugging_face.networks import ACTIVATIONS, NETWORKS
from auditor.intake.weights import compare, fit


@model_format("hugging_face")
class HuggingFace:
    """``config.json``, ``preprocessor_config.json`` and safetensors, in one file or in shards."""

    def describe(self, path: Path) -> SpecHints:
        """Architecture, classes, shape and preprocessing as the folder states them."""
        return read_hints(path.parent)

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The weights in the named architecture; an ``--arch`` of the auditor's wins.

        Raises:
            DeliveryError: an architecture that is not rebuilt here, or weights that do not fit it.
        """
        state = _state(path)
        if hints.arch is not None and (hints.arch in names() or ":" in hints.arch):
            return fit(state, hints)
        return Loaded(_built(path, state, hints), f"transformers {hints.arch}")


def _state(path: Path) -> dict[str, Tensor]:
    state: dict[str, Tensor] = {}
    try:
        for shard in shards(path):
            part = load_file(shard)
            if set(part) & set(state):
                raise DeliveryError(f"{shard.name} repeats weights of another shard.")
            state |= part
    except SafetensorError as error:
        raise DeliveryError(f"The safetensors file cannot be read: {error}.") from error
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}


def _built(path: Path, state: dict[str, Tensor], hints: SpecHints) -> nn.Module:
    config = read_config(path.parent)
    name = config.architecture
    if name not in NETWORKS:
        raise DeliveryError(
            f"config.json names the architecture {name or 'nothing'}, which cannot be audited.",
            f"Rebuilt here are {', '.join(NETWORKS)}. Otherwise ask for ONNX, or give --arch.",
            "unsupported",
        )
    if config.text("hidden_act", "relu") not in ACTIVATIONS:
        said = f"config.json names the activation {config.text('hidden_act', '')!r}."
        raise DeliveryError(said, "Ask for ONNX.", "unsupported")
    with torch.device("meta"):
        network = NETWORKS[name](config, hints.classes or config.classes() or 2)
    if problem := compare(network.state_dict(), state):
        raise DeliveryError(f"The weights do not fit config.json's {name} ({problem}).")
    network.load_state_dict(state, strict=False, assign=True)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.num_batches_tracked = torch.zeros((), dtype=torch.int64)
    return network.eval()
