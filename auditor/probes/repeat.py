"""Does the same input always get the same answer?

Purpose: a model whose answer depends on chance, on its neighbours in a batch or on their order
cannot be certified by samples.
Limits: one machine, one numeric library; other devices are not tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.intervals import share
from auditor.methods.sampling import subset

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject


@probe
@dataclass(frozen=True)
class Repeat(Probe):
    """Repeats predictions in other batch sizes and another order.

    Args:
        inputs: most inputs of each run.
        singles: most inputs that are run one by one.
    """

    id = "perf.repeat"
    title = "Consistency of repeated runs"
    measures: ClassVar[Mapping[str, str]] = {
        "disagreement": "share of inputs whose predicted class changes in any run",
        "max_logit_difference": "largest difference of a logit to the first run",
        "runs": "runs that were compared, the first one included",
    }

    inputs: int = 200
    singles: int = 64

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Compare every run with the first."""
        x = subset(clean, self.inputs, context.seed).x
        first = subject.logits(x, batch=len(x))
        changed = torch.zeros(len(x), dtype=torch.bool)
        rows: list[JsonRow] = []
        caveats: list[str] = []
        largest = 0.0
        for name, batch, order in self._runs(len(x), context.seed):
            context.check(len(rows) / 4, name)
            try:
                again = subject.logits(x[order], batch)
            except RuntimeError as error:
                caveats.append(f"Not run ({name}): {str(error).splitlines()[0]}")
                continue
            differs, distance = _compare(first[order], again)
            changed[order] |= differs
            largest = max(largest, distance)
            rows.append(_row(name, differs, distance))
        return Result(
            measures={
                "disagreement": share(int(changed.sum()), len(x)),
                "max_logit_difference": largest,
                "runs": Measure(value=1 + len(rows), unit="count"),
            },
            tables={"runs": rows},
            caveats=tuple(caveats),
        )

    def _runs(self, n: int, seed: int) -> Iterator[tuple[str, int, Tensor]]:
        same = torch.arange(n)
        shuffled = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
        yield "all in one batch again", n, same
        yield "batches of 7", 7, same
        yield "one by one", 1, same[: self.singles]
        yield "shuffled", n, shuffled


def _compare(first: Tensor, again: Tensor) -> tuple[Tensor, float]:
    """Which rows change their class, and the largest finite difference of a logit."""
    same_nothing = first.isnan() & again.isnan()
    distance = torch.where(same_nothing, 0.0, (first - again).abs())
    finite = distance[distance.isfinite()]
    return first.argmax(1) != again.argmax(1), float(finite.max()) if len(finite) else 0.0


def _row(name: str, differs: Tensor, distance: float) -> JsonRow:
    return {
        "run": name,
        "inputs": len(differs),
        "changed": int(differs.sum()),
        "max_logit_difference": distance,
    }
