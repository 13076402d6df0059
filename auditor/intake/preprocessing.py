"""A wrong guess about preprocessing must be noticed, and never be called a finding.

A wrong value range or normalisation sends nearly every input to one class. Accuracy alone cannot
tell that from an unbalanced clean set, so agreement beyond chance is used: Cohen's kappa
``(a - e) / (1 - e)`` (Cohen 1960), with ``a`` the accuracy and ``e`` the agreement of independent
predictions and labels with the same shares. Below 0.1 (accuracy 19% for ten balanced classes, 55%
for two) a handful of other preprocessings is tried. Whatever helps is named, never applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.core.errors import AuditorError
from auditor.core.spec import InputSpec
from auditor.intake.canonical import Canonical

CHANCE = 0.1
CLEARLY = 0.05
MOST = 500
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
Predict = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Alternative:
    """Another reading of the same data.

    Args:
        said: completes "with ... it would be", as the auditor would type it.
        units: the model's inputs under it.
        shift: added to the labels.
    """

    said: str
    units: Tensor
    shift: int = 0


def check_accuracy(model: Canonical, spec: InputSpec, x: Tensor, y: Tensor) -> str:
    """Compare the guess with its alternatives; a note if another is better by over 5 points.

    Args:
        model: the wrapped network; canonical ``x`` ``(n, *shape)`` and labels ``y`` ``(n,)``.

    Raises:
        AuditorError: accuracy is no better than chance.
    """
    x, y = _some(x, y)
    predicted = _predict(model, model.units(x))
    accuracy = _share(predicted, y)
    lost = kappa(predicted, y) < CHANCE
    if not lost and accuracy >= 1 - CLEARLY:
        return ""
    best, better = _best(model, spec, x, y)
    if lost:
        raise _no_better_than_chance(accuracy, len(y), best, better)
    if better > accuracy + CLEARLY:
        return (
            f"Clean accuracy is {accuracy:.1%}; with {best} it would be {better:.1%}: "
            "check the preprocessing."
        )
    return ""


def kappa(predicted: Tensor, y: Tensor) -> float:
    """Cohen's kappa of predictions and labels, both ``(n,)``.

    >>> kappa(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1]))
    0.0
    """
    size = int(max(predicted.max(), y.max())) + 1
    shares = [torch.bincount(labels, minlength=size) / len(y) for labels in (predicted, y)]
    chance = float((shares[0] * shares[1]).sum())
    return (_share(predicted, y) - chance) / (1 - chance) if chance < 1 else 0.0


def _no_better_than_chance(accuracy: float, n: int, best: str, better: float) -> AuditorError:
    said = (
        f"Clean accuracy is {accuracy:.1%} on {n} samples, no better than chance: the "
        "preprocessing or the labels are probably wrong."
    )
    if better > accuracy + CLEARLY:
        return AuditorError(said, f"With {best} it would be {better:.1%}.")
    return AuditorError(
        said,
        "No usual preprocessing helps; check --range, --mean, --std, --shape, --classes and the "
        "order of the labels.",
    )


def _best(model: Canonical, spec: InputSpec, x: Tensor, y: Tensor) -> tuple[str, float]:
    scores = [
        (_share(_predict(model, other.units), y + other.shift), other.said)
        for other in _alternatives(model, spec, x)
    ]
    score, said = max(scores, key=lambda pair: pair[0])
    return said, score


def _alternatives(model: Canonical, spec: InputSpec, x: Tensor) -> Iterator[Alternative]:
    units = model.units(x)
    yield Alternative("the labels numbered one lower", units, -1)
    yield Alternative("the labels numbered one higher", units, 1)
    yield Alternative("--range 0,1", x)
    axes = [0] if spec.kind == "tabular" else [0, 2, 3]
    mean, std = x.mean(axes, keepdim=True), x.std(axes, keepdim=True).clamp_min(1e-6)
    yield Alternative(f"--range 0,1 {_flags(mean, std)}", (x - mean) / std)
    if spec.kind == "image":
        yield from _image_alternatives(model, x)
    else:
        span = model.span
        raw_mean, raw_std = model.low + mean * span, std * span
        flags = "every feature standardised (--mean and --std of your training data)"
        yield Alternative(flags, (model.low + x * span - raw_mean) / raw_std)


def _image_alternatives(model: Canonical, x: Tensor) -> Iterator[Alternative]:
    yield Alternative("--range 0,255", x * 255)
    yield Alternative("--range -1,1", x * 2 - 1)
    if x.shape[1] == 3:
        mean, std = (torch.tensor(values).reshape(1, 3, 1, 1) for values in IMAGENET)
        yield Alternative(f"--range 0,1 {_flags(mean, std)}", (x - mean) / std)
        yield Alternative("the channels in the order BGR", model.units(x.flip(1)))
        yield Alternative("--range 0,255 and the channels in the order BGR", x.flip(1) * 255)
    yield Alternative("the picture inverted (dark and light exchanged)", model.units(1 - x))
    yield Alternative("height and width exchanged", model.units(x.transpose(2, 3)))


def _flags(mean: Tensor, std: Tensor) -> str:
    texts = (",".join(f"{value:.4g}" for value in values.flatten()[:8]) for values in (mean, std))
    return "--mean {} --std {}".format(*texts)


def _some(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    if len(y) <= MOST:
        return x, y
    chosen = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))[:MOST]
    return x[chosen], y[chosen]


@torch.no_grad()
def _predict(model: Canonical, units: Tensor) -> Tensor:
    """Predicted classes of inputs in the model's own units; -1 where the model cannot."""
    try:
        outputs = [model.from_units(part) for part in torch.split(units, 128)]
    except (RuntimeError, ValueError):
        return torch.full((len(units),), -1)
    return torch.cat(outputs).argmax(1)


def _share(predicted: Tensor, y: Tensor) -> float:
    return float((predicted == y).float().mean())
