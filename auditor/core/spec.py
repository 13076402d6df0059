"""What goes into a model and what comes out: shape, value range, normalisation, classes.

The audit works on canonical inputs in [0, 1]. A model's own units are reached by
``low + x * (high - low)`` and then ``(x - mean) / std``, both inside the subject.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from auditor.core.finding import Frozen

Kind = Literal["image", "tabular"]


class InputSpec(Frozen):
    """Declared or detected input and output format of a model.

    Args:
        kind: ``image`` with shape ``(c, h, w)`` or ``tabular`` with shape ``(d,)``.
        classes: number of output classes, at least 2.
        low: value the model's input has where the canonical input is 0 (per feature for tables).
        high: the same where it is 1.
        mean: subtracted after scaling, per channel; empty for none.
        std: divided by afterwards, per channel; empty for none.
        class_names: one name a class, may be empty.
        sources: where each entry came from (``option``, ``card``, ``file``, ``default``).
    """

    kind: Kind
    shape: tuple[int, ...]
    classes: int = Field(ge=2)
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (1.0,)
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    class_names: tuple[str, ...] = ()
    sources: dict[str, str] = Field(default_factory=dict)

    def label(self, k: int) -> str:
        """Human name of class ``k``: its index, and its name where one is known."""
        named = k < len(self.class_names) and self.class_names[k]
        return f"{k} ({named})" if named else str(k)


class SpecHints(Frozen):
    """What the auditor or a card says about a model before it is opened; None where silent."""

    arch: str | None = None
    shape: tuple[int, ...] | None = None
    classes: int | None = None
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    class_names: tuple[str, ...] | None = None
    sources: dict[str, str] = Field(default_factory=dict)


class DeliveredFile(Frozen):
    """One file as received."""

    path: str
    bytes: int
    sha256: str


class Delivery(Frozen):
    """The vendor's delivery as received: names, sizes, digests; nothing was opened.

    ``sha256`` is the model file's own digest, or for a folder the digest of its manifest.
    """

    name: str
    sha256: str
    bytes: int
    format: str
    files: tuple[DeliveredFile, ...]
    card: dict[str, object] = Field(default_factory=dict)


class DataIdentity(Frozen):
    """Which clean set was used: digest, size, counts per class."""

    name: str
    sha256: str
    n: int
    per_class: tuple[int, ...]
    kind: Kind


class ModelFacts(Frozen):
    """What the worker saw when it opened the model.

    ``gradients`` is False where outputs have none towards the inputs, as those of trees.
    """

    spec: InputSpec
    format: str
    parameters: int
    architecture: str
    layers: int
    notes: tuple[str, ...] = ()
    pass_us: float = 0.0
    gradients: bool = True
