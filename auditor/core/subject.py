"""The model under audit and the clean set, as probes see them. The only noun that needs torch.

A subject takes canonical inputs in [0, 1] and gives logits; value range, normalisation, a
closing softmax and single-output binary heads are dealt with inside (see ``auditor.intake``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from auditor.core.graph import Graph
from auditor.core.spec import InputSpec

BATCH = 256


@dataclass(frozen=True)
class Origin:
    """Where a network's arithmetic comes from, for probes that compare it with what was declared.

    Args:
        graph: the delivered graph; None where only weights were delivered, so that the network is
            this tool's own.
        declared: architecture that the auditor, the card or the file names; empty if none does.
        expected: graph of our own network of that architecture.
        twin: our own network with the delivered weights, from canonical inputs to logits.
        reason: why there is no expected graph or no twin.
    """

    graph: Graph | None = None
    declared: str = ""
    expected: Graph | None = None
    twin: nn.Module | None = None
    reason: str = ""


@dataclass(frozen=True)
class Subject:
    """A network in eval mode with frozen parameters.

    Args:
        network: maps canonical inputs ``(n, *spec.shape)`` to logits ``(n, classes)``.
        spec: shape, classes and how canonical inputs reach the delivered model's own units.
        origin: where the network's arithmetic comes from.
    """

    network: nn.Module
    spec: InputSpec
    origin: Origin = Origin()

    def __post_init__(self) -> None:
        self.network.eval()
        for parameter in self.network.parameters():
            parameter.requires_grad_(False)

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return self.spec.classes

    def __call__(self, x: Tensor) -> Tensor:
        """Logits ``(n, classes)`` with gradients towards ``x``.

        The network gets a copy: one that changes its input in place changes no clean set.
        """
        logits: Tensor = self.network(x.clone())
        return logits

    @torch.no_grad()
    def logits(self, x: Tensor, batch: int = BATCH) -> Tensor:
        """Logits ``(n, classes)`` of ``(n, *shape)`` without gradients, in batches."""
        return torch.cat([self(part) for part in torch.split(x, batch)])

    def predict(self, x: Tensor, batch: int = BATCH) -> Tensor:
        """Predicted class of each input, ``(n,)``."""
        return self.logits(x, batch).argmax(1)

    def copy(self) -> Subject:
        """An independent copy whose parameters may be trained."""
        twin = Subject(copy.deepcopy(self.network), self.spec, self.origin)
        for parameter in twin.network.parameters():
            parameter.requires_grad_(parameter.is_floating_point())
        return twin

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Restore eval mode afterwards and refuse silently changed weights or statistics.

        Raises:
            RuntimeError: a parameter or buffer differs after the block.
        """
        before = {name: value.clone() for name, value in self.network.state_dict().items()}
        try:
            yield
        finally:
            self.network.eval()
        for name, value in self.network.state_dict().items():
            if not torch.equal(torch.nan_to_num(value), torch.nan_to_num(before[name])):
                raise RuntimeError(f"a probe changed {name} of the model under audit")


@dataclass(frozen=True)
class CleanSet:
    """The auditor's own labelled inputs.

    Args:
        x: canonical inputs in [0, 1], ``(n, *shape)``, float32.
        y: labels, ``(n,)``, int64.
    """

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def take(self, index: Tensor) -> CleanSet:
        """The samples at ``index``."""
        return CleanSet(self.x[index], self.y[index])

    def split(self, share: float, seed: int) -> tuple[CleanSet, CleanSet]:
        """Two disjoint parts, the first with about ``share`` of every class."""
        generator = np.random.default_rng(seed)
        first = np.zeros(len(self), dtype=bool)
        labels = self.y.numpy()
        for label in np.unique(labels):
            members = generator.permutation(np.flatnonzero(labels == label))
            first[members[: max(1, round(share * len(members)))]] = True
        where = torch.from_numpy(first)
        return self.take(where.nonzero()[:, 0]), self.take((~where).nonzero()[:, 0])


@dataclass(frozen=True)
class TrainingSet:
    """What the vendor handed over of the training.

    Args:
        data: training samples in canonical form, labels in the model's numbering.
        checkpoints: the network during training, oldest first, without the delivered state; each
            maps canonical inputs to logits.
        unverified: indices of rows that the provenance manifest does not vouch for, ascending;
            None without a manifest.
        doubts: what is wrong with those rows, one line a kind.
        recipe: how to train again: ``epochs``, ``rate``, ``batch``, ``momentum``, ``decay``,
            ``seed``; empty if not given.
    """

    data: CleanSet
    checkpoints: tuple[nn.Module, ...] = ()
    unverified: Tensor | None = None
    doubts: tuple[str, ...] = ()
    recipe: Mapping[str, float] = field(default_factory=dict)
