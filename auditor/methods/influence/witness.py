"""The trigger that a scan of the same audit left behind, as a question to the training data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject

FEWEST = 8


@dataclass(frozen=True)
class Witness:
    """Clean inputs, the same with the trigger (``(m, *shape)`` each), and the target class."""

    clean: Tensor
    triggered: Tensor
    target: int

    @property
    def change(self) -> Tensor:
        """What the trigger adds."""
        return self.triggered - self.clean

    @torch.no_grad()
    def success(self, network: nn.Module) -> float:
        """Share of the triggered inputs that reach the target."""
        return float((network(self.triggered).argmax(1) == self.target).float().mean())

    def effect(self, clean: CleanSet) -> Callable[[nn.Module], tuple[float, float]]:
        """Measures a network: success of the trigger, and accuracy on ``clean``."""

        @torch.no_grad()
        def measure(network: nn.Module) -> tuple[float, float]:
            right = network(clean.x).argmax(1) == clean.y
            return self.success(network), float(right.float().mean())

        return measure


def witness(subject: Subject, arrays: Mapping[str, Any], source: str) -> Witness | None:
    """The witness of probe ``source``, on inputs that are not of the target class already.

    None where the scan left none, or hardly any such input.
    """
    names = [f"{source}/{name}" for name in ("clean_inputs", "triggered_inputs", "target")]
    if any(name not in arrays for name in names):
        return None
    clean, triggered = (torch.tensor(arrays[name]).float() for name in names[:2])
    target = int(arrays[names[2]].reshape(-1)[0])
    other = subject.predict(clean) != target
    found = Witness(clean[other], triggered[other], target)
    return found if len(found.clean) >= FEWEST else None
