"""Per-sample gradients of one layer, in the smallest exact form, and their inner products.

Purpose: the gradient of a linear map is a sum over positions t of outer products g_t a_t'. Whether
the factors or the sum is smaller depends on the layer; inner products follow from either:
``Outer`` with one position gives (a.a')(g.g'), so a gradient is never built.
Source: the kernel form of TracIn for linear layers (Pruthi et al. 2020, section 4).
Limits: float32 as the network computes; inner products of long rows round accordingly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

ELEMENTS = 1 << 25
"""Largest number of float32 elements built at a time (128 MB)."""
WORTH = 4


class Rows(Protocol):
    """Gradients of ``n`` samples for one layer."""

    def __len__(self) -> int:
        """Number of samples."""
        ...

    def parts(self) -> dict[str, Tensor]:
        """Arrays that make up the rows, first axis the samples; ``restore`` takes them back."""
        ...

    def dot(self, other: Rows) -> Tensor:
        """Inner products with other rows of the same layer, ``(n, m)``."""
        ...

    def squared_norm(self) -> Tensor:
        """``(n,)``, float64."""
        ...

    def dense(self) -> Tensor:
        """The gradients themselves, ``(n, p)``; for an embedding only the rows that occur."""
        ...


@dataclass(frozen=True)
class Dense:
    """Gradients ``(n, p)`` written out."""

    values: Tensor

    def __len__(self) -> int:
        return len(self.values)

    def parts(self) -> dict[str, Tensor]:
        """One array."""
        return {"values": self.values}

    def dot(self, other: Rows) -> Tensor:
        """Plain matrix product, the few rows first: a quarter faster."""
        return (other.dense() @ self.values.T).T

    def squared_norm(self) -> Tensor:
        """Row sums of squares."""
        return self.values.double().square().sum(1)

    def dense(self) -> Tensor:
        """Itself."""
        return self.values


@dataclass(frozen=True)
class Outer:
    """Sum over positions of outer products.

    Args:
        a: layer inputs with a column of ones for the bias, ``(n, t, inputs)``.
        g: output gradients, ``(n, t, outputs)``.
    """

    a: Tensor
    g: Tensor

    def __len__(self) -> int:
        return len(self.a)

    def parts(self) -> dict[str, Tensor]:
        """Both factors."""
        return {"a": self.a, "g": self.g}

    def dot(self, other: Rows) -> Tensor:
        """Product of two small kernels for single positions, else blocks of written-out rows.

        One position against few written-out rows D is g D a: as many products, nothing written.
        """
        if isinstance(other, Outer) and self.a.shape[1] == other.a.shape[1] == 1:
            return (self.a[:, 0] @ other.a[:, 0].T) * (self.g[:, 0] @ other.g[:, 0].T)
        if self.a.shape[1] == 1:
            return self._through(other.dense())
        against = other.dense().T
        block = max(1, ELEMENTS // len(against))
        pieces = zip(torch.split(self.a, block), torch.split(self.g, block), strict=True)
        return torch.cat([Outer(a, g).dense() @ against for a, g in pieces])

    def _through(self, written: Tensor) -> Tensor:
        """Single positions against ``(m, outputs * inputs)``, ``(n, m)``."""
        a, g = self.a[:, 0], self.g[:, 0]
        maps = written.reshape(-1, a.shape[1])
        block = max(1, ELEMENTS // len(maps))
        pieces = zip(torch.split(a, block), torch.split(g, block), strict=True)
        return torch.cat([
            ((p @ maps.T).reshape(len(p), len(written), -1) @ q[:, :, None])[:, :, 0]
            for p, q in pieces
        ])  # fmt: skip

    def squared_norm(self) -> Tensor:
        """By whichever of two exact ways is cheaper."""
        positions, inputs, outputs = *self.a.shape[1:], self.g.shape[2]
        if positions * (inputs + outputs) < inputs * outputs:
            inner = (self.a @ self.a.transpose(1, 2)) * (self.g @ self.g.transpose(1, 2))
            return inner.double().sum((1, 2))
        return self.dense().double().square().sum(1)

    def dense(self) -> Tensor:
        """Sum over positions, ``(n, outputs * inputs)``."""
        return (self.g.transpose(1, 2) @ self.a).flatten(1)


@dataclass(frozen=True)
class Lookup:
    """Gradients of an embedding: row ``ids`` of its table receives ``g``.

    Args:
        ids: ``(n, t)``, int64; -1 receives nothing.
        g: output gradients, ``(n, t, width)``.
    """

    ids: Tensor
    g: Tensor

    def __len__(self) -> int:
        return len(self.ids)

    def parts(self) -> dict[str, Tensor]:
        """Indices and gradients."""
        return {"ids": self.ids, "g": self.g}

    def dot(self, other: Rows) -> Tensor:
        """Positions meet where their indices agree.

        Raises:
            TypeError: the other rows are not of an embedding.
        """
        if not isinstance(other, Lookup):
            raise TypeError("rows of an embedding meet rows of an embedding only")
        return torch.stack(
            [self._with(ids, g) for ids, g in zip(other.ids, other.g, strict=True)], 1
        )

    def _with(self, ids: Tensor, g: Tensor) -> Tensor:
        same = (self.ids[:, :, None] == ids) & (ids >= 0)
        return ((self.g @ g.T) * same).sum((1, 2))

    def squared_norm(self) -> Tensor:
        """Positions of one sample that share an index add up first."""
        same = (self.ids[:, :, None] == self.ids[:, None]) & (self.ids >= 0)[:, None]
        return ((self.g @ self.g.transpose(1, 2)) * same).double().sum((1, 2))

    def dense(self) -> Tensor:
        """One slot for every index that occurs in these rows, ``(n, slots * width)``."""
        slots, where = torch.unique(self.ids, return_inverse=True)
        hit = torch.nn.functional.one_hot(where, len(slots)).to(self.g) * (self.ids >= 0)[..., None]
        return (hit.transpose(1, 2) @ self.g).flatten(1)


def positions(a: Tensor, g: Tensor, bias: bool) -> Rows:
    """Rows of a linear map in the form that takes less room, or is faster where room is alike.

    Factors over several positions are multiplied out again for every query, so they are kept only
    where they are much smaller.

    Args:
        a: inputs ``(n, t, inputs)``.
        g: output gradients ``(n, t, outputs)``.
        bias: whether the map adds one.
    """
    if _factored(a.shape[1], a.shape[2], g.shape[2]):
        return Outer(torch.cat([a, a.new_ones(*a.shape[:2], 1)], 2) if bias else a, g)
    weight = g.transpose(1, 2) @ a
    return Dense((torch.cat([weight, g.sum(1)[:, :, None]], 2) if bias else weight).flatten(1))


def _factored(positions: int, inputs: int, outputs: int) -> bool:
    """Whether the factors of a linear map are kept instead of their product."""
    size = positions * (inputs + outputs) * (WORTH if positions > 1 else 1)
    return size < inputs * outputs


FORMS: dict[frozenset[str], type[Dense] | type[Outer] | type[Lookup]] = {
    frozenset({"values"}): Dense,
    frozenset({"a", "g"}): Outer,
    frozenset({"ids", "g"}): Lookup,
}


def restore(parts: dict[str, Tensor]) -> Rows:
    """Rows from the arrays of ``parts()``."""
    return FORMS[frozenset(parts)](**parts)
