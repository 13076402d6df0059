"""The same network, quicker: for searches that call a frozen model thousands of times.

Two rewritings that leave the function as it is, up to rounding: BatchNorm in eval mode is a scale
and a shift of each channel and goes into the convolution before it, and convolutions run on
channels-last memory, which processors read faster. A network that answers otherwise afterwards, or
that refuses such memory, is used as it was delivered.
Limits: BatchNorm that is no module of its own (graphs of operators, TorchScript) stays. That a
convolution's output goes nowhere else is known from answers alone, so the network's code must be
ours or the auditor's own.
"""

from __future__ import annotations

import copy
from contextlib import ExitStack
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from auditor.core.subject import Subject

TOLERANCE = 1e-3
"""Largest change of a logit, in units of the largest logit, that counts as rounding."""
TRIED = 8
"""Inputs on which both are compared."""
_ORIGINALS: WeakKeyDictionary[nn.Module, nn.Module] = WeakKeyDictionary()
"""Beside the networks and not in them, so that a copy of one does not copy both."""


def swift(subject: Subject, x: Tensor, fold: bool = True) -> Subject:
    """A subject with the same answers that is quicker to ask, or ``subject`` itself.

    Args:
        subject: the model; it is not changed.
        x: inputs ``(n, *shape)``; the answers are compared on the first `TRIED`.
        fold: whether BatchNorm may go into convolutions; not in what will be trained.
    """
    if x.dim() != 4:
        return subject
    for folded in (True, False) if fold else (False,):
        try:
            network = rewritten(subject.network, x[:TRIED], folded)
            if _agree(subject.network, network, x[:TRIED]):
                return Subject(network, subject.spec, subject.origin)
        except (RuntimeError, TypeError):
            continue
    return subject


def rewritten(network: nn.Module, x: Tensor, fold: bool = True) -> nn.Module:
    """A copy of a network in eval mode, rewritten for speed; see `original`.

    Args:
        network: it is not changed.
        x: inputs that it takes.
        fold: whether BatchNorm goes into convolutions.
    """
    twin = copy.deepcopy(network).requires_grad_(False)
    for convolution, norm in _followed(twin, x[:1]) if fold else []:
        fused = fuse_conv_bn_eval(convolution, norm).requires_grad_(False)
        convolution.weight, convolution.bias = fused.weight, fused.bias
        _made_plain(twin, norm)
    for weight in twin.parameters():
        if weight.dim() == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    _ORIGINALS[twin] = network
    return twin


def original(network: nn.Module) -> nn.Module:
    """The network that this one was rewritten from, or itself."""
    return _ORIGINALS.get(network, network)


def _agree(network: nn.Module, twin: nn.Module, x: Tensor) -> bool:
    """Whether two networks answer alike, and gradients reach the second one's inputs."""
    before, leaf = network(x).detach(), x.clone().requires_grad_()
    after = twin(leaf)
    torch.autograd.grad(after.sum(), leaf)
    limit = TOLERANCE * max(1.0, float(before.abs().max()))
    return bool((before - after.detach()).abs().max() <= limit)


@torch.no_grad()
def _followed(network: nn.Module, x: Tensor) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Convolutions whose very output is what a BatchNorm takes, each called once."""
    made: list[tuple[Tensor, nn.Conv2d]] = []
    pairs: list[tuple[nn.Conv2d, nn.BatchNorm2d]] = []
    calls: list[nn.Module] = []

    def note(module: nn.Module, inputs: Any, output: Any) -> None:
        calls.append(module)
        if isinstance(module, nn.Conv2d):
            made.append((output, module))
        elif isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
            pairs.extend((one, module) for y, one in made if y is inputs[0])

    with ExitStack() as stack:
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)):
                stack.callback(module.register_forward_hook(note).remove)
        network(x)
    return [pair for pair in pairs if all(calls.count(one) == 1 for one in pair)]


def _made_plain(network: nn.Module, norm: nn.Module) -> None:
    """Replaces a module, wherever it stands, by one that does nothing."""
    for parent in network.modules():
        for name, child in parent.named_children():
            if child is norm:
                setattr(parent, name, nn.Identity())
