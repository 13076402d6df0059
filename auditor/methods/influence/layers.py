"""From what a layer saw and was told to its per-sample gradients: one function for each kind.

Covers linear layers, 1-d and 2-d convolutions (grouped too), embeddings, and normalisation with
fixed statistics or per-sample ones (batch, layer, group, instance, RMS). Attention is in
``attention``. Limits: batch normalisation as in eval mode; 3-d and transposed convolutions,
recurrent layers and free parameters are not covered and are listed as such.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from inspect import getattr_static
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auditor.methods.influence.rows import Dense, Lookup, Rows, positions

Pairs = list[tuple[Tensor, Tensor]]
"""Inputs and output gradients of each call of one layer in one pass."""


def forward_of(module: nn.Module) -> Any:
    """The function that a module's class runs; never mind what scripted modules pretend."""
    return getattr_static(type(module), "forward", None)


def layer_rows(module: nn.Module, pairs: Pairs) -> Rows:
    """Gradients of all parameters of one layer."""
    return MAKERS[forward_of(module)](module, pairs)


def covered(module: nn.Module) -> bool:
    """Whether this layer's gradients can be computed here.

    Layers are known by the function that runs, not by their type: a subclass that computes
    something else is not taken for its parent. Weights made by a parametrisation are not covered,
    nor is what makes samples depend on each other.
    """
    if forward_of(module) not in MAKERS or module._parameters.get("weight") is None:
        return False
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return module.running_mean is not None
    return getattr(module, "max_norm", None) is None


def linear_rows(pairs: Pairs, bias: bool) -> Rows:
    """Rows of ``a @ W.T + b``; ``a`` is ``(n, ..., inputs)``."""
    a = _together([a.reshape(len(a), -1, a.shape[-1]) for a, _ in pairs])
    g = _together([g.reshape(len(g), -1, g.shape[-1]) for _, g in pairs])
    return positions(a, g, bias)


def _together(parts: list[Tensor]) -> Tensor:
    """Positions of all calls; a single call is not copied."""
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)


def _linear(module: nn.Module, pairs: Pairs) -> Rows:
    return linear_rows(pairs, module.bias is not None)


def _conv(module: Any, pairs: Pairs) -> Rows:
    if module.groups > 1:
        return Dense(
            sum((_grouped(module, a, g) for a, g in pairs[1:]), _grouped(module, *pairs[0]))
        )
    bias = module.bias is not None
    told = [g.flatten(2).transpose(1, 2) for _, g in pairs]
    seen = [_columns(module, a, bias).transpose(1, 2) for a, _ in pairs]
    return linear_rows(list(zip(seen, told, strict=True)), bias=False)


def _grouped(module: Any, a: Tensor, g: Tensor) -> Tensor:
    columns = _columns(module, a)
    n, groups = len(a), module.groups
    inputs = columns.reshape(n, groups, -1, columns.shape[-1])
    told = g.reshape(n, groups, g.shape[1] // groups, -1)
    weight = (told @ inputs.transpose(2, 3)).flatten(1)
    return weight if module.bias is None else torch.cat([weight, told.sum(3).flatten(1)], 1)


def _columns(module: Any, a: Tensor, bias: bool = False) -> Tensor:
    """The patches that a convolution sees, ``(n, channels * kernel, positions)``.

    The places of one sample's patches are looked up once and picked from all: a third of the time
    that ``F.unfold`` takes for a batch. With ``bias`` a last row of ones follows.
    """
    mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
    a = F.pad(a, module._reversed_padding_repeated_twice, mode=mode)
    kernel, dilation, stride = module.kernel_size, module.dilation, module.stride
    if a.dim() == 3:
        a = a[:, :, None]
        kernel, dilation, stride = ((1, *size) for size in (kernel, dilation, stride))
    index = _places(tuple(a.shape[1:]), kernel, dilation, stride, bias)
    flat = F.pad(a.flatten(1), (0, 1), value=1.0) if bias else a.flatten(1)
    return flat.index_select(1, index.flatten()).reshape(len(a), *index.shape)


@lru_cache(maxsize=32)
def _places(
    shape: tuple[int, ...],
    kernel: tuple[int, ...],
    dilation: tuple[int, ...],
    stride: tuple[int, ...],
    bias: bool,
) -> Tensor:
    """Where a sample's patches lie in its flat input, ``(patch, positions)``; a one follows it."""
    size = math.prod(shape)
    places = torch.arange(size, dtype=torch.float64).reshape(1, *shape)
    index = F.unfold(places, kernel, dilation, 0, stride)[0].long()
    return F.pad(index, (0, 0, 0, 1), value=size) if bias else index


def _embedding(module: Any, pairs: Pairs) -> Rows:
    ids = _together([a.reshape(len(a), -1) for a, _ in pairs])
    g = _together([g.reshape(len(g), -1, g.shape[-1]) for _, g in pairs])
    if module.padding_idx is not None:
        ids = ids.masked_fill(ids == module.padding_idx, -1)
    return Lookup(ids, g)


def _norm(module: Any, pairs: Pairs) -> Rows:
    return Dense(torch.stack([_norm_once(module, a, g) for a, g in pairs]).sum(0))


def _norm_once(module: Any, a: Tensor, g: Tensor) -> Tensor:
    """Scale gradients, then shift gradients, ``(n, 2 * features)`` (or without shifts)."""
    scale, shift = g * _standardised(module, a), g
    channels_second = not isinstance(module, nn.LayerNorm | nn.RMSNorm)
    axes = tuple(range(2, a.dim()) if channels_second else range(1, a.dim() - module.weight.dim()))
    both = [scale] if getattr(module, "bias", None) is None else [scale, shift]
    return torch.cat([(t.sum(axes) if axes else t).flatten(1) for t in both], 1)


def _standardised(module: Any, a: Tensor) -> Tensor:
    """The input as it stands before scale and shift."""
    if isinstance(module, nn.LayerNorm):
        return F.layer_norm(a, module.normalized_shape, eps=module.eps)
    if isinstance(module, nn.RMSNorm):
        return F.rms_norm(a, module.normalized_shape, eps=module.eps)
    if isinstance(module, nn.GroupNorm):
        return F.group_norm(a, module.num_groups, eps=module.eps)
    if module.running_mean is None:  # instance normalisation; see ``covered``
        return F.instance_norm(a, eps=module.eps)
    return F.batch_norm(a, module.running_mean, module.running_var, eps=module.eps)


MAKERS: dict[Callable[..., Any], Callable[[Any, Pairs], Rows]] = {
    nn.Linear.forward: _linear,
    nn.Conv1d.forward: _conv,
    nn.Conv2d.forward: _conv,
    nn.Embedding.forward: _embedding,
    nn.BatchNorm2d.forward: _norm,
    nn.InstanceNorm2d.forward: _norm,
    nn.LayerNorm.forward: _norm,
    nn.RMSNorm.forward: _norm,
    nn.GroupNorm.forward: _norm,
}
