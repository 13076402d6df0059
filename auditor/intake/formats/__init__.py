"""Model formats, one file each: how a scanned file becomes a network of torch modules.

A new format is a new file here with ``@model_format("name")``. The worker calls ``describe``
before the clean set is read and ``load`` after it.
Limits: callers scan the file first (``auditor.intake.scan``); nothing here is safe without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, TypeVar

from auditor.core.graph import Graph
from auditor.core.registry import Registry
from auditor.core.spec import SpecHints

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Loaded:
    """A network as the vendor delivered it.

    Args:
        network: takes inputs in the model's own units, returns whatever it returns.
        architecture: a name for the reader.
        notes: what was assumed while loading.
        graph: the delivered graph; None where only weights were delivered.
    """

    network: nn.Module
    architecture: str
    notes: tuple[str, ...] = field(default=())
    graph: Graph | None = None


class Format(Protocol):
    """One way in which a model may be delivered."""

    def describe(self, path: Path) -> SpecHints:
        """What the file itself says about shape, classes and preprocessing; cheap."""

    def load(self, path: Path, hints: SpecHints) -> Loaded:
        """The network.

        Raises:
            AuditorError: a hint such as the architecture is missing or wrong.
            DeliveryError: the file is broken or holds what cannot be audited.
        """


FORMATS: Registry[Format] = Registry("model format")
F = TypeVar("F", bound=type[Format])


def model_format(name: str) -> Callable[[F], F]:
    """Register a class without parameters under the name that ``delivery.sniff`` returns."""

    def register(cls: F) -> F:
        FORMATS.add(name, cls())
        return cls

    return register


for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
