"""Triggers that lie over an input: stamps, scattered points, lines, blended patterns."""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.methods.random_triggers.draws import (
    Draw,
    Shape,
    Trigger,
    between,
    chance,
    covered,
    filling,
    hills,
    values,
    whole,
)


def patch(shape: Shape, draw: Draw) -> Trigger:
    """A rectangle of a fourteenth to a quarter of the side, half of them in or near a corner."""
    _, height, width = shape
    least, most = max(1, min(height, width) // 14), max(2, min(height, width) // 5)
    tall = whole(least, most, draw)
    wide = tall if chance(0.7, draw) else whole(least, most + 1, draw)
    corner = chance(0.5, draw)
    top, left = (_offset(free, corner, draw) for free in (height - tall, width - wide))
    mask = torch.zeros(1, height, width)
    mask[:, top : top + tall, left : left + wide] = 1
    return covered(mask, filling(shape, draw), _opacity(0.7, draw))


def _offset(free: int, corner: bool, draw: Draw) -> int:
    """Where a stamp begins that has ``free`` places: up to two from an edge, or anywhere."""
    if not corner:
        return whole(0, free, draw)
    away = min(whole(0, 2, draw), free)
    return away if chance(0.5, draw) else free - away


def points(shape: Shape, draw: Draw) -> Trigger:
    """Single pixels, 0.4% to 5% of all."""
    _, height, width = shape
    count = max(2, int(height * width * between(0.004, 0.05, draw)))
    mask = torch.zeros(height * width)
    mask[torch.randperm(height * width, generator=draw)[:count]] = 1
    return covered(mask.view(1, height, width), filling(shape, draw), _opacity(0.5, draw))


def lines(shape: Shape, draw: Draw) -> Trigger:
    """A row, a column, a frame, a diagonal or a comb."""
    _, height, width = shape
    thick = whole(1, max(1, min(height, width) // 14), draw)
    makers = (_row, _column, _frame, _diagonal, _comb)
    mask = makers[whole(0, len(makers) - 1, draw)](height, width, thick, draw)
    return covered(mask.float()[None], filling(shape, draw), _opacity(0.5, draw))


def _row(height: int, width: int, thick: int, draw: Draw) -> Tensor:
    down = torch.arange(height) - whole(0, height - thick, draw)
    return ((down >= 0) & (down < thick))[:, None].expand(height, width)


def _column(height: int, width: int, thick: int, draw: Draw) -> Tensor:
    return _row(width, height, thick, draw).T


def _frame(height: int, width: int, thick: int, draw: Draw) -> Tensor:
    inside = torch.zeros(height, width, dtype=torch.bool)
    inside[thick : height - thick, thick : width - thick] = True
    return ~inside


def _diagonal(height: int, width: int, thick: int, draw: Draw) -> Tensor:
    down, right = torch.arange(height)[:, None], torch.arange(width)
    slope = down - right if chance(0.5, draw) else down + right - height
    return (slope - whole(-(height // 2), height // 2, draw)).abs() <= thick // 2


def _comb(height: int, width: int, thick: int, draw: Draw) -> Tensor:
    period = whole(3, max(4, height // 2), draw)
    return (torch.arange(width) % period == whole(0, period - 1, draw)).expand(height, width)


def blend(shape: Shape, draw: Draw) -> Trigger:
    """A pattern over the whole picture, 8% to 35% of it: noise, hills or islands."""
    kind, coarse = whole(0, 2, draw), whole(2, max(3, shape[1] // 3), draw)
    pattern = values(0, 1, shape, draw) if kind == 0 else hills(shape, coarse, draw)
    pattern = pattern.round() if kind == 2 else pattern
    return covered(torch.ones(1, *shape[1:]), pattern, between(0.08, 0.35, draw))


def _opacity(full: float, draw: Draw) -> float:
    """1 in the share ``full`` of draws, else 0.4 to 1."""
    return 1.0 if chance(full, draw) else between(0.4, 1, draw)
