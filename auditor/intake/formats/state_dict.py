"""Dictionaries of weights in torch files, old or zipped, or in plain pickles.

Purpose: read by our own inert readers; ``torch.load`` is not called. Wrappers such as
``state_dict``, ``model`` and ``model_state_dict`` are looked through, and any other name if weights
are under that one only.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from auditor.core.errors import DeliveryError
from auditor.core.spec import SpecHints
from auditor.intake.formats import Loaded, model_format
from auditor.intake.inert import pickle_files, torch_files
from auditor.intake.inert.dtypes import NAMES
from auditor.intake.inert.files import mapped
from auditor.intake.inert.log import Budget, Damaged, Log, OutOfBudget
from auditor.intake.inert.values import Array, Buffer, Made, Pairs, Storage, TensorRef
from auditor.intake.inert.ziplayout import layout
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
    log = Log(path.name, Budget.fresh(60.0))
    try:
        view = mapped(path.resolve())
        if bytes(view[:2]) == b"PK":
            members = {member.name: member for member in layout(view, log.budget).members}
            return torch_files.read_zip(view, members, log)
        if torch_files.is_legacy(view):
            return torch_files.read_legacy(view, log)
        return pickle_files.read_pickles(view, log)
    except (Damaged, OutOfBudget, OSError) as error:
        raise DeliveryError(
            f"{path.name} cannot be read as weights: {error}.",
            "Ask for a plain state_dict or safetensors.",
        ) from error


def tensors(content: object) -> dict[str, Tensor]:
    """The dictionary of tensors inside the usual wrappers.

    Raises:
        DeliveryError: no such dictionary.
    """
    content = _unwrapped(content)
    if not isinstance(content, Pairs):
        kind = content.name if isinstance(content, Made) else type(content).__name__
        raise DeliveryError(
            f"The file holds a {kind}, not a dictionary of weights.",
            "Ask for model.state_dict().",
            "unsupported",
        )
    copies: dict[int, Tensor] = {}
    return {
        key: _tensor(value, copies)
        for key, value in content.items
        if isinstance(key, str) and isinstance(value, TensorRef | Array)
    }


def _unwrapped(content: object) -> object:
    """What a checkpoint holds under one of the usual names, or under the only one with weights.

    Raises:
        DeliveryError: weights under several unusual names.
    """
    if not isinstance(content, Pairs):
        return content
    for name in WRAPPERS:
        if isinstance(inner := content.get(name), Pairs):
            return inner
    if _has_weights(content):
        return content
    inside = {str(name): value for name, value in content.items if _has_weights(value)}
    if len(inside) > 1:
        raise DeliveryError(
            f"The checkpoint holds weights under {len(inside)} names ({', '.join(inside):.100}).",
            "Ask for a file with those that are in use: torch.save(model.state_dict(), ...).",
            "unsupported",
        )
    return next(iter(inside.values()), content)


def _has_weights(value: object) -> bool:
    return isinstance(value, Pairs) and any(
        isinstance(key, str) and isinstance(one, TensorRef | Array) for key, one in value.items
    )


def _tensor(value: TensorRef | Array, copies: dict[int, Tensor]) -> Tensor:
    """A copy of a described tensor or array; a storage is copied once."""
    if isinstance(value, Array):
        return _from_array(value)
    if not value.values:
        return torch.empty(value.shape, dtype=_dtype(value.dtype))
    whole = _storage(value.storage, value.dtype, copies)
    return whole.as_strided(value.shape, value.stride, value.offset).clone()


def _storage(storage: Storage, dtype: str, copies: dict[int, Tensor]) -> Tensor:
    if id(storage) not in copies:
        copies[id(storage)] = _flat(storage.data or b"", torch.uint8)
    return copies[id(storage)].view(_dtype(dtype))


def _from_array(array: Array) -> Tensor:
    code = array.dtype.code if array.dtype else ""
    if code not in NAMES or (array.dtype and array.dtype.order == ">"):
        raise DeliveryError(f"An array of type {code} is no weight.", kind="unsupported")
    shape = array.shape[::-1] if array.fortran else array.shape
    found = _flat(array.data, _dtype(NAMES[code])).reshape(shape)
    return found.permute(*reversed(range(len(shape)))).contiguous() if array.fortran else found


def _flat(data: Buffer, dtype: torch.dtype) -> Tensor:
    return (
        torch.frombuffer(bytearray(data), dtype=dtype) if len(data) else torch.empty(0, dtype=dtype)
    )


def _dtype(name: str) -> torch.dtype:
    found: torch.dtype = getattr(torch, name)
    return found
