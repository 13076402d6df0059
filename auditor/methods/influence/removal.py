"""Does the behaviour go when the accused samples go? The causal check behind a ranking.

Purpose: train without the suspects and compare with a model trained without as many samples drawn
at random. With a recipe the network is trained again from fresh weights; without one the delivered
weights unlearn: they are taught their own answers on the kept samples (distillation, Hinton et al.
2015), away from the accused ones' labels, and that an accused sample laid over a kept one changes
nothing (as in mixup, Zhang et al. 2018). Samples
that are only doubtful are not taught either way: poison among them would keep the backdoor alive.
Source: counterfactual evaluation of poison traces (Hammoudeh & Lowd 2022; Shan et al. 2022).
Limits: unlearning is weaker evidence than retraining, because it teaches on the accused; drawing
at random goes through the same, so that the difference counts. Neither proves what was intended.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auditor.core.subject import CleanSet
from auditor.methods.influence.store import Check, no_check

Measured = tuple[float, float]
"""Success of the trigger and accuracy on clean inputs."""
Measure = Callable[[nn.Module], Measured]
UNLEARN_STEPS = 240
UNLEARN_RATES = (5e-3, 1e-3, 2e-4)
"""Tried in turn until the kept samples are answered as before."""
AS_BEFORE = 0.97
"""Share of kept samples that must keep their answer."""
LOOKED_AT = 1000
DISTILLED = 4.0
"""Weight of the delivered model's answers on kept samples. This and the first rate were chosen on
digits, seeds that no figure is from."""
TOGETHER = 64
WORKS = 0.5
"""Success below which there is no trigger whose removal could be seen."""


@dataclass(frozen=True)
class Recipe:
    """How the vendor says the network was trained: SGD with momentum on cross-entropy.

    Args:
        epochs: passes over the data.
        rate: learning rate.
        batch: samples a step.
        momentum: of SGD.
        decay: weight decay.
        seed: of fresh weights and of the order.
    """

    epochs: int
    rate: float
    batch: int = 64
    momentum: float = 0.9
    decay: float = 0.0
    seed: int = 0

    @classmethod
    def of(cls, given: Mapping[str, float]) -> Recipe:
        """A recipe from numbers by name; ``epochs`` and ``rate`` are needed."""
        whole = {name: int(given[name]) for name in ("epochs", "batch", "seed") if name in given}
        return cls(**{**given, **whole})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Suspects:
    """Indices: the accused, and all that are set aside, the accused among them.

    ``others`` are those that random removals are drawn from; None: all but the accused.
    """

    accused: Tensor
    aside: Tensor
    others: Tensor | None = None


@dataclass(frozen=True)
class Removal:
    """What became of the model: (success, accuracy) each.

    Args:
        before: the delivered weights.
        after: without the accused.
        random: without as many others, one for each draw.
        retrained: False if the weights unlearned instead.
    """

    before: Measured
    after: Measured
    random: tuple[Measured, ...]
    retrained: bool

    @property
    def success_without_random(self) -> float:
        """Mean success over the random draws."""
        return sum(success for success, _ in self.random) / len(self.random)

    @property
    def confirmed(self) -> bool:
        """The trigger works, and half of its success goes with the accused and not with others."""
        gone = self.success_without_random - self.after[0]
        return self.before[0] >= WORKS and gone >= 0.5 * self.before[0]


def remove(
    network: nn.Module,
    train: CleanSet,
    suspects: Suspects,
    measure: Measure,
    recipe: Recipe | None = None,
    draws: int = 2,
    seed: int = 0,
    check: Check = no_check,
) -> Removal:
    """Compare removal of the accused with random removal.

    Args:
        network: as delivered; a copy is changed.
        train: the training samples.
        suspects: whom to do without.
        measure: success of the trigger and accuracy of a network.
        recipe: how to train again; without it the copy unlearns.
        draws: random removals.
        seed: of the draws and of unlearning.
        check: called with the share done, may raise to stop.
    """
    generator = torch.Generator().manual_seed(seed)
    candidates = suspects.others
    if candidates is None:
        candidates = kept_index(len(train), suspects.accused)
    results = []
    for draw in range(draws + 1):
        check(draw / (draws + 1), "removal")
        drawn = candidates[torch.randperm(len(candidates), generator=generator)]
        alike = Suspects(drawn[: len(suspects.accused)], drawn[: len(suspects.aside)])
        dropped = alike if draw else suspects
        changed = (
            unlearned(network, train, dropped, seed)
            if recipe is None
            else retrained(network, train.take(kept_index(len(train), dropped.aside)), recipe)
        )
        results.append(measure(changed))
    return Removal(measure(network), results[0], tuple(results[1:]), recipe is not None)


def kept_index(n: int, dropped: Tensor) -> Tensor:
    """The cleaned index list: everything but ``dropped``, ascending."""
    kept = torch.ones(n, dtype=torch.bool)
    kept[dropped] = False
    return kept.nonzero()[:, 0]


def retrained(network: nn.Module, train: CleanSet, recipe: Recipe) -> nn.Module:
    """The same architecture from fresh weights, by the recipe."""
    fresh = _trainable(network)
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(recipe.seed)
        for module in fresh.modules():
            reset = getattr(module, "reset_parameters", None)
            if callable(reset):
                reset()
        optimiser = torch.optim.SGD(
            fresh.parameters(), recipe.rate, recipe.momentum, weight_decay=recipe.decay
        )
        fresh.train()
        for _ in range(recipe.epochs):
            for part in torch.split(torch.randperm(len(train)), recipe.batch):
                if len(part) > 1:
                    _step(optimiser, F.cross_entropy(fresh(train.x[part]), train.y[part]))
    return _frozen(fresh)


def unlearned(network: nn.Module, train: CleanSet, dropped: Suspects, seed: int) -> nn.Module:
    """A copy that gives the network's own answers on kept samples, not the labels of the accused
    ones, and the kept sample's label to halves of both: what the accused have in common must not
    decide.

    Eval mode throughout: batch statistics stay as delivered. The fastest of ``UNLEARN_RATES`` that
    leaves the answers on kept samples as they were; the slowest if none does.
    """
    network = _frozen(copy.deepcopy(network))
    for rate in UNLEARN_RATES:
        found = _unlearned(network, train, dropped, seed, rate)
        if _as_before(network, found, train.x[kept_index(len(train), dropped.aside)]):
            break
    return found


def _as_before(network: nn.Module, changed: nn.Module, x: Tensor) -> bool:
    some = x[:: max(1, len(x) // LOOKED_AT)]
    with torch.no_grad():
        same = network(some).argmax(1) == changed(some).argmax(1)
    return float(same.float().mean()) >= AS_BEFORE


def _unlearned(
    network: nn.Module, train: CleanSet, dropped: Suspects, seed: int, rate: float
) -> nn.Module:
    copied = _trainable(network).eval()
    generator = torch.Generator().manual_seed(seed)
    kept, accused = kept_index(len(train), dropped.aside), dropped.accused
    optimiser = torch.optim.Adam([p for p in copied.parameters() if p.requires_grad], rate)
    slower = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, UNLEARN_STEPS)
    with torch.enable_grad():
        for _ in range(UNLEARN_STEPS):
            good = train.take(kept[torch.randint(0, len(kept), (TOGETHER,), generator=generator)])
            drawn = torch.randint(0, len(accused), (TOGETHER,), generator=generator)
            bad = train.take(accused[drawn])
            with torch.no_grad():
                answers = network(good.x).softmax(1)
            _step(optimiser, _untaught(copied, good, bad, answers))
            slower.step()
    return _frozen(copied)


def _untaught(network: nn.Module, good: CleanSet, bad: CleanSet, answers: Tensor) -> Tensor:
    """Loss of as many kept and accused samples; inputs that are no numbers are not halved."""
    blended = [(good.x + bad.x) / 2] if good.x.is_floating_point() else []
    plain, accused, *halves = network(torch.cat([good.x, bad.x, *blended])).split(len(good))
    as_before = DISTILLED * F.cross_entropy(plain, answers)
    taught = as_before + _away(accused, bad.y)
    return sum((F.cross_entropy(half, good.y) for half in halves), taught)


def _away(logits: Tensor, y: Tensor) -> Tensor:
    """Mean of ``-log(1 - p_y)``: bounded below, unlike a negated loss."""
    others = logits.masked_fill(F.one_hot(y, logits.shape[1]).bool(), float("-inf"))
    return (logits.logsumexp(1) - others.logsumexp(1)).mean()


def _step(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    optimiser.step()


def _trainable(network: nn.Module) -> nn.Module:
    copied = copy.deepcopy(network)
    for parameter in copied.parameters():
        parameter.requires_grad_(parameter.is_floating_point())
    return copied


def _frozen(network: nn.Module) -> nn.Module:
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return network.eval()
