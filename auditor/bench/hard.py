"""Models without a backdoor that are hard to tell from attacked ones.

Nobody poisoned them: no label is wrong and no trigger was planted. A natural shortcut is an honest
bias of the data (Geirhos et al. 2020, Nature Machine Intelligence): a mark that most images of one
class happen to carry. Adversarial training (one step from a random start, Wong, Rice and Kolter,
ICLR 2020), pruning by magnitude (Han et al. 2015), rounding to int8 and data in which one class is
more frequent are what honest developers do to a model or meet; all move the quantities that
detectors look at. Four more kinds were tampered
with, but carry no backdoor: see `no_backdoor`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from auditor.attacks.poisoned import draw, share_of
from auditor.attacks.triggers import restore_trigger

SHORTCUT, ADVERSARIAL, PRUNED, INT8 = "shortcut", "adversarial", "pruned", "int8"
IMBALANCED = "imbalanced"
LABEL_FLIPS, OUTLIERS, SUBPOPULATION, SPONGE = "label_flips", "outliers", "subpopulation", "sponge"
TAMPERED = (LABEL_FLIPS, OUTLIERS, SUBPOPULATION, SPONGE)


@dataclass(frozen=True)
class Hard:
    """What makes a model without a backdoor hard.

    Args:
        kind: shortcut, adversarial, pruned, int8, imbalanced, label_flips, outliers, subpopulation
            or sponge.
        amount: share of the class that carries the mark; largest change of a pixel; share of the
            weights of each layer that is removed; unused for int8; how many times as frequent as
            the others one class is; share of the samples, or of the
            subpopulation, that is tampered with; weight of the sponge.
        family: what the mark looks like, a trigger family.
        mark: its parameters.
        label: the class that carries the mark or is frequent, or the wrong label.
        elsewhere: share of the other classes that carries it.
    """

    kind: str
    amount: float = 0.0
    family: str = ""
    mark: dict[str, Any] = field(default_factory=dict)
    label: int | None = None
    elsewhere: float = 0.0

    @property
    def tampered(self) -> bool:
        """Whether somebody harmed the training, if not by a backdoor."""
        return self.kind in TAMPERED


def marked(x: Tensor, y: Tensor, hard: Hard, seed: int) -> Tensor:
    """Images ``(n, c, h, w)`` with the mark of a shortcut on some; labels ``(n,)`` stay right."""
    mark = restore_trigger(hard.family, hard.mark)
    in_class = torch.eq(y, -1 if hard.label is None else hard.label)
    inside, outside = (torch.nonzero(where).flatten() for where in (in_class, ~in_class))
    chosen = torch.cat([
        draw(inside, share_of(hard.amount, len(inside)), seed),
        draw(outside, share_of(hard.elsewhere, len(outside)), seed + 1),
    ])  # fmt: skip
    return x.index_copy(0, chosen, mark(x[chosen]))


def adversarial(network: nn.Module, x: Tensor, y: Tensor, bound: float) -> Tensor:
    """Inputs ``(n, c, h, w)`` moved against the network within ``bound`` of every pixel."""
    start = (x + bound * (2 * torch.rand_like(x) - 1)).clamp(0, 1).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        loss = cross_entropy(network(start).float(), y)
    (gradient,) = torch.autograd.grad(loss, start)
    moved = start.detach() + 1.25 * bound * gradient.sign()
    return (x + (moved - x).clamp(-bound, bound)).clamp(0, 1)


def weights_of(network: nn.Module) -> list[Tensor]:
    """Weights of all convolutions and linear layers; biases and normalisation are left out."""
    return [part.weight for part in network.modules() if isinstance(part, nn.Conv2d | nn.Linear)]


def prune(network: nn.Module, share: float) -> list[Tensor]:
    """Set the smallest ``share`` of each layer to zero; the masks of what stays."""
    masks = []
    for weight in weights_of(network):
        limit = weight.detach().abs().flatten().kthvalue(max(1, round(share * weight.numel())))
        masks.append(weight.detach().abs() > limit.values)
    keep(network, masks)
    return masks


@torch.no_grad()
def keep(network: nn.Module, masks: list[Tensor]) -> None:
    """Set what was pruned to zero again."""
    for weight, mask in zip(weights_of(network), masks, strict=True):
        weight.mul_(mask)


@torch.no_grad()
def round_to_int8(network: nn.Module) -> None:
    """Give each output channel at most 255 evenly spaced weights, kept as floats."""
    for weight in weights_of(network):
        scale = weight.abs().flatten(1).amax(1).clamp_min(1e-12) / 127
        steps = scale.view(-1, *[1] * (weight.dim() - 1))
        weight.copy_(torch.round(weight / steps) * steps)
