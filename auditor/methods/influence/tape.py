"""One pass forward and backward over a batch gives every layer's per-sample gradients.

Purpose: hooks note what each layer saw; autograd says what its output was told; ``layers`` makes
rows of both. Eval mode is forced inside and restored outside; weights, statistics, hooks and
``requires_grad`` are left as they were.
Limits: the loss must be a sum over samples. A layer is covered if the first axis of its input is
the batch, which is tried out with two batch sizes. Parameters shared by two layers are covered
for each layer alone, and listed; models that cannot be hooked go through ``one_by_one``, and so
does, on demand, what is left out (``completed``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auditor.methods.gradients import evaluating, trainable
from auditor.methods.influence.attention import attend, linear, openable
from auditor.methods.influence.layers import Pairs, covered, layer_rows, linear_rows
from auditor.methods.influence.rows import Dense, Rows

Loss = Callable[[Tensor, Tensor], Tensor]
"""Maps outputs and labels to the sum of the samples' losses."""


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """The usual loss, summed."""
    return F.cross_entropy(logits, y, reduction="sum")


@dataclass(frozen=True)
class Call:
    """One run of one layer: what it saw, what it gave, and how its rows are made.

    ``versions`` counts the operations in place on either until then.
    """

    layer: str
    rows: Callable[[Pairs], Rows]
    a: Tensor
    output: Tensor
    versions: tuple[int, int]

    @property
    def overwritten(self) -> bool:
        """Whether an operation in place came over what was noted."""
        return (self.a._version, self.output._version) != self.versions


