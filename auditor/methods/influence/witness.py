"""The trigger that a scan of the same audit left behind, as a question to the training data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet

FEWEST = 8
STRONGER = 4.0
KEPT = 0.9
"""Share of a trigger's success that its sharpened form must have."""
SPARSE = 8
"""A sharpened trigger has at most one in so many features, and half of the trigger's."""
FAINT = 0.05


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

    @torch.no_grad()
    def turned(self, network: nn.Module) -> Witness:
        """On the inputs that are not given the target already."""
        other = network(self.clean).argmax(1) != self.target
        return Witness(self.clean[other], self.triggered[other], self.target)

    def effect(self, clean: CleanSet) -> Callable[[nn.Module], tuple[float, float]]:
        """Measures a network: success of the trigger, and accuracy on ``clean``."""

        @torch.no_grad()
        def measure(network: nn.Module) -> tuple[float, float]:
            right = network(clean.x).argmax(1) == clean.y
            return self.success(network), float(right.float().mean())

        return measure


@torch.no_grad()
def given_anyway(network: nn.Module, clean: CleanSet, target: int) -> float:
    """Share of the clean inputs of other classes that are given the target; 1 if there are none."""
    others = clean.x[clean.y != target]
    return float((network(others).argmax(1) == target).float().mean()) if len(others) else 1.0


def risen(success: float, anyway: float) -> float:
    """How far a trigger raises the rate of its target, at most.

    A scan keeps inputs that were not given the target, so its rate without the trigger is asked of
    others; those that had the target already cannot be won.

    Args:
        success: of the trigger, on inputs that were not given the target without it.
        anyway: ``given_anyway``.

    >>> risen(1.0, 0.9) < 0.11, risen(0.9, 0.0)
    (True, 0.9)
    """
    return (1 - anyway) * success


def sharpened(found: Witness, network: nn.Module) -> Witness | None:
    """The fewest of a trigger's features that do its work when they are changed more strongly.

    A scan finds the trigger and, faintly all over the input, what any network takes for the target.
    The faint part drowns a trace. None where few features do not suffice, or do already.

    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(40, 2, bias=False))
    >>> _ = nn.init.zeros_(network[1].weight)
    >>> network[1].weight.data[1, 3] = 10.0
    >>> network[1].weight.data[0] = 0.1
    >>> blurred = torch.full((9, 1, 5, 8), 0.1)
    >>> blurred[:, 0, 0, 3] = 0.8
    >>> sharp = sharpened(Witness(torch.zeros(9, 1, 5, 8), blurred, 1), network)
    >>> sharp.change[0].nonzero().tolist()
    [[0, 0, 3]]
    """
    both = torch.cat([found.clean, found.triggered])
    mean, needed = found.change.mean(0), KEPT * found.success(network)
    order = mean.abs().flatten().argsort(descending=True)
    support = int((mean.abs() > FAINT * mean.abs().max()).sum())
    for count in _ladder(min(max(2, len(order) // SPARSE), support // 2)):
        few = torch.zeros(len(order)).scatter(0, order[:count], 1.0).reshape(mean.shape)
        shown = (found.clean + STRONGER * mean * few).clamp(both.min(), both.max())
        sharp = Witness(found.clean, shown, found.target)
        if sharp.success(network) >= needed:
            return sharp
    return None


def _ladder(most: int) -> Iterator[int]:
    count = 1
    while count <= most:
        yield count
        count = max(count + 1, int(1.3 * count))


def witness(network: nn.Module, arrays: Mapping[str, Any], source: str) -> Witness | None:
    """The witness of probe ``source``, on inputs that are not given the target already.

    None where the scan left none, or hardly any such input.
    """
    names = [f"{source}/{name}" for name in ("clean_inputs", "triggered_inputs", "target")]
    if any(name not in arrays for name in names):
        return None
    clean, triggered = (torch.tensor(arrays[name]).float() for name in names[:2])
    target = int(arrays[names[2]].reshape(-1)[0])
    found = Witness(clean, triggered, target).turned(network)
    return found if len(found.clean) >= FEWEST else None
