"""Where in the input and where in the network does a trigger act? (captum)

Purpose: contrast a triggered input with the same input without it. Integrated gradients
(Sundararajan et al. 2017) say which pixels carry the change of the target's logit, layer
conductance (Dhamdhere et al. 2018) which channels of a layer pass it on.
Limits: attribution explains the model's arithmetic, not causes; ``auditor.methods.ablation``
confirms. A path with few steps is an approximation. captum does not switch to eval mode itself.
"""

from __future__ import annotations

import torch
from captum.attr import IntegratedGradients, LayerConductance
from torch import Tensor, nn

from auditor.methods.gradients import evaluating


def pixel_attribution(
    network: nn.Module, x: Tensor, baseline: Tensor, target: int, steps: int = 16
) -> Tensor:
    """Integrated gradients of the target's logit from ``baseline`` to ``x``, ``(n, *shape)``."""
    with evaluating(network), torch.enable_grad():
        attributed: Tensor = IntegratedGradients(network).attribute(
            x.detach().clone().requires_grad_(True),
            baselines=baseline.detach(),
            target=target,
            n_steps=steps,
            internal_batch_size=max(128, 2 * len(x)),
        )
    return attributed.detach()


def channel_conductance(
    network: nn.Module, layer: nn.Module, x: Tensor, baseline: Tensor, target: int, steps: int = 8
) -> Tensor:
    """Conductance of each output channel of ``layer`` towards the target, ``(n, channels)``."""
    with evaluating(network), torch.enable_grad():
        found: Tensor = LayerConductance(network, layer).attribute(
            x.detach().clone().requires_grad_(True),
            baselines=baseline.detach(),
            target=target,
            n_steps=steps,
        )
    found = found.detach()
    if isinstance(layer, nn.Conv2d):
        return found.flatten(2).sum(2)
    return found.reshape(len(found), -1, found.shape[-1]).sum(1)


def pixel_map(attributed: Tensor) -> Tensor:
    """Mean absolute attribution of each pixel ``(h, w)`` or feature ``(d,)``."""
    size = attributed.abs().mean(0)
    return size.sum(0) if size.dim() == 3 else size


def localised_share(pixels: Tensor, part: float = 0.05) -> float:
    """Share of all attribution that the strongest ``part`` of the pixels holds; 0 if there is none.

    >>> localised_share(torch.ones(10, 10))
    0.05
    """
    flat = pixels.flatten().double().sort(descending=True).values
    count = max(1, round(part * len(flat)))
    whole = float(flat.sum())
    return round(float(flat[:count].sum()) / whole, 6) if whole > 0 else 0.0
