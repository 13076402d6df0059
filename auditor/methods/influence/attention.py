"""``nn.MultiheadAttention`` with its projections in the open, so that they can be recorded.

The module hands its weights to one fused function; nothing inside can be hooked. Here the same
arithmetic is done step by step while a recording runs, with each projection as a linear layer.
Limits: dropout is off (eval mode); ``bias_k``, ``add_zero_attn`` and zero keys are not handled, and
such modules are left as they are and listed as not covered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auditor.methods.influence.layers import forward_of

Project = Callable[[str, Tensor, Tensor, Tensor | None], Tensor]
"""Called with (part, input ``(n, t, width)``, weight, bias); applies and records a projection."""


def openable(module: nn.Module) -> bool:
    """Whether ``attend`` computes what this module computes."""
    return (
        forward_of(module) is nn.MultiheadAttention.forward
        and getattr(module, "bias_k", None) is None
        and not getattr(module, "add_zero_attn", False)
    )


def attend(  # noqa: PLR0913, PLR0917 -- the signature of the module it stands for
    module: Any,
    project: Project,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """What ``module(query, key, value, ...)`` returns, through ``project``; batched inputs only."""
    same = query is key and key is value
    if not module.batch_first:
        query, key, value = (t.transpose(0, 1) for t in (query, key, value))
    parts = _inputs(module, project, query, key, value, same)
    n, length, width = parts[0].shape
    heads = module.num_heads
    q, k, v = (t.reshape(n, t.shape[1], heads, -1).transpose(1, 2) for t in parts)
    scores = q @ k.transpose(2, 3) * (width // heads) ** -0.5
    weights = torch.softmax(scores + _mask(scores, key_padding_mask, attn_mask, heads), -1)
    mixed = (weights @ v).transpose(1, 2).reshape(n, length, width)
    out = project("out_proj", mixed, module.out_proj.weight, module.out_proj.bias)
    out = out if module.batch_first else out.transpose(0, 1)
    if not need_weights:
        return out, None
    return out, weights.mean(1) if average_attn_weights else weights


def _inputs(
    module: Any, project: Project, query: Tensor, key: Tensor, value: Tensor, same: bool
) -> tuple[Tensor, ...]:
    bias = module.in_proj_bias
    if same and module.in_proj_weight is not None:
        return project("in_proj", query, module.in_proj_weight, bias).chunk(3, -1)
    weights = (
        module.in_proj_weight.chunk(3)
        if module.in_proj_weight is not None
        else (module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)
    )
    biases = (None,) * 3 if bias is None else bias.chunk(3)
    given = zip("qkv", (query, key, value), weights, biases, strict=True)
    return tuple(project(f"in_proj.{part}", a, w, b) for part, a, w, b in given)


def _mask(scores: Tensor, padding: Tensor | None, attention: Tensor | None, heads: int) -> Tensor:
    """Sum of both masks as added values, broadcast to ``(n, heads, t, s)``."""
    total = scores.new_zeros(())
    if attention is not None:
        added = _added(attention, scores)
        total = total + (added.reshape(-1, heads, *added.shape[1:]) if added.dim() == 3 else added)
    if padding is not None:
        total = total + _added(padding, scores)[:, None, None]
    return total


def _added(mask: Tensor, scores: Tensor) -> Tensor:
    if mask.dtype != torch.bool:
        return mask
    return torch.zeros_like(mask, dtype=scores.dtype).masked_fill(mask, float("-inf"))


def linear(a: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The projection itself."""
    return F.linear(a, weight, bias)
