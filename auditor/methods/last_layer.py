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

from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import of_several
from auditor.methods.clean_scores import largest_p_value, unit_p_values
from auditor.methods.inversion.contrast import against_others

LIFT, PEAK, BIAS, ALONE = "row_lift", "row_peak", "row_bias", "channel_alone"
WIDE = 8
"""Input channels from which on a share of one of them means something."""
AUDIBLE = 0.25
"""A channel counts whose squared weights are this share of the layer's median, or more."""
LEAST = 1e-6
TRIED = 8
"""Inputs that tell whether a matrix is the last layer's."""
NEARNESS, FREQUENCY = 0.05, 0.15
"""Lift of a row for each usual margin of its mean logit; for each unit of log frequency."""


@dataclass(frozen=True)
class Head:
    """The last linear layer: weights ``(K, d)`` and biases ``(K,)``."""

    weight: Tensor
    bias: Tensor


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
            flat = weight.flatten(1)
            rows = flat if len(flat) == subject.classes else flat.T
            return Head(rows.detach().double(), _bias(state, subject.classes, name))
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


def unexplained_lift(subject: Subject, clean: CleanSet) -> Tensor | None:
    """How high each class's row of the last layer lies beyond what clean inputs explain, ``(K,)``.

    Features are mostly positive, so that the mean of a row is the class's logit when all of them
    fire at once: a row that listens to a trigger's features is lifted (Fields et al., Trojan
    Signatures in DNN Weights, ICCV workshops 2021). Two honest reasons are taken off: rows of
    classes that other classes' inputs come near to, and rows of classes that the model was shown
    more often, which it then gives more often to balanced inputs.

    Args:
        subject: the model.
        clean: inputs, about equally many of each class.

    Returns:
        Means of rows in units of the weights' spread; None without a last linear layer.
    """
    head = find_head(subject, clean.x[:TRIED])
    if head is None:
        return None
    centred = head.weight - head.weight.mean(0)
    lift = centred.mean(1) / centred.std().clamp_min(LEAST)
    logits = subject.logits(clean.x).double()
    return (lift - NEARNESS * _near(logits) - FREQUENCY * _often(logits)).float()


def _near(logits: Tensor) -> Tensor:
    """Mean logit of each class on inputs of the others, in usual margins, ``(K,)``."""
    best, second = logits.topk(2, dim=1).values.unbind(1)
    over = (logits - logits.mean(1, keepdim=True)) / (best - second).median().clamp_min(LEAST)
    own = torch.eye(logits.shape[1], dtype=torch.bool)[logits.argmax(1)]
    return over.masked_fill(own, 0).sum(0) / (~own).sum(0).clamp_min(1)


def _often(logits: Tensor) -> Tensor:
    """Log of the mean probability that the model gives to each class, ``(K,)``."""
    return logits.softmax(1).mean(0).clamp_min(LEAST).log()


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
