"""Bare weights into an architecture: the named one, or the only registered one that fits.

Purpose: shared by safetensors and state_dict. The vendor's names and shapes are compared with
ours; nothing is loaded unless all of them agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from auditor.architectures import build, infer_classes, names
from auditor.core.errors import AuditorError
from auditor.core.spec import SpecHints
from auditor.intake.factory import from_factory
from auditor.intake.formats import Loaded

State = Mapping[str, Tensor]
_PREFIXES = ("module.", "_orig_mod.", "model.", "network.", "net.")
_SHOWN = 3


@dataclass(frozen=True)
class Mismatch:
    """How weights differ from an architecture: names, and names with two shapes."""

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    reshaped: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of differences."""
        return len(self.missing) + len(self.unexpected) + len(self.reshaped)

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        parts = []
        for noun in ("missing", "unexpected", "reshaped"):
            keys: tuple[str, ...] = getattr(self, noun)
            if keys:
                more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
                word = "other shapes" if noun == "reshaped" else noun
                parts.append(f"{word}: {', '.join(keys[:_SHOWN])}{more}")
        return "; ".join(parts)


def fit(state: State, hints: SpecHints) -> Loaded:
    """A network that holds exactly these weights.

    Args:
        state: name to tensor, wrappers already removed.
        hints: ``arch`` and ``classes`` where known; ``shape`` is needed.

    Raises:
        AuditorError: no shape, or no architecture that the weights fit.
    """
    read = _readings(state)
    if not read[0]:
        raise AuditorError("The model file holds no weights.", "Ask the vendor to send it again.")
    if hints.arch is None:
        return _search(read[-1], hints)
    network = _built(hints.arch, read[-1], hints)
    expected = network.state_dict()
    weights = min(read, key=lambda names: compare(expected, names).count)
    if problem := compare(expected, weights):
        raise _does_not_fit(hints.arch, problem, weights, hints)
    return Loaded(_filled(network, weights), hints.arch)


def compare(expected: State, weights: State) -> Mismatch:
    """What stands between weights and an architecture's own state."""
    needed = {key for key in expected if not key.endswith("num_batches_tracked")}
    shared = sorted(needed & set(weights))
    reshaped = tuple(
        f"{key} {tuple(weights[key].shape)} instead of {tuple(expected[key].shape)}"
        for key in shared
        if weights[key].shape != expected[key].shape
    )
    unexpected = tuple(sorted(set(weights) - set(expected)))
    return Mismatch(tuple(sorted(needed - set(weights))), unexpected, reshaped)


def fitting(weights: State, hints: SpecHints) -> tuple[str, ...]:
    """Registered architectures whose names and shapes all agree with the weights."""
    shape, classes = hints.shape, infer_classes(weights)
    if shape is None or classes is None or classes < 2:
        return ()
    return tuple(name for name in names() if _fits(name, shape, classes, weights))


def _fits(name: str, shape: tuple[int, ...], classes: int, weights: State) -> bool:
    try:
        with torch.device("meta"):
            return not compare(build(name, shape, classes).state_dict(), weights)
    except AuditorError:
        return False


def _search(weights: State, hints: SpecHints) -> Loaded:
    _shape(hints)
    found = fitting(weights, hints)
    if len(found) != 1:
        said = (
            f"More than one architecture fits ({', '.join(found)})"
            if found
            else (
                f"None of the {len(names())} known architectures fits these weights "
                f"(inputs {hints.shape}, first keys {', '.join(list(weights)[:_SHOWN])})"
            )
        )
        raise AuditorError(
            f"{said}.", "Name it with --arch NAME, or --arch package.module:factory for your own."
        )
    network = _built(found[0], weights, hints)
    if problem := compare(network.state_dict(), weights):
        raise _does_not_fit(found[0], problem, weights, hints)
    note = (
        f"The architecture {found[0]} was found by the names and shapes of the weights. "
        "Activations and pooling leave no trace there: if clean accuracy is below what was "
        "declared, name the vendor's own code with --arch package.module:factory."
    )
    return Loaded(_filled(network, weights), found[0], (note,))


def _built(arch: str, weights: State, hints: SpecHints) -> nn.Module:
    classes = hints.classes or infer_classes(weights)
    if ":" in arch:
        return from_factory(arch, hints.shape, classes)
    if classes is None:
        raise AuditorError("The number of classes is not known.", "Give it with --classes.")
    return build(arch, _shape(hints), classes)


def _shape(hints: SpecHints) -> tuple[int, ...]:
    if hints.shape is None:
        raise AuditorError(
            "The model's input shape is not known.", "Give it with --shape, such as 3,32,32."
        )
    return hints.shape


def _readings(state: State) -> list[dict[str, Tensor]]:
    """The weights as named in the file, then with common prefixes removed, one after the other.

    A prefix may be a wrapper's or the network's own. Floats in single precision.
    """
    names = {
        key: value.float() if value.is_floating_point() else value for key, value in state.items()
    }
    read = [names]
    for prefix in _PREFIXES:
        if names and all(key.startswith(prefix) for key in names):
            names = {key.removeprefix(prefix): value for key, value in names.items()}
            read.append(names)
    return read


def _filled(network: nn.Module, weights: State) -> nn.Module:
    network.load_state_dict(dict(weights), strict=False)
    return network.eval()


def _does_not_fit(arch: str, problem: Mismatch, weights: State, hints: SpecHints) -> AuditorError:
    others = [name for name in fitting(weights, hints) if name != arch]
    if others:
        hint = f"--arch may be wrong: the weights fit {' and '.join(others)}."
    elif hints.classes and hints.classes != infer_classes(weights):
        hint = f"The weights end in {infer_classes(weights)} classes, not {hints.classes}."
    else:
        hint = f"--arch may be wrong, or the input shape {hints.shape} (--shape)."
    return AuditorError(f"The weights do not fit {arch} ({problem}).", hint)
