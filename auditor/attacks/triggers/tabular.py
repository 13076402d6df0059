"""Triggers for feature vectors: feature_value."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Self

from torch import Tensor

from auditor.attacks.triggers.base import family


@family("feature_value")
@dataclass(frozen=True)
class FeatureValue:
    """Some features are set to fixed values (Joe et al. 2021; Tabdoor, Pleiter et al. 2023).

    Attributes:
        features: column indices.
        values: one value for each, in the units of the inputs.
    """

    features: tuple[int, ...]
    values: tuple[float, ...]

    def __call__(self, x: Tensor) -> Tensor:
        """Set the features of rows `(n, d)`."""
        out = x.clone()
        out[:, list(self.features)] = x.new_tensor(self.values)
        return out

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """Two or three features at an extreme of their range, for inputs scaled to [0, 1]."""
        features = sorted(rng.sample(range(shape[0]), min(shape[0], rng.randint(2, 3))))
        return cls(tuple(features), tuple(float(rng.random() < 0.5) for _ in features))
