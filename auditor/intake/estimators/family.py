"""From the description of an estimator to a torch module, by the name of its class.

Every family is a function ``f(fields) -> nn.Module`` that registers itself. A classifier's module
takes ``(n, d)`` in double precision and gives scores ``(n, k)`` whose softmax is what
``predict_proba`` gives, where that exists. A transformer's module gives ``(n, d')``.
Limits: what is not registered is refused with its name.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from auditor.core.errors import DeliveryError
from auditor.core.registry import Registry
from auditor.intake.estimators.fields import Fields

Builder = Callable[[Fields], nn.Module]
CLASSIFIERS: Registry[Builder] = Registry("classifier")
TRANSFORMERS: Registry[Builder] = Registry("transformer")


def classifier(*names: str) -> Callable[[Builder], Builder]:
    """Register a builder under the classes that it rebuilds."""
    return _registering(CLASSIFIERS, names)


def transformer(*names: str) -> Callable[[Builder], Builder]:
    """Register a builder of a step before the classifier."""
    return _registering(TRANSFORMERS, names)


def _registering(registry: Registry[Builder], names: tuple[str, ...]) -> Callable[..., Builder]:
    def register(builder: Builder) -> Builder:
        for name in names:
            registry.add(name, builder)
        return builder

    return register


def build(fields: Fields, registry: Registry[Builder] = CLASSIFIERS) -> nn.Module:
    """The module that computes what the estimator computes.

    Raises:
        DeliveryError: ``unsupported`` names a class that is not rebuilt here; ``unreadable`` a
            field that makes no sense.
    """
    if not fields.name.startswith("sklearn.") or fields.kind not in registry:
        raise DeliveryError(
            f"The file holds a {fields.name[:120]}, which cannot be audited.",
            f"Rebuilt here are {', '.join(sorted(registry))}. Otherwise ask for ONNX.",
            "unsupported",
        )
    return registry[fields.kind](fields)
