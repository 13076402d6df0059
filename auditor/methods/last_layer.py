"""What the weights alone say: the rows of the last linear layer, and channels that hear only one.

Three figures for each class, each against the median of the other classes: how high its row of
weights lies on average (a class that a trigger leads to is fed by features that its own inputs do
not need, so that its row is lifted), how large the row's largest weight is, and its bias. And for
each layer the largest share of an output channel's weights that sits on a single input channel: a
path of single neurons, as the data-free attack DFBA builds it (Cao et al., arXiv 2412.06219), has
channels that hear nothing else.
Source of the idea: DFBScanner (Yu et al., arXiv 2605.18907), which reads the last layer's rows; the
statistics here are our own.
Limits: cheap triage. Rows of an honest model differ too, so that a low score says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from auditor.core.subject import Subject
from auditor.methods.calibration import of_several
from auditor.methods.clean_scores import largest_p_value, unit_p_values
from auditor.methods.inversion.gaps import against_others

LIFT, PEAK, BIAS, ALONE = "row_lift", "row_peak", "row_bias", "channel_alone"
WIDE = 8
"""Input channels from which on a share of one of them means something."""
AUDIBLE = 0.25
"""A channel counts whose squared weights are this share of the layer's median, or more."""
LEAST = 1e-6
TRIED = 8
"""Inputs that tell whether a matrix is the last layer's."""


@dataclass(frozen=True)
class Head:
    """The last linear layer.

    Args:
        weight: a copy of its weights, ``(K, d)``.
        bias: ``(K,)``.
        rows: the network's own weights as ``(K, d)``: what is written there changes the network.
    """

    weight: Tensor
    bias: Tensor
    rows: Tensor


@dataclass(frozen=True)
class Scan:
    """Scores of one model's weights.

    Args:
        rows: statistic -> one score a class, ``(K,)``.
        alone: layer -> log odds that its most single-minded channel hears but one channel.
    """

    rows: dict[str, Tensor]
    alone: dict[str, float]

    @property
    def p_classes(self) -> list[float]:
        """Chance that one given class of a clean model scores as much in any statistic."""
        return unit_p_values({name: row.tolist() for name, row in self.rows.items()})

    @property
    def p_rows(self) -> float:
        """Chance that any row of a clean model's last layer is as striking."""
        return largest_p_value(self.p_classes)

    @property
    def p_paths(self) -> float:
        """Chance that any layer of a clean model has so single-minded a channel."""
        return largest_p_value(unit_p_values({ALONE: list(self.alone.values())}))

    @property
    def p_value(self) -> float:
        """Of rows and paths together."""
        return of_several(min(self.p_rows, self.p_paths), 2)


def scan(subject: Subject, head: Head) -> Scan:
    """Score the weights of a model; no input passes through it."""
    return Scan(row_scores(head), lonely_channels(subject.network))


def find_head(subject: Subject, x: Tensor) -> Head | None:
    """The last linear layer, whatever holds its weights; None if there is none.

    It is the last matrix (or convolution of one pixel) with one side of K without which ``x``
    ``(n, *shape)`` would all get the same logits.
    """
    state = subject.network.state_dict()
    for name in reversed([name for name, value in state.items() if _is_matrix(value)]):
        weight = state[name]
        if subject.classes in weight.shape[:2] and _decides(subject, weight, x):
            flat = weight.detach().reshape(weight.shape[:2])
            rows = flat if len(flat) == subject.classes else flat.T
            return Head(rows.double(), _bias(state, subject.classes, name), rows)
    return None


def _is_matrix(value: Tensor) -> bool:
    return value.dim() >= 2 and value.is_floating_point() and value[0, 0].numel() == 1


@torch.no_grad()
def _decides(subject: Subject, weight: Tensor, x: Tensor) -> bool:
    kept = weight.clone()
    try:
        weight.zero_()
        logits = subject(x)
    finally:
        weight.copy_(kept)
    return bool((logits - logits[:1]).abs().max() <= LEAST * (1 + logits.abs().max()))


def _bias(state: dict[str, Tensor], classes: int, weight: str) -> Tensor:
    """The vector of length K that is kept next to the weights; zeros if there is none."""
    home = weight.rpartition(".")[0]
    for name, value in state.items():
        if name.rpartition(".")[0] == home and value.shape == (classes,):
            return value.detach().double()
    return torch.zeros(classes, dtype=torch.float64)


def row_scores(head: Head) -> dict[str, Tensor]:
    """Lift, peak and bias of each row against the other rows, each ``(K,)``."""
    centred = head.weight - head.weight.mean(0)
    spread = centred.std().clamp_min(LEAST)
    size = centred.square().sum(1).mean().sqrt().clamp_min(LEAST)
    scores = {
        LIFT: centred.mean(1) / spread,
        PEAK: (centred.abs().amax(1) / spread).clamp_min(LEAST).log(),
        BIAS: head.bias / size,
    }
    return {name: against_others(score) for name, score in scores.items()}


def lonely_channels(network: nn.Module) -> dict[str, float]:
    """For each layer the log odds of the largest share of one input in a channel's weights."""
    found = {}
    for name, weight in network.state_dict().items():
        if weight.dim() >= 2 and weight.shape[1] >= WIDE and weight.is_floating_point():
            energy = weight.detach().double().reshape(*weight.shape[:2], -1).square().sum(2)
            total = energy.sum(1)
            audible = total >= max(AUDIBLE * float(total.median()), LEAST**2)
            share = (energy.amax(1) / total.clamp_min(LEAST**2))[audible]
            if len(share):
                found[name] = float(torch.logit(share.amax(), eps=LEAST))
    return found
