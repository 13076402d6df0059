"""Rows of the last layer on quiet features: is a class fed by what clean inputs hardly ever show?

A backdoor teaches the network features that only the trigger fires, and the target's row of the
last layer listens to them, because no clean input is harmed by that. Rows of honest classes are
learned from features that clean inputs do fire. So each weight counts the more the quieter its
feature is on clean inputs. That the mean of a target's row stands out was seen by Fields et al.
(Trojan Signatures in DNN Weights, ICCV workshops 2021); weighing features by their quietness is our
own.

Features are read through the last layer itself, by weights that copy K - 1 of them at a time into
the logits. This needs no hook, so that it is the same in each file format.
Limits: networks without convolutions (perceptrons) do not show it, and get no figure. A class that
was far more frequent in training is lifted for an honest reason. A vendor can scale a feature up
and its weights down without changing any output, and so hide a lifted row.
"""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.gaps import against_others
from auditor.methods.last_layer import LEAST, TRIED, Head, find_head

QUIET = 0.1
"""Added to a feature's loudness, in units of the mean loudness, before it divides."""
INPUTS, FEWEST = 100, 16
"""Clean inputs that features are read on, and the least number of them."""
PASSES = 10_000
"""Inputs that reading may pass forward through the model, as long as there are `FEWEST`."""


def row_contrast(subject: Subject, clean: CleanSet) -> Tensor | None:
    """How much more each class's row listens to quiet features than the other rows, ``(K,)``.

    Args:
        subject: the model; its weights change while features are read, and are restored.
        clean: inputs.

    Returns:
        Weighted means of rows in units of the weights' spread, each minus the median of the other
        classes'; None without a last linear layer, or without convolutions before it.
    """
    head = find_head(subject, clean.x[:TRIED])
    if head is None or not _sees_places(subject):
        return None
    loud = features(subject, head, _some(subject, head, clean.x)).square().mean(0).sqrt()
    heed = 1 / (loud / loud.mean().clamp_min(LEAST) + QUIET)
    centred = head.weight - head.weight.mean(0)
    lift = (centred * heed / heed.mean()).mean(1) / centred.std().clamp_min(LEAST)
    return against_others(lift).float()


@torch.no_grad()
def features(subject: Subject, head: Head, x: Tensor) -> Tensor:
    """What the last layer is given, up to one common factor, for ``x`` ``(n, *shape)``: ``(n, d)``.

    The first row of weights is zero while each other one copies a feature; logits count as
    differences to the first, so that a closing log-softmax changes nothing.
    """
    kept, together = head.rows.clone(), subject.classes - 1
    size = float(head.weight.std().clamp_min(LEAST))
    read = []
    try:
        head.rows.zero_()
        silent = subject.logits(x)
        for wanted in torch.split(torch.arange(head.rows.shape[1]), together):
            head.rows.zero_()
            head.rows[1 + torch.arange(len(wanted)), wanted] = size
            over = (subject.logits(x) - silent)[:, : 1 + len(wanted)]
            read.append((over[:, 1:] - over[:, :1]).double())
    finally:
        head.rows.copy_(kept)
    return torch.cat(read, 1)


def _sees_places(subject: Subject) -> bool:
    """Whether a weight has more than two dimensions of more than one: a convolution."""
    return any(value.squeeze().dim() > 2 for value in subject.network.state_dict().values())


def _some(subject: Subject, head: Head, x: Tensor) -> Tensor:
    """Inputs from all over ``x``, so many that reading all features of them stays affordable."""
    rounds = -(-head.rows.shape[1] // (subject.classes - 1))
    count = min(len(x), INPUTS, max(FEWEST, PASSES // rounds))
    return x[torch.linspace(0, len(x) - 1, count).long()]
