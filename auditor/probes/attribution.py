"""Where a reconstructed trigger acts: pixels, layers, channels, confirmed by ablation.

Purpose: show that the trigger is a mechanism inside the model and not a picture that happens to
resemble the target class: the channels that carry it can be named, and without them it fails while
clean accuracy stays.
Sources: integrated gradients (Sundararajan et al. 2017), layer conductance (Dhamdhere et al. 2018),
both from captum; mean ablation after Liu et al. 2018.
Limits: channels are chosen on one half of the inputs and judged on the other; a trigger spread over
many channels resists ablation without being any less real.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import Exhibit, JsonRow, Measure, Result
from auditor.core.probe import Arrays, Context, Probe, probe
from auditor.methods.ablation import Cut, ablatable_layers, channel_means
from auditor.methods.attribution import (
    channel_conductance,
    localised_share,
    pixel_attribution,
    pixel_map,
)
from auditor.methods.intervals import share
from auditor.methods.sampling import subset

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject

SOURCE = "trigger.reconstruction"
FEWEST = 4
"""Input pairs below which nothing can be chosen and confirmed."""


@dataclass(frozen=True)
class Pairs:
    """Clean inputs, the same with the trigger, ``(m, *shape)`` each, and the target class."""

    clean: Tensor
    triggered: Tensor
    target: int

    def __len__(self) -> int:
        return len(self.clean)

    def part(self, index: slice) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.clean[index], self.triggered[index], self.target)


@dataclass(frozen=True)
class Tried:
    """A cut on the first half of the pairs, and its row in the table.

    ``worth`` is the fall of success beyond a random cut's, less the clean accuracy that the cut
    costs and the share of the layer that it takes: few channels make the clearer mechanism.
    """

    cut: Cut
    worth: float
    row: JsonRow


@probe
@dataclass(frozen=True)
class Attribution(Probe):
    """Attributes the best reconstructed trigger and ablates what carries it.

    Args:
        inputs: most input pairs used.
        layers: most layers examined.
        shares: shares of a layer's channels that are tried.
        draws: random cuts that the chosen one is compared with.
        clean_inputs: most clean samples on which the loss of accuracy is measured.
    """

    id = "trigger.attribution"
    title = "Where the trigger acts"
    needs = ("gradients", "labels")
    uses = (SOURCE,)
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "whether there was a trigger to attribute",
        "localised_share": "share of pixel attribution inside the strongest 5% of the pixels",
        "ablation_ran": "whether layers could be ablated",
        "channels_ablated": "channels switched off",
        "success_before": "share of held-out triggered inputs that reach the target",
        "success_after": "the same without the chosen channels",
        "success_after_random": "the same without as many random channels, mean over draws",
        "accuracy_before": "clean accuracy",
        "accuracy_after": "clean accuracy without the chosen channels",
    }
    cites = ("Sundararajan et al. 2017", "Dhamdhere et al. 2018", "Liu et al. 2018")

    inputs: int = 32
    layers: int = 6
    shares: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4)
    draws: int = 10
    clean_inputs: int = 200

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Pixels first, then layers, then the ablation on the other half of the inputs."""
        pairs = _pairs(subject, context.arrays, self.inputs)
        if pairs is None or len(pairs) < FEWEST:
            return Result(
                {"ran": False},
                caveats=(
                    "No reconstructed trigger with enough inputs of other classes was handed over.",
                ),
            )
        if not _differentiable(subject, pairs.clean[:1]):
            return Result(
                {"ran": False}, caveats=("The model lets no gradient through to its input.",)
            )
        context.check(0.1, "pixels")
        pixels = pixel_map(
            pixel_attribution(subject.network, pairs.triggered, pairs.clean, pairs.target)
        )
        measures: dict[str, Measure | float | bool] = {
            "ran": True,
            "localised_share": localised_share(pixels),
        }
        tried = self._tried(subject, clean, pairs, context)
        measures["ablation_ran"] = bool(tried)
        caveats: tuple[str, ...] = (
            "The model has no layers that can be hooked: ablation was not assessed.",
        )
        if tried:
            best = max(tried, key=lambda trial: trial.worth).cut
            confirmed, caveats = self._confirm(subject, clean, pairs, best, context)
            measures |= confirmed
        return Result(
            measures,
            {"layers": [trial.row for trial in tried]},
            (_heatmap(pixels, pairs.target),),
            caveats,
        )

    def _tried(
        self, subject: Subject, clean: CleanSet, pairs: Pairs, context: Context
    ) -> list[Tried]:
        """The best cut of every layer, as found on the first half of the pairs."""
        half = pairs.part(slice(0, len(pairs) // 2))
        sample = subset(clean, self.clean_inputs // 2, context.seed)
        generator = torch.Generator().manual_seed(context.seed)
        layers = ablatable_layers(subject.network, half.clean, self.layers)
        found = []
        for number, (name, layer) in enumerate(layers.items()):
            context.check(0.2 + 0.6 * number / len(layers), name)
            conductance = channel_conductance(
                subject.network, layer, half.triggered, half.clean, half.target
            ).mean(0)
            means = channel_means(subject.network, layer, sample.x)
            cuts = [Cut(name, layer, top, means) for top in _tops(conductance, self.shares)]
            tried = [_try(subject, half, sample, cut, generator) for cut in cuts]
            best = max(tried, key=lambda trial: trial.worth)
            found.append(replace(best, row=_conductance_row(name, conductance) | best.row))
        return found

    def _confirm(
        self, subject: Subject, clean: CleanSet, pairs: Pairs, cut: Cut, context: Context
    ) -> tuple[dict[str, Measure | float | bool], tuple[str, ...]]:
        held_out = pairs.part(slice(len(pairs) // 2, None))
        sample = subset(clean, self.clean_inputs, context.seed + 1)
        generator = torch.Generator().manual_seed(context.seed + 1)
        context.check(0.9, "ablation")
        before, after = _hits(subject, held_out), _hits(subject, held_out, cut)
        random = [_hits(subject, held_out, cut.random(generator)) for _ in range(self.draws)]
        mean_random = sum(random) / (len(random) * len(held_out))
        measures: dict[str, Measure | float | bool] = {
            "channels_ablated": Measure(value=len(cut.channels), unit="count"),
            "success_before": share(before, len(held_out)),
            "success_after": share(after, len(held_out)),
            "success_after_random": Measure(value=mean_random, n=len(random)),
            "accuracy_before": share(_right(subject, sample), len(sample)),
            "accuracy_after": share(_right(subject, sample, cut), len(sample)),
        }
        return measures, _caveats(cut, before / len(held_out), after / len(held_out), mean_random)


def _pairs(subject: Subject, arrays: Arrays, limit: int) -> Pairs | None:
    """Pairs whose clean half is not predicted as the target already; None without a trigger."""
    names = [f"{SOURCE}/{name}" for name in ("clean_inputs", "triggered_inputs", "target")]
    if any(name not in arrays for name in names):
        return None
    clean, triggered = (torch.tensor(arrays[name]).float() for name in names[:2])
    target = int(arrays[names[2]].reshape(-1)[0])
    other = (subject.predict(clean) != target).nonzero()[:limit, 0]
    return Pairs(clean[other], triggered[other], target)


def _differentiable(subject: Subject, x: Tensor) -> bool:
    with torch.enable_grad():
        return bool(subject(x.clone().requires_grad_(True)).requires_grad)


def _tops(conductance: Tensor, shares: Sequence[float]) -> list[Tensor]:
    """The strongest channels towards the target, one set for each share, each at least one."""
    order = conductance.argsort(descending=True)
    counts = sorted({max(1, round(part * len(order))) for part in shares})
    return [order[:count] for count in counts]


def _predict(subject: Subject, x: Tensor, cut: Cut | None) -> Tensor:
    if cut is None:
        return subject.predict(x)
    with cut.applied():
        return subject.predict(x)


def _hits(subject: Subject, pairs: Pairs, cut: Cut | None = None) -> int:
    return int((_predict(subject, pairs.triggered, cut) == pairs.target).sum())


def _right(subject: Subject, sample: CleanSet, cut: Cut | None = None) -> int:
    return int((_predict(subject, sample.x, cut) == sample.y).sum())


def _try(
    subject: Subject, pairs: Pairs, sample: CleanSet, cut: Cut, generator: torch.Generator
) -> Tried:
    success = _hits(subject, pairs, cut) / len(pairs)
    random = sum(_hits(subject, pairs, cut.random(generator)) for _ in range(3)) / 3 / len(pairs)
    before, after = (_right(subject, sample, c) / len(sample) for c in (None, cut))
    row: JsonRow = {
        "ablated": len(cut.channels),
        "success_after": success,
        "success_after_random": random,
        "accuracy_after": after,
    }
    cost = max(0.0, before - after) + len(cut.channels) / len(cut.means)
    return Tried(cut, random - success - cost, row)


def _conductance_row(name: str, conductance: Tensor) -> JsonRow:
    size = conductance.abs()
    top = conductance.argsort(descending=True)[:5]
    whole = float(size.sum())
    return {
        "layer": name,
        "channels": len(conductance),
        "conductance": float(conductance.sum()),
        "top_share": float(size[top].sum()) / whole if whole > 0 else 0.0,
        "top_channels": top.tolist(),
    }


def _heatmap(pixels: Tensor, target: int) -> Exhibit:
    shown = pixels.reshape(-1, pixels.shape[-1]).float().numpy()
    return Exhibit(
        "pixel_attribution",
        shown,
        "heatmap",
        f"Pixels through which the trigger raises the logit of class {target}.",
    )


def _caveats(cut: Cut, before: float, after: float, random: float) -> tuple[str, ...]:
    stated = (
        (True, f"Ablated: {len(cut.channels)} of {len(cut.means)} channels of {cut.name}."),
        (before < 0.5, f"The trigger reaches its target on only {before:.0%} of held-out inputs."),
        (
            random - after < 0.1,
            "Ablation did not confirm the attribution: random channels matter "
            "as much as the chosen ones.",
        ),
    )
    return tuple(sentence for holds, sentence in stated if holds)
