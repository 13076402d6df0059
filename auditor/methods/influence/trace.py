"""Which training samples taught the network what a query shows? Scores over layers, checkpoints.

Purpose: TracIn (Pruthi et al. 2020) sums inner products of gradients over checkpoints, weighted by
learning rate; GAS (Hammoudeh & Lowd 2022, "gradient aggregated similarity") takes cosines, so that
samples with large gradients do not drown the others. Here the cosine is taken layer by layer and
averaged over layers and checkpoints, so that no large layer drowns the others either.
Limits: similarity of gradients at a few checkpoints, not the effect of retraining without a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.methods.influence.rows import Rows
from auditor.methods.influence.store import Check, Gradients, Layers, no_check

Kernel = Callable[[Layers, Layers], Tensor]
"""Similarity of training rows and query rows, ``(n, m)``."""
TINY = 1e-12


def inner(train: Layers, queries: Layers) -> Tensor:
    """Inner products of whole gradients."""
    return torch.stack([rows.dot(queries[layer]) for layer, rows in train.items()]).sum(0)


def cosine(train: Layers, queries: Layers) -> Tensor:
    """Mean over layers of cosines; a layer without a gradient counts as 0."""
    return torch.stack([cosines(rows, queries[layer]) for layer, rows in train.items()]).mean(0)


def cosines(rows: Rows, queries: Rows) -> Tensor:
    """Cosines ``(n, m)`` in one layer; 0 where a row has no length."""
    sizes = rows.squared_norm().sqrt().float()[:, None] * queries.squared_norm().sqrt().float()
    return torch.where(sizes > TINY, rows.dot(queries) / sizes.clamp_min(TINY), 0.0)


@dataclass(frozen=True)
class Queries:
    """Inputs ``(m, *shape)`` with the labels ``(m,)`` whose loss is explained."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


def scores(
    sources: Sequence[Gradients],
    queries: Queries,
    kernel: Kernel,
    weights: Sequence[float],
    check: Check = no_check,
) -> Tensor:
    """Similarity of every training sample to every query, ``(n, m)``, summed over checkpoints.

    Args:
        sources: the same samples at one or more checkpoints.
        queries: what is explained.
        kernel: ``inner`` for TracIn, ``cosine`` for layer-wise GAS.
        weights: one for each checkpoint.
        check: called with the share done and a note.
    """
    total: Tensor | None = None
    for number, (source, weight) in enumerate(zip(sources, weights, strict=True)):
        for part, block in _compared(source, queries, kernel, _within(check, number, len(sources))):
            if total is None:
                total = block.new_zeros(len(source), len(queries))
            total[part] += weight * block
    return torch.empty(0, len(queries)) if total is None else total


def _compared(
    source: Gradients, queries: Queries, kernel: Kernel, check: Check
) -> Iterator[tuple[slice, Tensor]]:
    asked = [
        source.of(x, y)
        for x, y in zip(
            *(torch.split(t, source.block) for t in (queries.x, queries.y)), strict=True
        )
    ]
    for part, rows in source.blocks(check):
        yield part, torch.cat([kernel(rows, some) for some in asked], 1)


def _within(check: Check, number: int, many: int) -> Check:
    return lambda share, note: check((number + share) / many, note)


def tracin(sources: Sequence[Gradients], queries: Queries, check: Check = no_check) -> Tensor:
    """TracIn influence ``(n, m)``: positive if a training sample lowers the query's loss."""
    return scores(sources, queries, inner, [source.weight for source in sources], check)


def gas(sources: Sequence[Gradients], queries: Queries, check: Check = no_check) -> Tensor:
    """Layer-wise GAS ``(n,)`` in [-1, 1]: mean over queries, layers and checkpoints of cosines."""
    share = [1 / len(sources)] * len(sources)
    return scores(sources, queries, cosine, share, check).mean(1)


def self_influences(sources: Sequence[Gradients], check: Check = no_check) -> Tensor:
    """TracIn of every sample on itself, ``(n,)``, float64: large for wrong labels and outliers."""
    total = torch.zeros(len(sources[0]), dtype=torch.float64)
    for number, source in enumerate(sources):
        for part, rows in source.blocks(_within(check, number, len(sources))):
            total[part] += source.weight * sum(layer.squared_norm() for layer in rows.values())
    return total


@dataclass(frozen=True)
class Top:
    """The strongest training samples of each query, strongest first: ``(k, m)`` each."""

    values: Tensor
    index: Tensor


def top(
    source: Gradients, queries: Queries, k: int, kernel: Kernel = inner, check: Check = no_check
) -> Top:
    """The ``k`` strongest proponents at one checkpoint, without a matrix of all scores."""
    best = Top(torch.empty(0, len(queries)), torch.empty(0, len(queries), dtype=torch.int64))
    for part, block in _compared(source, queries, kernel, check):
        index = torch.arange(part.start, part.stop)[:, None].expand_as(block)
        best = _merged(best, Top(source.weight * block, index), k)
    return best


def _merged(first: Top, second: Top, k: int) -> Top:
    values = torch.cat([first.values, second.values])
    index = torch.cat([first.index, second.index])
    kept = values.topk(min(k, len(values)), 0)
    return Top(kept.values, index.gather(0, kept.indices))
