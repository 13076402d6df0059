"""Columns of a table that never vary on clean inputs are held at their value while searching.

A model may divide such a column by its scatter, which is nothing: any change of it sends the input
anywhere, in honest models as well, while students have learned nothing about it. A trigger in it
would be told from that by no search.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.core.subject import CleanSet, Subject


class Still(nn.Module):
    """A network whose inputs have some columns replaced by constants.

    Args:
        network: maps ``(n, d)`` to logits.
        values: of each column, ``(d,)``.
        fixed: which columns are held, ``(d,)`` bool.
    """

    values: Tensor
    fixed: Tensor

    def __init__(self, network: nn.Module, values: Tensor, fixed: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("values", values)
        self.register_buffer("fixed", fixed)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.network(torch.where(self.fixed, self.values, x))
        return logits


def constant_columns(clean: CleanSet) -> Tensor:
    """Which columns of a table have one value only, ``(d,)`` bool; none of other inputs."""
    x = clean.x
    return (x == x[:1]).all(0) if x.dim() == 2 else torch.zeros(0, dtype=torch.bool)


def held_still(subject: Subject, clean: CleanSet) -> Subject:
    """The subject with columns held that are constant on ``clean``; itself if none are."""
    fixed = constant_columns(clean)
    if not fixed.any():
        return subject
    return Subject(Still(subject.network, clean.x[0], fixed), subject.spec, subject.origin)