@dataclass(frozen=True)
class Coverage:
    """Which parameters the gradients cover.

    Args:
        layers: names of the covered layers, in the order they run.
        uncovered: names of the parameters that are left out.
        shared: parameters that two layers share; the cross terms between them are left out.
        hooked: False if the model is differentiated one sample at a time instead.
        copied: True if the model works in place, so that what layers see and give is copied.
        singly: parameters that are differentiated one sample at a time beside the layers.
    """

    layers: tuple[str, ...]
    uncovered: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    hooked: bool = True
    copied: bool = False
    singly: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Nothing is left out."""
        return not self.uncovered and not self.shared


def coverage(network: nn.Module, x: Tensor) -> Coverage:
    """What ``gradient_rows`` will cover on inputs like ``x``; needs one sample.

    Raises:
        ValueError: no parameter of the model can be differentiated.
    """
    tapes = [_batched(network, x[:1].expand(n, *x.shape[1:])) for n in (2, 3)]
    seen = [dict.fromkeys(call.layer for call in tape) for tape in tapes]
    layers = tuple(name for name in seen[0] if name in seen[1])
    names = {id(p): name for name, p in network.named_parameters(remove_duplicate=True)}
    if not layers:
        return Coverage(tuple(_differentiable(network, x)), hooked=False)
    modules = dict.fromkeys(layer.partition(":")[0] for layer in layers)
    owners = [id(p) for name in modules for p in network.get_submodule(name).parameters()]
    left = tuple(name for key, name in names.items() if key not in set(owners))
    shared = tuple(names[key] for key in dict.fromkeys(owners) if owners.count(key) > 1)
    copied = any(call.overwritten for tape in tapes for call in tape)
    return Coverage(layers, left, shared, copied=copied)


def completed(network: nn.Module, cover: Coverage) -> Coverage:
    """The same with everything left out differentiated one sample at a time: exact, and slow."""
    if cover.complete:
        return cover
    named = dict(network.named_parameters(remove_duplicate=True))
    shared = {id(named[name]) for name in cover.shared}

    def owned(layer: str) -> set[int]:
        return {id(p) for p in network.get_submodule(layer.partition(":")[0]).parameters()}

    layers = tuple(layer for layer in cover.layers if not owned(layer) & shared)
    inside = set[int]().union(*map(owned, layers))
    floating = [name for name, p in named.items() if p.is_floating_point()]
    singly = tuple(name for name in floating if id(named[name]) not in inside)
    if not layers:
        return Coverage(singly, hooked=False)
    return Coverage(layers, copied=cover.copied, singly=singly)


def gradient_rows(
    network: nn.Module, x: Tensor, y: Tensor, cover: Coverage, loss: Loss = cross_entropy
) -> dict[str, Rows]:
    """Per-sample gradients of ``loss`` for ``(n, *shape)`` inputs, by covered layer.

    Args:
        network: maps inputs to outputs ``(n, classes)``; run in eval mode.
        x: inputs, one block.
        y: labels ``(n,)``.
        cover: from ``coverage``.
        loss: summed over samples.
    """
    if not cover.hooked:
        return one_by_one(network, x, y, cover, loss)
    with evaluating(network), torch.enable_grad(), recorded(network, len(x), cover.copied) as tape:
        total = loss(network(x), y)
        if not cover.copied and any(call.overwritten for call in tape):
            return gradient_rows(network, x, y, replace(cover, copied=True), loss)
        calls = [call for call in tape if call.layer in cover.layers]
        told = torch.autograd.grad(total, [c.output for c in calls], materialize_grads=True)
    pairs: dict[str, Pairs] = {}
    makers: dict[str, Callable[[Pairs], Rows]] = {}
    for call, g in zip(calls, told, strict=True):
        pairs.setdefault(call.layer, []).append((call.a, g.detach()))
        makers[call.layer] = call.rows
    with torch.no_grad():
        rows = {layer: makers[layer](pairs[layer]) for layer in cover.layers}
    if not cover.singly:
        return rows
    return rows | one_by_one(network, x, y, Coverage(cover.singly, hooked=False), loss)


def one_by_one(
    network: nn.Module, x: Tensor, y: Tensor, cover: Coverage, loss: Loss = cross_entropy
) -> dict[str, Rows]:
    """The same for models without hooks: one backward pass a sample, one row a parameter."""
    wanted = {name: p for name, p in network.named_parameters() if name in cover.layers}
    found: dict[str, list[Tensor]] = {name: [] for name in wanted}
    with evaluating(network), torch.enable_grad(), trainable(list(wanted.values())):
        for i in range(len(x)):
            value = loss(network(x[i : i + 1]), y[i : i + 1])
            grads = torch.autograd.grad(value, list(wanted.values()), materialize_grads=True)
            for name, grad in zip(wanted, grads, strict=True):
                found[name].append(grad.flatten())
    return {name: Dense(torch.stack(rows)) for name, rows in found.items()}


@dataclass
class Recorder:
    """Notes calls of layers whose first axis is the batch of ``n``."""

    n: int
    copied: bool = False
    calls: list[Call] = field(default_factory=list)

    def note(self, layer: str, rows: Callable[[Pairs], Rows], a: Tensor, output: Tensor) -> Tensor:
        """Note a call; returns what the network goes on with."""
        if len(a) != self.n:
            return output
        leaf = not output.requires_grad
        if leaf:
            output = output.detach().requires_grad_(True)
        a = a.detach().clone() if self.copied else a.detach()
        self.calls.append(Call(layer, rows, a, output, (a._version, output._version)))
        return output.clone() if leaf or self.copied else output

    def hook(self, layer: str) -> Callable[..., Tensor]:
        """A forward hook for an ordinary layer."""

        def record(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> Tensor:
            return self.note(layer, partial(layer_rows, module), inputs[0], output)

        return record

    def projection(self, layer: str) -> Callable[..., Tensor]:
        """``project`` for an attention module."""

        def project(part: str, a: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
            rows = partial(linear_rows, bias=bias is not None)
            return self.note(f"{layer}:{part}", rows, a, linear(a, weight, bias))

        return project


@contextmanager
def recorded(network: nn.Module, n: int, copied: bool = False) -> Iterator[list[Call]]:
    """Inside, every covered layer's calls are noted; copied where the model works in place."""
    recorder = Recorder(n, copied)
    with ExitStack() as stack:
        inside = set[nn.Module]()
        for name, module in network.named_modules():
            if openable(module):
                module.forward = partial(attend, module, recorder.projection(name))
                stack.callback(delattr, module, "forward")
                inside |= set(module.children())
            elif covered(module) and module not in inside:
                handle = module.register_forward_hook(recorder.hook(name))
                stack.callback(handle.remove)
        yield recorder.calls


def _batched(network: nn.Module, x: Tensor) -> list[Call]:
    """Calls of layers that run on the whole batch; none if the model refuses hooks."""
    with evaluating(network), torch.enable_grad(), recorded(network, len(x)) as tape:
        network(x)
    return tape


def _differentiable(network: nn.Module, x: Tensor) -> Iterator[str]:
    named = {name: p for name, p in network.named_parameters() if p.is_floating_point()}
    with evaluating(network), torch.enable_grad(), trainable(list(named.values())):
        out = network(x[:1])
        if not out.requires_grad:
            raise ValueError("the model shows no parameters that gradients reach")
        grads = torch.autograd.grad(out.sum(), list(named.values()), allow_unused=True)
    yield from (name for name, grad in zip(named, grads, strict=True) if grad is not None)
