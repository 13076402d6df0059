"""Does the delivered graph compute what its own weights compute in our constructor?

Purpose: a graph with the layers of a known architecture and nothing else must give the same logits
as that architecture with the same weights. The two are compared on clean inputs, on noise, on black
and white inputs, on clean inputs with stamped squares, and where a search by gradients drives their
difference up.
Limits: a condition that none of these inputs meets and that has no gradient stays unseen; the graph
itself is examined by ``artefact.graph``. Rounding, such as that of folded normalisation, is allowed
for by a tolerance relative to the size of the logits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.graphs import traits, unexpected
from auditor.methods.sampling import subset

if TYPE_CHECKING:
    from torch import nn

    from auditor.core.subject import CleanSet, Origin, Subject

TOLERANCE = 1e-3
PLAIN = {"add", "sub", "mul", "div"}
STEP = 0.05


@probe
@dataclass(frozen=True)
class Equivalence(Probe):
    """Compares the delivered network with its twin.

    Args:
        inputs: inputs of each kind.
        steps: steps of the search for a difference.
    """

    id = "artefact.equivalence"
    title = "Same weights, same answers"
    measures: ClassVar[Mapping[str, str]] = {
        "compared": "the delivered graph was compared with our own network and the same weights",
        "differs": "the two differ by more than rounding on some input",
        "max_difference": "largest difference of a logit, in units of the largest logit",
        "disagreement": "share of the inputs that get another class",
    }
    cites = ("arXiv:2206.07840",)

    inputs: int = 128
    steps: int = 10

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Compare on every kind of input."""
        twin = subject.origin.twin
        if twin is None:
            said = subject.origin.reason or "The network is this tool's own; nothing to compare."
            return Result({"compared": False, "differs": False}, caveats=(said,))
        own = _arithmetic(subject.origin)
        if own:
            said = f"The graph computes more than the declared architecture ({own}), such as a "
            said += "normalisation of its own; its answers were not compared with the weights'."
            return Result({"compared": False, "differs": False}, caveats=(said,))
        x = subset(clean, self.inputs, context.seed).x
        rows: list[JsonRow] = []
        for kind, inputs in self._kinds(x, subject, twin, context):
            context.check(len(rows) / 5, kind)
            rows.append(_compare(kind, subject.logits(inputs), _logits(twin, inputs)))
        largest = max(float(row["max_difference"]) for row in rows)
        changed = sum(int(row["changed"]) for row in rows)
        total = sum(int(row["inputs"]) for row in rows)
        return Result(
            {
                "compared": True,
                "differs": largest > TOLERANCE,
                "max_difference": largest,
                "disagreement": Measure(value=changed / total, n=total),
            },
            {"inputs": rows},
        )

    def _kinds(
        self, x: Tensor, subject: Subject, twin: nn.Module, context: Context
    ) -> list[tuple[str, Tensor]]:
        generator = torch.Generator().manual_seed(context.seed)
        noise = torch.rand(x.shape, generator=generator)
        flat = torch.cat([torch.full_like(x[:1], value) for value in (0.0, 0.25, 0.5, 0.75, 1.0)])
        stamped = x.clone() if x.ndim == 2 else _stamped(x, generator)
        worst = self._driven(x, subject, twin, context)
        return [
            ("clean inputs", x), ("uniform noise", noise), ("uniform inputs", flat),
            ("clean inputs with bright and dark squares", stamped),
            ("clean inputs driven towards a difference", worst),
        ]  # fmt: skip

    def _driven(self, x: Tensor, subject: Subject, twin: nn.Module, context: Context) -> Tensor:
        """Inputs after steps along the gradients of the squared difference, where it has any."""
        x = x.clone()
        for step in range(self.steps):
            context.check(0.2 * step / max(1, self.steps), "searching for a difference")
            x.requires_grad_(True)
            difference = (subject(x) - twin(x)).square().sum()
            if not difference.requires_grad:
                return x.detach()
            (gradient,) = torch.autograd.grad(difference, x)
            x = (x + STEP * gradient.sign()).clamp(0, 1).detach()
        return x.detach()


def _arithmetic(origin: Origin) -> str:
    """Names of the operators beyond the declared architecture, if all are plain arithmetic.

    They are ``artefact.graph``'s to report. Other operators do not keep the two from being
    compared: what they do is what the comparison is for.
    """
    if origin.graph is None or origin.expected is None:
        return ""
    foreign = unexpected(traits(origin.graph), traits(origin.expected))
    return ", ".join(sorted(foreign)) if set(foreign) <= PLAIN else ""


def _stamped(x: Tensor, generator: torch.Generator) -> Tensor:
    """A bright or dark square of a quarter of the side in a corner or the middle of each image."""
    stamped, (height, width) = x.clone(), x.shape[2:]
    side = max(1, min(height, width) // 4)
    for image in stamped:
        bright, place = (
            torch.randint(2, (1,), generator=generator),
            torch.randint(5, (1,), generator=generator),
        )
        top = (0, 0, height - side, height - side, (height - side) // 2)[int(place)]
        left = (0, width - side, 0, width - side, (width - side) // 2)[int(place)]
        image[:, top : top + side, left : left + side] = float(bright)
    return stamped


@torch.no_grad()
def _logits(network: nn.Module, x: Tensor) -> Tensor:
    return torch.cat([network(part) for part in torch.split(x, 256)])


def _compare(kind: str, ours: Tensor, theirs: Tensor) -> JsonRow:
    scale = float(theirs.abs().max().clamp_min(1e-6))
    distance = torch.nan_to_num((ours - theirs).abs(), nan=1e6, posinf=1e6)
    return {
        "inputs": len(ours),
        "kind": kind,
        "max_difference": float(distance.max()) / scale,
        "changed": int((ours.argmax(1) != theirs.argmax(1)).sum()),
    }
