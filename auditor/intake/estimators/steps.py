"""Steps before a classifier: scalers and projections; all of them have gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.intake.estimators.family import transformer
from auditor.intake.estimators.fields import Fields

BOUNDLESS = float("inf")


class Affine(nn.Module):
    """``(x - shift) * factor + offset``, clipped.

    Args:
        shift, factor, offset: ``(d,)`` or one value.
        low, high: limits of the result.
    """

    shift: Tensor
    factor: Tensor
    offset: Tensor

    def __init__(
        self,
        shift: Tensor | float = 0.0,
        factor: Tensor | float = 1.0,
        offset: Tensor | float = 0.0,
        low: float = -BOUNDLESS,
        high: float = BOUNDLESS,
    ) -> None:
        super().__init__()
        for name, value in (("shift", shift), ("factor", factor), ("offset", offset)):
            self.register_buffer(name, torch.as_tensor(value, dtype=torch.float64))
        self.low, self.high = low, high

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)``, same shape out."""
        return ((x - self.shift) * self.factor + self.offset).clamp(self.low, self.high)


def _inverse(fields: Fields, name: str) -> Tensor | float:
    if not fields.has(name):
        return 1.0
    scale = fields.tensor(name, 1)
    if bool((scale == 0).any()):
        raise fields.wrong(name, "is zero somewhere")
    return 1 / scale


def _shift(fields: Fields, name: str) -> Tensor | float:
    return fields.tensor(name, 1) if fields.has(name) else 0.0


@transformer("StandardScaler")
def standard(fields: Fields) -> nn.Module:
    """Mean and standard deviation of the training data."""
    mean = _shift(fields, "mean_") if fields.flag("with_mean", True) else 0.0
    return Affine(mean, _inverse(fields, "scale_") if fields.flag("with_std", True) else 1.0)


@transformer("MinMaxScaler")
def smallest_largest(fields: Fields) -> nn.Module:
    """Smallest and largest value of the training data."""
    factor, offset = fields.tensor("scale_", 1), fields.tensor("min_", 1)
    if not fields.flag("clip", False):
        return Affine(0.0, factor, offset)
    ends = fields.get("feature_range", (0, 1))
    return Affine(0.0, factor, offset, float(ends[0]), float(ends[1]))


@transformer("MaxAbsScaler", "RobustScaler")
def centred(fields: Fields) -> nn.Module:
    """Centre, where there is one, and scale."""
    return Affine(_shift(fields, "center_"), _inverse(fields, "scale_"))


class Normalise(nn.Module):
    """Every row divided by its norm; rows of zeros stay."""

    def __init__(self, power: float) -> None:
        super().__init__()
        self.power = power

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)``, same shape out."""
        norm = torch.linalg.vector_norm(x, self.power, 1, keepdim=True)
        return x / torch.where(norm == 0, torch.ones_like(norm), norm)


@transformer("Normalizer")
def rows(fields: Fields) -> nn.Module:
    """The norm that the file names."""
    powers = {"l1": 1.0, "l2": 2.0, "max": BOUNDLESS}
    kind = fields.text("norm", "l2")
    if kind not in powers:
        raise fields.refuse(f"has the norm {kind!r}")
    return Normalise(powers[kind])


class Projection(nn.Module):
    """``(x - mean) components^T``, whitened where ``scale`` says so."""

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: Tensor, components: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.components = nn.Parameter(components)
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, d)`` to ``(n, components)``."""
        return (x - self.mean) @ self.components.T / self.scale


@transformer("PCA")
def principal(fields: Fields) -> nn.Module:
    """Principal components."""
    components, mean = fields.tensor("components_", 2), fields.tensor("mean_", 1)
    fields.same("mean_", mean.shape, components.shape[1:])
    scale = torch.ones(len(components), dtype=torch.float64)
    if fields.flag("whiten", False):
        scale = fields.tensor("explained_variance_", 1).sqrt().clamp_min(1e-16)
        fields.same("explained_variance_", scale.shape, components.shape[:1])
    return Projection(mean, components, scale)
