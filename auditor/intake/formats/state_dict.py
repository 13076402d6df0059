"""torch's own files of weights: a dictionary of tensors in a zip or in the old form.

The only place in the project that calls ``torch.load``, with ``weights_only=True`` and after the
opcode scan. Wrappers ``state_dict``, ``model`` and ``model_state_dict`` are looked through.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.formats import Loaded, model_format
from auditor.intake.weights import fit

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights", "params")


@model_format("state_dict")
class StateDict:
    """Weights only; the architecture is ours."""

    def describe(self, path: Path) -> SpecHints:
        """A state_dict says nothing but names and shapes."""
        return SpecHints()

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The weights in the architecture of the hints, or in the only one that fits."""
        return fit(tensors(_read(path)), hints)


def _read(path: Path) -> object:
    try:
        with path.open("rb") as stream:  # given a path, torch would believe its suffix
            return torch.load(  # noqa: TID251  scanned before, and tensors only
                stream, map_location="cpu", weights_only=True
            )
    except Exception as error:  # the restricted unpickler raises many kinds on damaged input
        reason = str(error).strip().splitlines()[0][:120] if str(error).strip() else "no reason"
        raise DeliveryError(
            f"{path.name} cannot be read as weights: {reason}.",
            "Ask for a plain state_dict or safetensors.",
        ) from error


def tensors(content: object) -> dict[str, Tensor]:
    """The dictionary of tensors inside the usual wrappers.

    Raises:
        DeliveryError: no such dictionary, or a tensor larger than its storage.
    """
    for name in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
            break
    if not isinstance(content, Mapping):
        raise DeliveryError(
            f"The file holds a {type(content).__name__}, not a dictionary of weights.",
            "Ask for model.state_dict().",
            "unsupported",
        )
    state = {str(key): value for key, value in content.items() if isinstance(value, Tensor)}
    for key, value in state.items():
        if value.is_sparse or value.is_quantized or value.layout != torch.strided:
            raise DeliveryError(f"The weight {key} is not a plain tensor.", kind="unsupported")
        if value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise DeliveryError(f"The weight {key} claims more values than the file holds.")
    return state
