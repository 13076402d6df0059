"""Gradients of many samples at one checkpoint: computed as they pass, or kept and read again.

Purpose: a query costs one pass over kept rows, or one over the data. Kept rows lie in one array a
layer and part, in memory or memory-mapped in a folder, written block by block; a build that was
interrupted goes on with the next block.
Limits: float32, so 75,000 parameters and 60,000 samples want 18 GB of disk if nothing can be
factored; ``auditor.methods.influence.projection`` shrinks that, and ``Gradients`` keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from auditor.core.errors import AuditorError
from auditor.methods.influence.rows import Rows, restore
from auditor.methods.influence.tape import (
    Coverage,
    Loss,
    completed,
    coverage,
    cross_entropy,
    gradient_rows,
)

Layers = dict[str, Rows]
Block = tuple[slice, Layers]
Check = Callable[[float, str], None]
SCALARS = 50_000
"""Input numbers of a block: what layers make of them should stay near the processor."""


def no_check(share: float, note: str) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True)
class Gradients:
    """Samples and a network; rows are computed whenever they are asked for.

    Args:
        network: maps inputs to logits; run in eval mode, otherwise left alone.
        x: inputs ``(n, *shape)``.
        y: labels ``(n,)``.
        weight: of this checkpoint, its learning rate for TracIn.
        loss: summed over samples.
        block: samples at a time; chosen by the size of an input if 0.
        complete: differentiate what ``cover`` would leave out, one sample at a time: exact for
            every parameter, and as slow as a backward pass a sample.

    ``cover`` says which layers are covered and which parameters are left out.
    """

    network: nn.Module
    x: Tensor
    y: Tensor
    weight: float = 1.0
    loss: Loss = cross_entropy
    block: int = 0
    complete: bool = False
    cover: Coverage = field(init=False)

    def __post_init__(self) -> None:
        found = coverage(self.network, self.x)
        found = completed(self.network, found) if self.complete else found
        object.__setattr__(self, "cover", found)
        if not self.block:
            fitting = SCALARS // max(1, self.x[:1].numel())
            object.__setattr__(self, "block", min(256, max(32, fitting)))

    def __len__(self) -> int:
        return len(self.y)

    def of(self, x: Tensor, y: Tensor) -> Layers:
        """Rows of other samples at the same checkpoint."""
        return gradient_rows(self.network, x, y, self.cover, self.loss)

    def slices(self) -> Iterator[slice]:
        """The blocks' places, in order."""
        for start in range(0, len(self), self.block):
            yield slice(start, min(start + self.block, len(self)))

    def read(self, part: slice) -> Layers:
        """Rows of one block."""
        return self.of(self.x[part], self.y[part])

    def blocks(self, check: Check = no_check) -> Iterator[Block]:
        """All rows, block by block."""
        for part in self.slices():
            check(part.start / len(self), "gradients")
            yield part, self.read(part)


@dataclass(frozen=True)
class GradientStore(Gradients):
    """The same with rows that were kept; see ``keep``."""

    arrays: dict[str, dict[str, Tensor]] = field(default_factory=dict)

    def read(self, part: slice) -> Layers:
        """Rows of one block, as they were kept."""
        return {
            layer: restore({name: array[part] for name, array in parts.items()})
            for layer, parts in self.arrays.items()
        }

    @property
    def bytes(self) -> int:
        """Size of all kept arrays."""
        return sum(a.nbytes for parts in self.arrays.values() for a in parts.values())


def keep(source: Gradients, folder: Path | None = None, check: Check = no_check) -> GradientStore:
    """Compute all rows once and keep them.

    Args:
        source: what to compute.
        folder: where to map the arrays; in memory without it. Finished blocks found there are
            used again.
        check: called with the share done, may raise to stop; the same call goes on later.

    Raises:
        AuditorError: the folder holds gradients of something else.
    """
    first = source.read(slice(0, min(source.block, len(source))))
    journal = Journal(folder, _identity(source)) if folder else None
    done = journal.done() if journal else 0
    arrays = {
        layer: {
            name: _array(folder, f"{number}.{name}", (len(source), *part.shape[1:]), part, done > 0)
            for name, part in rows.parts().items()
        }
        for number, (layer, rows) in enumerate(first.items())
    }
    for part in source.slices():
        if part.stop <= done:
            continue
        check(part.start / len(source), "gradients")
        for layer, rows in (first if part.start == 0 else source.read(part)).items():
            for name, values in rows.parts().items():
                arrays[layer][name][part] = values
        if journal:
            journal.note(part.stop)
    given = (source.network, source.x, source.y, source.weight, source.loss, source.block)
    return GradientStore(*given, source.complete, arrays)


def _array(
    folder: Path | None, name: str, shape: tuple[int, ...], like: Tensor, there: bool
) -> Tensor:
    if folder is None:
        return torch.empty(shape, dtype=like.dtype)
    dtype = torch.empty(0, dtype=like.dtype).numpy().dtype
    mapped = np.lib.format.open_memmap(
        folder / f"{name}.npy", "r+" if there else "w+", None if there else dtype, shape
    )
    return torch.from_numpy(mapped)


def _identity(source: Gradients) -> str:
    """Digest of everything that the rows depend on."""
    state = hashlib.sha256(repr((source.cover, source.block, source.loss.__qualname__)).encode())
    for value in (*source.network.state_dict().values(), source.x, source.y):
        state.update(np.ascontiguousarray(value.detach().cpu().numpy()).tobytes())
    return state.hexdigest()


@dataclass(frozen=True)
class Journal:
    """How far a folder of gradients is, in ``progress.json``."""

    folder: Path
    identity: str

    def done(self) -> int:
        """Samples whose rows are there.

        Raises:
            AuditorError: the folder holds gradients of something else.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._path.exists():
            return 0
        held = json.loads(self._path.read_text("utf-8"))
        if held["identity"] != self.identity:
            raise AuditorError(
                f"{self.folder} holds gradients of other samples or another model.",
                "Choose another folder, or remove this one.",
            )
        return int(held["done"])

    def note(self, done: int) -> None:
        """``done`` samples are written."""
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps({"identity": self.identity, "done": done}), "utf-8")
        beside.replace(self._path)

    @property
    def _path(self) -> Path:
        return self.folder / "progress.json"
