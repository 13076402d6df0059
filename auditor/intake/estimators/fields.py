"""The state of an estimator as a builder reads it: every entry checked for type, shape and size.

Limits: nothing is believed; what is missing, of another shape or not finite is an error that names
class and field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from auditor.core.errors import DeliveryError
from auditor.intake.estimators.values import SCALARS, Array, Instance, as_array, is_array

MOST_CLASSES = 10_000
NAME_LENGTH = 80


class Fields:
    """One estimator's class and state.

    Args:
        instance: as the inert reader gives it.

    Raises:
        DeliveryError: it has no state.
    """

    def __init__(self, instance: object) -> None:
        if not isinstance(instance, Instance):
            raise DeliveryError(
                f"The file holds a {type(instance).__name__}, not an estimator.",
                "Ask for a fitted scikit-learn classifier or pipeline.",
                "unsupported",
            )
        self.name = instance.name
        self.kind = instance.kind
        state = instance.state if isinstance(instance.state, dict) else {}
        self.state: dict[Any, Any] = state

    def has(self, name: str) -> bool:
        """True if the field is there and not None."""
        return self.state.get(name) is not None

    def get(self, name: str, default: object = None) -> Any:
        """A field as it is."""
        return self.state.get(name, default)

    def text(self, name: str, default: str) -> str:
        """A field that names a choice."""
        value = self.state.get(name, default)
        return str(value)[:NAME_LENGTH] if isinstance(value, SCALARS) else type(value).__name__

    def number(self, name: str, default: float | None = None) -> float:
        """A field with one finite number."""
        value = self.state.get(name, default)
        if isinstance(value, int | float | np.number) and np.isfinite(value):
            return float(value)
        if is_array(value) and as_array(value).size == 1:
            return float(as_array(value).reshape(-1)[0])
        raise self.wrong(name, "is not a number")

    def flag(self, name: str, default: bool) -> bool:
        """A field that is true or false."""
        return bool(self.state.get(name, default))

    def array(self, name: str, dims: int | None = None) -> Array:
        """A field with numbers, finite where they are floats.

        Raises:
            DeliveryError: missing, of another number of dimensions, or not finite.
        """
        if name not in self.state:
            raise self.wrong(name, "is missing: it is not fitted, or of an unknown version")
        array = as_array(self.state[name])
        if array.dtype.kind not in "biuf" or (dims is not None and array.ndim != dims):
            raise self.wrong(name, f"has {array.ndim} dimensions of type {array.dtype}")
        if not np.isfinite(array).all():
            raise self.wrong(name, "has NaN or infinite values")
        return array

    def tensor(self, name: str, dims: int | None = None) -> Tensor:
        """`array` in double precision."""
        return double(self.array(name, dims))

    def children(self, name: str) -> list[Fields]:
        """A list or array of estimators."""
        value = self.state.get(name)
        entries = as_array(value).reshape(-1).tolist() if is_array(value) else value
        if not isinstance(entries, list | tuple) or not entries:
            raise self.wrong(name, "holds no estimators")
        return [Fields(entry) for entry in entries]

    def classes(self) -> tuple[str, ...]:
        """The labels of the outputs, as texts.

        Raises:
            DeliveryError: not a list of at least two different labels.
        """
        if "classes_" not in self.state:
            raise self.wrong("classes_", "is missing")
        if isinstance(self.state["classes_"], list) and len(self.state["classes_"]) > 1:
            raise self.wrong("classes_", "is a list: it answers several questions at once")
        labels = as_array(self.state["classes_"])
        if labels.ndim != 1 or not 2 <= len(labels) <= MOST_CLASSES:
            raise self.wrong("classes_", f"has the shape {labels.shape}")
        if not all(isinstance(label, SCALARS) for label in labels.tolist()):
            raise self.wrong("classes_", "holds labels that are no numbers or texts")
        names = tuple(_label(label) for label in labels.tolist())
        if len(set(names)) != len(names):
            raise self.wrong("classes_", "names a class twice")
        return names

    def same(self, name: str, found: Sequence[int], expected: Sequence[int]) -> None:
        """Refuse a field whose shape does not follow from the others.

        Raises:
            DeliveryError: the shapes differ.
        """
        if tuple(found) != tuple(expected):
            raise self.wrong(name, f"has the shape {tuple(found)} instead of {tuple(expected)}")

    def refuse(self, what: str) -> DeliveryError:
        """The error for a variant that is not rebuilt here."""
        return DeliveryError(
            f"The {self.kind} {what}, which cannot be audited.", "Ask for ONNX.", "unsupported"
        )

    def wrong(self, name: str, what: str) -> DeliveryError:
        """The error for a field that makes no sense."""
        return DeliveryError(f"The field {name} of the {self.kind} {what}.")


def double(array: Array) -> Tensor:
    """An array as a tensor in double precision."""
    return torch.from_numpy(np.array(array, np.float64))


def _label(label: object) -> str:
    """A label as printable text: numbers as they are, ``3.0`` as ``3``."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    text = label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)
    return "".join(c for c in text[:NAME_LENGTH] if c.isprintable())
