"""captum's TracIn on the checkpoints and queries of a case, timed.

Three ways, as captum offers them: one sample at a time (its default), sample-wise gradients of a
batch, and the last layer only (Fast). Checkpoints are files, as captum wants them.
Limits: captum never switches to eval mode; these networks are in it already.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from captum.influence import TracInCP, TracInCPFast
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from auditor.bench.influence.cases import RATE, Case
from auditor.methods.influence import Queries

WAYS = ("default", "sample_wise", "fast")


@dataclass(frozen=True)
class Run:
    """Scores ``(n, m)`` and the seconds of the first and of a later query set."""

    scores: Tensor
    first_s: float
    later_s: float


def captum_run(case: Case, first: Queries, later: Queries, way: str = "sample_wise") -> Run:
    """Ask captum about two query sets, one after the other; ``way`` is one of ``WAYS``."""
    with TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{i}.safetensors") for i in range(len(case.networks))]
        for path, network in zip(paths, case.networks, strict=True):
            save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
        tracer = _tracer(case, paths, way)
        scores, first_s = _timed(tracer, first)
        return Run(scores, first_s, _timed(tracer, later)[1])


def _tracer(case: Case, paths: list[str], way: str) -> Any:
    network, data = case.fresh(), TensorDataset(case.train.x, case.train.y)
    if way == "fast":
        return TracInCPFast(
            network, _last(network), data, paths, _load, nn.CrossEntropyLoss(reduction="sum"), 128
        )
    together = way == "sample_wise"
    loss = nn.CrossEntropyLoss(reduction="sum" if together else "none")
    return TracInCP(
        network, data, paths, checkpoints_load_func=_load, loss_fn=loss, batch_size=128,
        sample_wise_grads_per_batch=together,
    )  # fmt: skip


def _timed(tracer: Any, queries: Queries) -> tuple[Tensor, float]:
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Input Tensor .* did not already require gradients")
        scores: Tensor = tracer.influence((queries.x, queries.y))
    return scores.detach().T, time.process_time() - start


def _last(network: nn.Module) -> nn.Module:
    return [module for module in network.modules() if isinstance(module, nn.Linear)][-1]


def _load(network: nn.Module, path: str) -> float:
    """captum asks for a checkpoint's learning rate when it loads it."""
    network.load_state_dict(load_file(path))
    network.eval()
    return RATE
