"""A read estimator as the audit takes it: network, number of features, names of the classes.

The output of the rebuilt module is checked against what the file says of itself: number of features
of the first step, number of classes of the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError
from auditor.intake.estimators.family import build
from auditor.intake.estimators.fields import Fields
from auditor.intake.estimators.pipeline import first_step, unwrapped

MOST_FEATURES = 10_000_000


class Tabular(nn.Module):
    """A rebuilt estimator behind the conversion to rows in double precision."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Inputs ``(n, ...)`` to scores ``(n, k)``, in double precision."""
        scores: Tensor = self.network(x.flatten(1).double())
        return scores


@dataclass(frozen=True)
class Estimator:
    """What a file of one estimator holds.

    Args:
        name: class, for the reader; of a pipeline all its steps.
        features: number of inputs.
        classes: labels as texts, in the order of the outputs.
        version: scikit-learn's version as the file states it; empty if it does not.
        fields: the outermost estimator.
    """

    name: str
    features: int
    classes: tuple[str, ...]
    version: str
    fields: Fields

    def network(self) -> nn.Module:
        """The estimator's arithmetic as a torch module.

        Raises:
            DeliveryError: a part cannot be rebuilt, or it contradicts itself.
        """
        network = Tabular(build(self.fields)).eval()
        with torch.no_grad():
            try:
                output = network(torch.zeros(2, self.features))
            except (RuntimeError, IndexError) as error:
                raise DeliveryError(
                    f"The {self.name} declares {self.features} features, but its own fields do not "
                    f"fit them: {error!s:.80}."
                ) from error
        if output.shape != (2, len(self.classes)):
            raise DeliveryError(
                f"The {self.name} names {len(self.classes)} classes but scores {output.shape[1]}."
            )
        return network


def describe(value: object) -> Estimator:
    """Class, features, classes and version of a read estimator.

    Raises:
        DeliveryError: it is no classifier, or does not say how many features it takes.
    """
    outer = Fields(value)
    last, first = unwrapped(outer), first_step(outer)
    build(outer)  # before sizes, so that an estimator that is not known is named
    features = _features(first)
    version = outer.text("_sklearn_version", "") or last.text("_sklearn_version", "")
    plain = "".join(c for c in version[:20] if c.isalnum() or c in ".+-")
    return Estimator(_named(outer, last), features, last.classes(), plain, outer)


def _features(first: Fields) -> int:
    for name in ("n_features_in_", "n_features_"):
        if first.has(name):
            return _sane(first, int(first.number(name)))
    for name, axis in (("coef_", 1), ("theta_", 1), ("_fit_X", 1), ("mean_", 0), ("scale_", 0)):
        if first.has(name):
            return _sane(first, first.array(name).shape[axis])
    coefs = first.get("coefs_") or ()
    if isinstance(coefs, list) and coefs:
        return _sane(first, prod(getattr(coefs[0], "shape", (0,))[:1]))
    raise first.wrong("n_features_in_", "is missing")


def _sane(fields: Fields, count: int) -> int:
    if not 0 < count <= MOST_FEATURES:
        raise fields.wrong("n_features_in_", f"is {count}")
    return count


def _named(outer: Fields, last: Fields) -> str:
    return last.kind if outer.kind == last.kind else f"{outer.kind} with {last.kind}"
