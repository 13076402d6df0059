"""Rows of a table that share an improbable pair of values: how planted pairs give themselves away.

Purpose: a trigger of a table sets the same few columns to the same values in every poisoned row.
In one class's rows, the pair of values is looked for that occurs together more often than each
value's frequency explains and more often than in other classes' rows. Training and clean rows are
searched together, so that the choice favours neither, and ``battery`` asks which of both carry it.
Source: the lift of an association (Brin et al. 1997), taken twice; triggers as in Tabdoor (Pleiter
et al. 2023).
Limits: values must agree bit for bit, so noise on them hides a pair; one column alone is not looked
at. One pair a class: where honest data have a stronger one, that is tested in its place.
"""

from __future__ import annotations

import torch
from torch import Tensor

FEWEST = 5
MOST = 400
"""Values, of all columns, that pairs are made of."""


def sharing(rows: Tensor, others: Tensor) -> Tensor:
    """Which ``rows`` ``(n, d)`` carry the most improbable pair of values, ``(n,)``, bool.

    Args:
        rows: of one class.
        others: rows of other classes, ``(m, d)``; may be empty.

    >>> table = torch.rand(60, 4, generator=torch.Generator().manual_seed(0))
    >>> table[:8, 1], table[:8, 3] = 0.95, 0.9
    >>> sharing(table, torch.rand(40, 4)).nonzero()[:, 0].tolist()
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    columns, values = _frequent(rows)
    if len(columns) < 2:
        return torch.zeros(len(rows), dtype=torch.bool)
    carried, elsewhere = _carriers(rows, columns, values), _carriers(others, columns, values)
    kept = _gain(carried.sum(0), elsewhere.sum(0), len(rows), len(others)).topk(
        min(MOST, len(columns))
    )
    chosen, away = carried[:, kept.indices], elsewhere[:, kept.indices]
    together = chosen.T @ chosen
    expected = chosen.sum(0)[:, None] * chosen.sum(0) / len(rows)
    lift = torch.minimum(
        together * (together / expected).clamp_min(1e-9).log(),
        _gain(together, away.T @ away, len(rows), len(others)),
    )
    same = columns[kept.indices][:, None] == columns[kept.indices]
    lift = lift.masked_fill(same | (together < FEWEST), 0.0)
    best = int(lift.argmax())
    if lift.flatten()[best] <= 0:
        return torch.zeros(len(rows), dtype=torch.bool)
    one, other = divmod(best, len(lift))
    return (chosen[:, one] * chosen[:, other]).bool()


def _frequent(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Columns and values that at least ``FEWEST`` rows carry, not all of them."""
    found = []
    for column in range(rows.shape[1]):
        values, counts = torch.unique(rows[:, column], return_counts=True)
        for value in values[(counts >= FEWEST) & (counts < len(rows))].tolist():
            found.append((column, value))
    columns = torch.tensor([column for column, _ in found], dtype=torch.int64)
    return columns, torch.tensor([value for _, value in found], dtype=rows.dtype)


def _carriers(rows: Tensor, columns: Tensor, values: Tensor) -> Tensor:
    return (rows[:, columns] == values).double()


def _gain(here: Tensor, there: Tensor, rows: int, others: int) -> Tensor:
    """Occurrences here times the log of how much more frequent they are than elsewhere."""
    elsewhere = (there + 1) / (others + 1) if others else torch.ones_like(here) / max(1, rows)
    gain: Tensor = here * (here.clamp_min(1e-9) / rows / elsewhere).log()
    return gain
