"""Accuracy under gradient attacks, and whether that figure can be believed.

Purpose: how much accuracy an attacker with the weights leaves at a budget fixed in the plan.
Sources: Madry et al. 2018 (PGD); Carlini et al. 2019 and Croce & Hein 2020 (doubting the result).
Limits: an upper bound on robustness: a stronger attack may leave less.

Reference radii (canonical inputs in [0, 1]): l-inf 8/255 for colour images up to 64 pixels a side
and 4/255 above, as RobustBench uses for CIFAR-10 and ImageNet; 0.1 for grey images, usual for
Fashion-MNIST; 0.05 for tables. The l2 radius keeps RobustBench's ratio for CIFAR-10, 0.5 beside
8/255, scaled by the square root of the number of values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import Exhibit, JsonRow, Measure, Result
from auditor.core.probe import Context, Probe, probe
from auditor.methods.intervals import share
from auditor.methods.masking import masking_checks
from auditor.methods.pgd import Broken, Budget, Norm, pgd
from auditor.methods.pictures import picture
from auditor.methods.sampling import subset
from auditor.methods.swift import swift

if TYPE_CHECKING:
    from auditor.core.spec import InputSpec
    from auditor.core.subject import CleanSet, Subject

L2_RATIO = 0.5 / (8 / 255 * sqrt(3 * 32 * 32))


@probe
@dataclass(frozen=True)
class Evasion(Probe):
    """Projected gradient descent over several radii, with masking checks.

    Args:
        linf: l-inf reference radius; None takes the one for the kind of input.
        inputs: most inputs that are attacked.
        steps: gradient steps of each attempt.
        restarts: attempts at the reference radius; other radii get one.
        factors: radii of the curve as multiples of the reference, ascending, 1 among them.
    """

    id = "evasion.whitebox"
    title = "Crafted inputs, attacker sees the model"
    needs = ("gradients", "labels")
    measures: ClassVar[Mapping[str, str]] = {
        "ran": "whether inputs were attacked",
        "clean_accuracy": "accuracy on the attacked inputs before the attack",
        "robust_accuracy": "accuracy left at the l-inf reference radius",
        "attack_success": "share of correctly predicted inputs broken at that radius",
        "epsilon": "l-inf reference radius, canonical units",
        "masking_suspected": "whether a symptom of hidden gradients was seen",
        "zero_gradient_share": "correctly predicted inputs without any gradient",
    }
    cites = ("Madry et al. 2018", "Carlini et al. 2019", "Croce & Hein 2020")

    linf: float | None = None
    inputs: int = 100
    steps: int = 12
    restarts: int = 2
    factors: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Attack in both norms, then doubt the l-inf result."""
        subject = swift(subject, clean.x)
        sample = subset(clean, self.inputs, context.seed)
        generator = torch.Generator().manual_seed(context.seed)
        epsilon = self.linf if self.linf is not None else reference_radius(subject.spec)
        l2 = L2_RATIO * epsilon * sqrt(sample.x[0].numel())
        right = subject.predict(sample.x) == sample.y
        rows, attacked = self._curve(
            subject, sample, "linf", epsilon, generator, lambda: context.check(0.2, "l-inf attack")
        )
        l2_rows, _ = self._curve(
            subject, sample, "l2", l2, generator, lambda: context.check(0.5, "l2 attack")
        )
        masking = masking_checks(
            subject,
            sample.x,
            sample.y,
            attacked.broken,
            Budget("linf", epsilon, self.steps, self.restarts),
            generator,
            lambda: context.check(0.8, "masking checks"),
        )
        symptoms = masking.symptoms()
        measures = _measures(right, attacked.broken, epsilon)
        measures["masking_suspected"] = bool(symptoms)
        measures["zero_gradient_share"] = masking.zero_gradient
        return Result(
            measures=measures,
            tables={"curve": rows + l2_rows},
            exhibits=_exhibits(sample, right, attacked, epsilon),
            caveats=tuple(f"Gradient masking suspected: {symptom}." for symptom in symptoms),
        )

    def _curve(
        self,
        subject: Subject,
        sample: CleanSet,
        norm: Norm,
        reference: float,
        generator: torch.Generator,
        check: Callable[[], None],
    ) -> tuple[list[JsonRow], Broken]:
        """Rows by rising radius, and the outcome at the reference radius.

        An input broken at one radius is broken at every larger one, so only the others go on.
        """
        broken = subject.predict(sample.x) != sample.y
        examples, at_reference = sample.x.clone(), None
        rows = [_row(norm, 0.0, broken)]
        for factor in sorted({*self.factors, 1.0}):
            budget = Budget(
                norm, factor * reference, self.steps, self.restarts if factor == 1.0 else 1
            )
            left = (~broken).nonzero()[:, 0]
            found = pgd(subject, sample.x[left], sample.y[left], budget, generator, check)
            broken[left], examples[left] = found.broken, found.adversarial
            rows.append(_row(norm, budget.epsilon, broken))
            if factor == 1.0:
                at_reference = Broken(broken.clone(), examples.clone())
        assert at_reference is not None  # 1.0 is always among the factors
        return rows, at_reference


def reference_radius(spec: InputSpec) -> float:
    """The l-inf radius for this kind of input, in canonical units.

    >>> from auditor.core.spec import InputSpec
    >>> reference_radius(InputSpec(kind="image", shape=(1, 28, 28), classes=10))
    0.1
    """
    if spec.kind == "tabular":
        return 0.05
    if spec.shape[0] == 1:
        return 0.1
    return 8 / 255 if max(spec.shape[1:]) <= 64 else 4 / 255


def _row(norm: Norm, epsilon: float, broken: Tensor) -> JsonRow:
    left = share(int((~broken).sum()), len(broken))
    return {
        "norm": norm,
        "epsilon": epsilon,
        "accuracy": left.value,
        "low": left.low,
        "high": left.high,
    }


def _measures(right: Tensor, broken: Tensor, epsilon: float) -> dict[str, Measure | float | bool]:
    n, correct = len(right), int(right.sum())
    measures: dict[str, Measure | float | bool] = {
        "ran": True,
        "clean_accuracy": share(correct, n),
        "robust_accuracy": share(int((~broken).sum()), n),
        "epsilon": epsilon,
    }
    if correct:
        measures["attack_success"] = share(int((broken & right).sum()), correct)
    return measures


def _exhibits(
    sample: CleanSet, right: Tensor, attacked: Broken, epsilon: float
) -> tuple[Exhibit, ...]:
    """Clean, adversarial and difference for three broken images; none for tables."""
    if sample.x.dim() != 4:
        return ()
    shown = (right & attacked.broken).nonzero()[:3, 0].tolist()
    made: list[Exhibit] = []
    for number, i in enumerate(shown):
        change = (attacked.adversarial[i] - sample.x[i]).mean(0)
        made += [
            Exhibit(f"clean_{number}", picture(sample.x[i]), caption="Clean input."),
            Exhibit(
                f"adversarial_{number}",
                picture(attacked.adversarial[i]),
                caption=f"The same input, no value changed by more than {epsilon:.3g}, "
                "now wrongly predicted.",
            ),
            Exhibit(
                f"difference_{number}",
                change.numpy(),
                "heatmap",
                "What was added, mean over the channels.",
            ),
        ]
    return tuple(made)
