"""Gradients in a few hundred numbers: TRAK-style projection and scores.

Purpose: where exact rows are too large to keep, random projections keep inner products about right;
with the inverse second-moment matrix between, scores predict retraining better than TracIn's.
Sources: TRAK (Park et al. 2023); factors projected on both sides as in LoGra (Choe et al. 2024).
Limits: approximate, error about 1 / sqrt(dims); cross-entropy gradients instead of TRAK's
margin gradients; embeddings are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from auditor.methods.influence.rows import Lookup, Outer, Rows
from auditor.methods.influence.store import Check, Gradients, Layers, no_check
from auditor.methods.influence.trace import Queries


def projected(source: Gradients, dims: int = 256, seed: int = 0, check: Check = no_check) -> Tensor:
    """All samples' gradients, each layer in at most ``dims`` numbers, ``(n, layers * dims)``."""
    return torch.cat([_project(layers, dims, seed) for _, layers in source.blocks(check)])


def trak(
    sources: Sequence[Gradients],
    queries: Queries,
    dims: int = 256,
    seed: int = 0,
    ridge: float = 1e-2,
    check: Check = no_check,
) -> Tensor:
    """Scores ``(n, m)``, mean over checkpoints: positive if a sample lowers the query's loss.

    Args:
        sources: the same samples at one or more checkpoints.
        queries: what is explained.
        dims: numbers a layer.
        seed: of the projections, the same for samples and queries.
        ridge: of the second-moment matrix, in units of its mean eigenvalue.
        check: called with the share done and a note.
    """
    total = torch.zeros(len(sources[0]), len(queries))
    for source in sources:
        train = projected(source, dims, seed, check).double()
        asked = _project(source.of(queries.x, queries.y), dims, seed).double()
        second = train.T @ train
        second += ridge * second.diag().mean() * torch.eye(len(second), dtype=second.dtype)
        total += (train @ torch.linalg.solve(second, asked.T)).float() / len(sources)
    return total


def _project(layers: Layers, dims: int, seed: int) -> Tensor:
    parts = [
        _rows(rows, dims, torch.Generator().manual_seed(seed + number))
        for number, rows in enumerate(layers.values())
        if not isinstance(rows, Lookup)
    ]
    return torch.cat(parts, 1)


def _rows(rows: Rows, dims: int, generator: Generator) -> Tensor:
    if not isinstance(rows, Outer):
        values = rows.dense()
        return values @ _random(values.shape[1], dims, generator)
    side = max(1, int(dims**0.5))
    a = rows.a @ _random(rows.a.shape[2], side, generator)
    g = rows.g @ _random(rows.g.shape[2], side, generator)
    return (g.transpose(1, 2) @ a).flatten(1)


def _random(size: int, dims: int, generator: Generator) -> Tensor:
    """Keeps inner products in expectation; the identity where nothing would be saved."""
    if size <= dims:
        return torch.eye(size)
    drawn = torch.randn(size, dims, generator=generator)
    return drawn.div(dims**0.5)
