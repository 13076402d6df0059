"""``influence.training``: which training samples taught the model what the scan found?

Purpose: trace a reconstructed trigger back to training samples; cut the ranking at a stated rate
of false verdicts; check it by removal; look for a second population in each class without a query.
Sources: see ``auditor.methods.influence``: layer-wise GAS beyond what clean inputs explain
(Hammoudeh & Lowd 2022), conformal cut, removal against random removal, SCAn (Tang et al. 2021).
Limits: without training data nothing is said about poisons. Without checkpoints the delivered
weights alone are traced, which is weaker. Samples named are suspects, not proof of intent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from auditor.core.finding import Exhibit, JsonRow, Measure, Result
from auditor.core.probe import Arrays, Context, Probe, probe
from auditor.methods.influence import Cut, cut, residual_gas
from auditor.methods.influence.features import features
from auditor.methods.influence.forensics import listing, sources, weighted
from auditor.methods.influence.null import Material, null_questions, question
from auditor.methods.influence.removal import Recipe, Removal, kept_index, remove
from auditor.methods.influence.representation import TWO_POPULATIONS, scan
from auditor.methods.influence.store import Check
from auditor.methods.pictures import picture

if TYPE_CHECKING:
    from torch import nn

    from auditor.core.subject import CleanSet, Subject, TrainingSet

SOURCE = "trigger.reconstruction"
FEWEST = 8
ASKED = 24
LISTED = 200
Measures = dict[str, Measure | float | bool]


@dataclass(frozen=True)
class Trigger:
    """The witness of the scan: clean inputs, the same with the trigger, and the target."""

    clean: Tensor
    triggered: Tensor
    target: int


@dataclass(frozen=True)
class Inquiry:
    """Everything that one trace is about."""

    subject: Subject
    clean: CleanSet
    training: TrainingSet
    trigger: Trigger
    context: Context


@probe
@dataclass(frozen=True)
class TrainingInfluence(Probe):
    """Traces findings of the same audit to training samples.

    Args:
        null: null queries behind the verdict; 19 allow a false-verdict rate of .05.
        false_share: largest expected share of honest samples among the accused.
        unverified_weight: factor on the scores of rows without verified provenance; 0 leaves
            them out of the ranking.
        draws: random removals that the removal of the accused is compared with.
        shown: pictures shown.
    """

    id = "influence.training"
    title = "Training samples behind the behaviour"
    needs = ("gradients", "labels", "training")
    uses = (SOURCE,)
    measures: ClassVar[Mapping[str, str]] = {
        "training_data_available": "whether the training data could be seen",
        "samples": "training samples ranked",
        "checkpoints": "checkpoints traced, the delivered weights included",
        "provenance_known": "whether a provenance manifest was given",
        "unverified_rows": "rows without verified provenance",
        "traced": "whether a reconstructed trigger was traced",
        "trace_p_value": "chance of such a trace without poison, against searched null triggers",
        "accused": "training samples accused by the trace",
        "expected_false": "expected share of honest samples among the accused",
        "suspicious_share": "share of training samples accused, or in a second population",
        "cluster_purity": "share of the accused that carry the trigger's target class",
        "linked_to_trigger": "whether the accused explain the trigger and removal does not refute",
        "removal_ran": "whether the accused were removed to see what changes",
        "removal_retrained": "whether a recipe allowed training again (else unlearning)",
        "removal_confirmed": "whether most of the trigger's success went with the accused alone",
        "success_before": "share of triggered inputs that reach the target",
        "success_after": "the same without the accused",
        "success_after_random": "the same without as many others, mean over draws",
        "accuracy_before": "clean accuracy",
        "accuracy_after": "clean accuracy without the accused",
        "two_population_classes": "classes that hold a second population in the model's features",
    }
    cites = ("Hammoudeh & Lowd 2022", "Pruthi et al. 2020", "Tang et al. 2021", "Vovk et al. 2005")

    null: int = 19
    false_share: float = 0.1
    unverified_weight: float = 0.5
    draws: int = 2
    shown: int = 12

    def run(self, subject: Subject, clean: CleanSet, context: Context) -> Result:
        """Provenance, populations, then the trace of the trigger."""
        training = context.training
        if training is None:
            said = "The training data were not supplied: poisoned samples were not assessed."
            return Result({"training_data_available": False}, caveats=(said,))
        measures, tables = _identity(training), _unverified(training)
        tables["classes"] = _populations(subject, clean, training)
        flagged = [row for row in tables["classes"] if row["statistic"] > TWO_POPULATIONS]
        suspects = sum(int(row["smaller_group"]) for row in flagged)
        trigger = _trigger(subject, context.arrays)
        measures |= {
            "two_population_classes": _count(len(flagged)),
            "suspicious_share": suspects / len(training.data),
            "linked_to_trigger": False,
            "traced": trigger is not None,
        }
        if trigger is None:
            return Result(measures, tables, caveats=_said(training))
        inquiry = Inquiry(subject, clean, training, trigger, context)
        verdict = self._verdict(inquiry)
        measures |= {
            "trace_p_value": verdict.p_value,
            "accused": _count(len(verdict.accused)),
        }
        if len(verdict.accused):
            measures |= self._judged(inquiry, verdict)
        ranked = verdict.scores.argsort(descending=True)
        order = verdict.accused if len(verdict.accused) else ranked
        tables["ranking"] = listing(training, order, LISTED, verdict.scores)
        pictures = self._pictures(subject, training, order)
        exhibits = (*pictures, _cleaned(training, verdict))
        return Result(measures, tables, exhibits, _said(training) + self._limits(verdict))

    def _verdict(self, inquiry: Inquiry) -> Cut:
        trigger, context = inquiry.trigger, inquiry.context
        material = Material(inquiry.subject.network, inquiry.clean, inquiry.subject.classes)
        generator = torch.Generator().manual_seed(context.seed)
        asked = question(material, trigger.triggered[:ASKED], trigger.target, generator)
        change = trigger.triggered - trigger.clean
        null = null_questions(
            material, change, trigger.target, self.null, context.seed, _part(context, 0.1, 0.3)
        )
        found = residual_gas(
            sources(inquiry.subject, inquiry.training), [asked, *null], _part(context, 0.4, 0.4)
        )
        scores = weighted(found, inquiry.training, self.unverified_weight)
        return cut(scores[:, 0], scores[:, 1:], false_share=self.false_share)

    def _judged(self, inquiry: Inquiry, verdict: Cut) -> Measures:
        accused, data = verdict.accused, inquiry.training.data
        labelled = (data.y[accused] == inquiry.trigger.target).float().mean()
        removal = self._removed(inquiry, accused)
        found: Measures = {
            "expected_false": verdict.false_share,
            "suspicious_share": len(accused) / len(data),
            "cluster_purity": float(labelled),
            "removal_ran": removal is not None,
            "linked_to_trigger": removal is None or removal.confirmed,
        }
        if removal is None:
            return found
        return found | {
            "removal_retrained": removal.retrained,
            "removal_confirmed": removal.confirmed,
            "success_before": removal.before[0],
            "success_after": removal.after[0],
            "success_after_random": removal.success_without_random,
            "accuracy_before": removal.before[1],
            "accuracy_after": removal.after[1],
        }

    def _removed(self, inquiry: Inquiry, accused: Tensor) -> Removal | None:
        """None where the delivered network cannot be copied and trained."""
        trigger, clean, given = inquiry.trigger, inquiry.clean, inquiry.training.recipe

        def measure(network: nn.Module) -> tuple[float, float]:
            with torch.no_grad():
                hit = network(trigger.triggered).argmax(1) == trigger.target
                right = network(clean.x).argmax(1) == clean.y
            return float(hit.float().mean()), float(right.float().mean())

        try:
            return remove(
                inquiry.subject.network, inquiry.training.data, accused, measure,
                Recipe.of(given) if given else None, self.draws, inquiry.context.seed,
                _part(inquiry.context, 0.8, 0.2),
            )  # fmt: skip
        except (RuntimeError, ValueError, TypeError, NotImplementedError):
            return None

    def _pictures(
        self, subject: Subject, training: TrainingSet, order: Tensor
    ) -> tuple[Exhibit, ...]:
        if training.data.x.dim() != 4:
            return ()
        label = subject.spec.label
        return tuple(
            Exhibit(
                f"sample_{number}",
                picture(training.data.x[i]),
                caption=f"Training sample {i}, labelled {label(int(training.data.y[i]))}.",
            )
            for number, i in enumerate(order[: self.shown].tolist())
        )

    def _limits(self, verdict: Cut) -> tuple[str, ...]:
        rate = f"1 in {self.null + 1}"
        if not len(verdict.accused):
            return (
                f"The ranking accuses nobody: null triggers look alike (p = {verdict.p_value:.2f}, "
                f"verdicts are false at most {rate} times).",
            )
        return (
            f"Verdicts are false at most {rate} times, if searched null triggers stand for the "
            f"trigger; about {verdict.false_share:.0%} of the accused are expected to be honest.",
        )


def _count(value: int) -> Measure:
    return Measure(value=value, unit="count")


def _part(context: Context, start: float, width: float) -> Check:
    return lambda share, note: context.check(start + width * share, note)


def _identity(training: TrainingSet) -> Measures:
    unverified = training.unverified
    found: Measures = {
        "training_data_available": True,
        "samples": _count(len(training.data)),
        "checkpoints": _count(len(training.checkpoints) + 1),
        "provenance_known": unverified is not None,
    }
    return found if unverified is None else found | {"unverified_rows": _count(len(unverified))}


def _unverified(training: TrainingSet) -> dict[str, list[JsonRow]]:
    rows = [] if training.unverified is None else training.unverified[:LISTED].tolist()
    listed: list[JsonRow] = [{"index": i, "label": int(training.data.y[i])} for i in rows]
    doubts: list[JsonRow] = [{"doubt": doubt} for doubt in training.doubts[:LISTED]]
    named = {"unverified": listed, "provenance": doubts}
    return {name: table for name, table in named.items() if table}


def _trigger(subject: Subject, arrays: Arrays) -> Trigger | None:
    """The scan's witness, on inputs that are not of the target class; None without one."""
    names = [f"{SOURCE}/{name}" for name in ("clean_inputs", "triggered_inputs", "target")]
    if any(name not in arrays for name in names):
        return None
    clean, triggered = (torch.tensor(arrays[name]).float() for name in names[:2])
    target = int(arrays[names[2]].reshape(-1)[0])
    other = subject.predict(clean) != target
    found = Trigger(clean[other], triggered[other], target)
    return found if len(found.clean) >= FEWEST else None


def _cleaned(training: TrainingSet, verdict: Cut) -> Exhibit:
    kept = kept_index(len(training.data), verdict.accused).numpy()
    caption = "Indices of the training samples that remain without the accused."
    return Exhibit("cleaned_index", kept, "array", caption)


def _populations(subject: Subject, clean: CleanSet, training: TrainingSet) -> list[JsonRow]:
    data = training.data
    tested = scan(
        features(subject.network, data.x), data.y, features(subject.network, clean.x), clean.y
    )
    return [
        {
            "class": k,
            "label": subject.spec.label(k),
            "n": int((data.y == k).sum()),
            "statistic": round(groups.statistic, 3),
            "smaller_group": len(groups.members),
        }
        for k, groups in tested.items()
    ]


def _said(training: TrainingSet) -> tuple[str, ...]:
    stated = (
        (training.unverified is None, "No provenance manifest was given: provenance not assessed."),
        (not training.checkpoints, "No checkpoints were given: the delivered weights were traced."),
    )
    return tuple(sentence for holds, sentence in stated if holds)
