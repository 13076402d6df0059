"""``evasion.smoothing``: accuracy that no change within a radius can take away.

Source: Cohen, Rosenfeld and Kolter, Certified adversarial robustness via randomized smoothing,
ICML 2019. Limits: the guarantee is for the model behind noise and a majority vote, not for the
delivered model as it is; a model that never saw noise in training keeps little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod, sqrt
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from auditor.core.finding import JsonRow, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.intervals import share
from auditor.methods.sampling import subset
from auditor.methods.smoothing import Counts, Floats, Report, noisy_counts, radius

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject

RADII = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
"""Radii of the curve, in standard deviations of the noise."""
PIXEL = 0.1
"""Noise of a grey 28 x 28 picture's pixel; its length is kept for inputs of other sizes."""
USUAL = 28 * 28


@probe
@dataclass(frozen=True)
class Smoothing(Probe):
    """Certified accuracy of the smoothed model.

    Args:
        sigma: standard deviation of the noise; None takes one for the kind of input.
        inputs: most inputs that are certified.
        samples: noisy copies of each; a fifth more choose the class beforehand.
        alpha: probability that the certificate of one input is wrong.
    """

    sigma: float | None = None
    inputs: int = 100
    samples: int = 200
    alpha: float = 0.001

    id: ClassVar[str] = "evasion.smoothing"
    title: ClassVar[str] = "Certified accuracy behind noise"
    needs: ClassVar[tuple[str, ...]] = ("labels",)
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "whether inputs were certified",
        "smoothed_accuracy": "accuracy of the smoothed model, abstentions counted as wrong",
        "certified_accuracy": "accuracy that no change within the certified radius can take away",
        "radius": "certified radius, Euclidean length in canonical units",
        "sigma": "standard deviation of the noise, canonical units",
        "abstained": "share of inputs on which the smoothed model abstains",
    }
    cites: ClassVar[tuple[str, ...]] = (
        "Cohen, Rosenfeld and Kolter, Certified adversarial robustness, ICML 2019",
    )

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        chosen, sigma = subset(clean, self.inputs, context.seed), self.noise(subject)

        def report(part: float) -> None:
            context.check(part, "adding noise")

        top, reach = self.reach(subject, chosen, context.seed, report)
        right = top == chosen.y.numpy()
        rows = [_row(right & (reach > max(sigma * r, 0.0)), sigma * r) for r in RADII]
        middle = rows[RADII.index(0.5)]
        return Result(
            measures={
                "ran": True,
                "smoothed_accuracy": share(rows[0]["certified"], len(chosen)),
                "certified_accuracy": share(middle["certified"], len(chosen)),
                "radius": middle["epsilon"],
                "sigma": sigma,
                "abstained": float((reach <= 0).mean()),
            },
            tables={"certified": rows},
            caveats=self._caveats(),
        )

    def noise(self, subject: Subject) -> float:
        """Standard deviation of the noise for this model's inputs."""
        return self.sigma or default_sigma(subject.spec.shape)

    def reach(
        self,
        subject: Subject,
        chosen: CleanSet,
        seed: int,
        report: Report = lambda part: None,
    ) -> tuple[Counts, Floats]:
        """Smoothed answer of each input, and the radius within which it is certain; ``(n,)`` each.

        The answer is chosen by noisy copies that do not count for the radius.
        """
        sigma, pilots = self.noise(subject), max(8, self.samples // 5)
        pilot = noisy_counts(subject, chosen.x, sigma, pilots, seed, lambda part: None)
        counts = noisy_counts(subject, chosen.x, sigma, self.samples, seed + 1, report)
        top: Counts = pilot.argmax(1)
        return top, radius(_of(counts, top), self.samples, sigma, self.alpha)

    def _caveats(self) -> tuple[str, ...]:
        return (
            "The guarantee is for the model behind Gaussian noise and a majority vote over many "
            "noisy copies; the delivered model alone has none.",
            f"It is about Euclidean length only, and wrong for one input with probability "
            f"{self.alpha:g} at most.",
        )


def default_sigma(shape: tuple[int, ...]) -> float:
    """Noise whose length is that of ``PIXEL`` on a usual picture."""
    grey = shape[1:] if len(shape) == 3 else shape
    return round(PIXEL * sqrt(USUAL / max(1, prod(grey))), 4)


def _of(counts: Counts, top: Counts) -> Counts:
    taken: Counts = counts[np.arange(len(top)), top]
    return taken


def _row(kept: np.ndarray[tuple[int], np.dtype[np.bool_]], reach: float) -> JsonRow:
    measured = share(int(kept.sum()), len(kept))
    return {
        "norm": "l2",
        "epsilon": round(reach, 4),
        "certified": int(kept.sum()),
        "accuracy": measured.value,
        "low": measured.low,
        "high": measured.high,
    }
